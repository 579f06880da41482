import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { CompiledMail } from '../rendering/index.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { DeliveryId } from '../shared/ids.ts';
import type { DeliveryState } from './delivery.ts';

/** The part of the mail that is the same for every reader of a variant, frozen so that a retry is byte-identical. */
export interface MailHead {
  readonly fromName: string;
  readonly fromAddress: string;
  readonly replyTo: string | null;
  /** Present on list mail (R4): the newsletter's name and slug. */
  readonly list: { readonly name: string; readonly slug: string } | null;
  readonly archiveUrl: string | null;
}

export interface StoredMail {
  readonly head: MailHead;
  readonly compiled: CompiledMail;
}

/** Stores a variant once by its content; the same content gives the same id. */
export async function storeCompiledMail(db: DbOrTx, mail: StoredMail, now: Date): Promise<number> {
  const json = JSON.stringify(mail);
  const hash = createHash('sha256').update(json).digest();
  const found = await db.selectFrom('compiled_mails').select('id').where('hash', '=', hash).executeTakeFirst();
  if (found !== undefined) {
    return found.id;
  }
  const stored = await db
    .insertInto('compiled_mails')
    .values({ hash, template: mail.compiled.template, mail: json, created_at: now })
    .onConflict((conflict) => conflict.column('hash').doUpdateSet((eb) => ({ template: eb.ref('excluded.template') })))
    .returning('id')
    .executeTakeFirstOrThrow();
  return stored.id;
}

export async function loadCompiledMail(db: DbOrTx, id: number): Promise<StoredMail> {
  const row = await db.selectFrom('compiled_mails').select('mail').where('id', '=', id).executeTakeFirstOrThrow();
  return row.mail as unknown as StoredMail;
}

/** A settled delivery and the mail it stands for, without the mail's body. */
export interface SettledMail {
  readonly id: DeliveryId;
  readonly keyId: number;
  readonly state: DeliveryState;
  readonly reason: string | null;
  readonly attempt: number;
  readonly replyCode: number | null;
  readonly enhancedCode: string | null;
  readonly template: string;
  /** SHA-256 of the compiled mail in hex. */
  readonly mailHash: string;
  readonly fromAddress: string;
}

/** Opens each compiled mail once, however many of the deliveries it serves. */
export async function readSettledMails(db: DbOrTx, ids: readonly DeliveryId[]): Promise<readonly SettledMail[]> {
  const { rows } = await sql<SettledMail>`
    with settled as (select * from deliveries where id = any(${ids}::bigint[])),
    mails as materialized (
      select id, template, encode(hash, 'hex') as hash, mail -> 'head' ->> 'fromAddress' as from_address
      from compiled_mails where id in (select compiled_mail_id from settled)
    )
    select d.id, d.key_id as "keyId", d.state, d.reason, d.attempt, d.reply_code as "replyCode", d.enhanced_code as "enhancedCode",
      m.template, m.hash as "mailHash", m.from_address as "fromAddress"
    from settled d join mails m on m.id = d.compiled_mail_id order by d.id`.execute(db);
  return rows;
}
