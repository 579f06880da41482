import { createHash } from 'node:crypto';
import type { CompiledMail } from '../rendering/index.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';

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
