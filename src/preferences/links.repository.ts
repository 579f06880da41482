import { sql } from 'kysely';
import type { Db, DbOrTx, Tx } from '../platform/postgres/index.ts';
import { countUses } from '../signup-guard/index.ts';
import type { LimitUse } from '../signup-guard/index.ts';
import type { AddressKey } from '../shared/email-address.ts';
import type { NewsletterId, SubscriberId } from '../shared/ids.ts';

/**
 * Asks for a link: one statement, and one row written, whether anybody has this address or not (S23). It counts against the limits
 * of sign-ups; over one of them it writes none and tells from when it works again.
 */
export async function requestLinkByAddress(
  db: Db,
  request: { readonly key: AddressKey; readonly uses: readonly LimitUse[]; readonly now: Date },
): Promise<{ readonly retryAt: Date | undefined }> {
  const { rows } = await sql<{ retryAt: Date }>`
    with ${countUses([request.uses], request.now)},
    refused as (select retry_at from limit_verdict where refused_by is not null),
    request as (
      insert into preference_links (subscriber_id, requested_at)
      select (select id from subscribers where address_key = ${request.key}), ${request.now}
      where not exists (select 1 from refused)
    )
    select retry_at as "retryAt" from refused`.execute(db);
  return { retryAt: rows[0]?.retryAt };
}

/** The same for whoever holds a link of one of their mails. */
export async function requestLinkOf(db: Db, subscriberId: SubscriberId, now: Date): Promise<void> {
  await sql`insert into preference_links (subscriber_id, requested_at)
    select id, ${now}::timestamptz from subscribers where id = ${subscriberId}`.execute(db);
}

export interface UndecidedLink {
  readonly id: number;
  readonly subscriberId: SubscriberId | null;
  readonly address: string | null;
  readonly locale: string | null;
  /** In whose name the mail is written: one they read, or once read. */
  readonly newsletterId: NewsletterId | null;
  /** Somebody who never confirmed is mailed nothing but confirmations (R38). */
  readonly hasEverConsented: boolean;
  readonly mailedToday: number;
  /** A link that was mailed in the last minutes waits to be used. */
  readonly isRepeat: boolean;
}

/** One worker at a time decides what is mailed, so that limits hold. */
export async function lockDecisions(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('courant/preference-mails'))`.execute(tx);
}

export async function listUndecidedLinks(
  tx: Tx,
  { now, repeatSince, limit }: { readonly now: Date; readonly repeatSince: Date; readonly limit: number },
): Promise<readonly UndecidedLink[]> {
  const { rows } = await sql<UndecidedLink>`
    select l.id, s.id as "subscriberId", s.address, s.locale,
      (select n.newsletter_id from subscriptions n where n.subscriber_id = s.id
        order by n.status = 'active' desc, n.id limit 1) as "newsletterId",
      exists (select 1 from consent_records r where r.subscriber_id = s.id and r.action in ('granted', 'renewed')) as "hasEverConsented",
      (select count(*) from preference_links o where o.subscriber_id = s.id and o.expires_at is not null
        and o.decided_at > ${now}::timestamptz - interval '1 day') as "mailedToday",
      exists (select 1 from preference_links o where o.subscriber_id = s.id and o.used_at is null
        and o.expires_at > ${now} and o.decided_at > ${repeatSince}) as "isRepeat"
    from preference_links l left join subscribers s on s.id = l.subscriber_id
    where l.decided_at is null order by l.id limit ${limit}`.execute(tx);
  return rows;
}

/** `expiresAt` null: nothing is mailed. */
export async function decideLink(
  tx: Tx,
  id: number,
  decision: { readonly now: Date; readonly expiresAt: Date | null },
): Promise<void> {
  await tx
    .updateTable('preference_links')
    .set({ decided_at: decision.now, expires_at: decision.expiresAt })
    .where('id', '=', id)
    .execute();
}

export interface PreferenceLink {
  readonly subscriberId: SubscriberId;
  readonly address: string;
  readonly locale: string | null;
  readonly expiresAt: Date | null;
  readonly usedAt: Date | null;
  readonly sessionHash: Buffer | null;
}

export async function findLink(db: DbOrTx, id: number): Promise<PreferenceLink | undefined> {
  return db
    .selectFrom('preference_links as l')
    .innerJoin('subscribers as s', 's.id', 'l.subscriber_id')
    .select([
      's.id as subscriberId',
      's.address',
      's.locale',
      'l.expires_at as expiresAt',
      'l.used_at as usedAt',
      'l.session_hash as sessionHash',
    ])
    .where('l.id', '=', id)
    .executeTakeFirst();
}

/** Uses a link up and begins the visit; false when somebody was faster, or it is over. */
export async function useLink(
  db: DbOrTx,
  id: number,
  visit: { readonly hash: Buffer; readonly now: Date; readonly endsAt: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('preference_links')
    .set({ used_at: visit.now, session_hash: visit.hash, session_expires_at: visit.endsAt })
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .where('expires_at', '>', visit.now)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Whose visit it is, while it lasts. */
export async function findVisitor(db: DbOrTx, hash: Buffer, now: Date): Promise<SubscriberId | undefined> {
  const row = await db
    .selectFrom('preference_links')
    .select('subscriber_id')
    .where('session_hash', '=', hash)
    .where('session_expires_at', '>', now)
    .executeTakeFirst();
  return row?.subscriber_id ?? undefined;
}

export async function endVisit(db: DbOrTx, hash: Buffer, now: Date): Promise<void> {
  await db
    .updateTable('preference_links')
    .set({ session_expires_at: now })
    .where('session_hash', '=', hash)
    .where('session_expires_at', '>', now)
    .execute();
}

/** Ends every visit and every link of somebody: what proved the address of the time proves it no longer. */
export async function endVisitsOf(tx: Tx, subscriberId: SubscriberId, now: Date): Promise<void> {
  await sql`update preference_links set expires_at = least(expires_at, ${now}), session_expires_at = least(session_expires_at, ${now})
    where subscriber_id = ${subscriberId} and decided_at is not null`.execute(tx);
}
