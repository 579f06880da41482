import { sql } from 'kysely';
import type { DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { AddressKey } from '../shared/email-address.ts';
import type { NewsletterId, SignupRequestId, SubscriberId } from '../shared/ids.ts';
import type { SuppressionReason } from '../suppressions/index.ts';
import type { SignupVerdict } from './decide-signup.ts';

export interface UndecidedRequest {
  readonly id: SignupRequestId;
  readonly subscriberId: SubscriberId;
  readonly address: string;
  readonly addressKey: AddressKey;
  readonly newsletterIds: readonly NewsletterId[];
  /** The language that was chosen with the request. */
  readonly locale: string | null;
  readonly isFirst: boolean;
  /** An earlier request of the same person is just being decided elsewhere: this one comes after it. */
  readonly isBehind: boolean;
  readonly activeIds: readonly NewsletterId[];
  readonly leftIds: readonly NewsletterId[];
  readonly suppressions: readonly SuppressionReason[];
  readonly hasOpenConfirmation: boolean;
  readonly hasOlderUnconfirmed: boolean;
  readonly wasToldThisWeek: boolean;
}

/**
 * Locks undecided requests for this transaction; other workers pass them by. What the earlier requests of the same batch lead
 * to is not in these facts.
 */
export async function lockUndecidedRequests(tx: Tx, now: Date, limit: number): Promise<readonly UndecidedRequest[]> {
  const { rows } = await sql<UndecidedRequest>`
    with undecided as (
      select * from signup_requests
      where decided_at is null and status = 'open' and due_at <= ${now} and expires_at > ${now}
      order by due_at, id limit ${limit} for update skip locked
    )
    select r.id, r.subscriber_id as "subscriberId", s.address, s.address_key as "addressKey", r.newsletter_ids as "newsletterIds",
      coalesce(r.locale, s.locale) as locale,
      not exists (select 1 from signup_requests o where o.subscriber_id = r.subscriber_id and o.id < r.id) as "isFirst",
      exists (select 1 from signup_requests o where o.subscriber_id = r.subscriber_id and o.id < r.id and o.decided_at is null
        and o.status = 'open' and o.due_at <= ${now} and o.expires_at > ${now} and o.id not in (select id from undecided)) as "isBehind",
      array(select n.newsletter_id from subscriptions n where n.subscriber_id = r.subscriber_id
        and n.newsletter_id = any(r.newsletter_ids) and n.status = 'active') as "activeIds",
      array(select n.newsletter_id from subscriptions n where n.subscriber_id = r.subscriber_id
        and n.unsubscribed_at is not null and n.status <> 'active') as "leftIds",
      array(select x.reason from suppressions x where x.address_hash = s.address_hash and x.lifted_at is null) as suppressions,
      exists (select 1 from signup_requests o where o.subscriber_id = r.subscriber_id and o.decision = 'confirmation'
        and o.status = 'open' and o.expires_at > ${now} and o.decided_at > ${now}::timestamptz - interval '1 day')
        as "hasOpenConfirmation",
      exists (select 1 from signup_requests o where o.subscriber_id = r.subscriber_id and o.id < r.id
        and o.decided_at is not null and o.status <> 'confirmed' and o.decision in ('confirmation', 'waiting'))
        as "hasOlderUnconfirmed",
      exists (select 1 from signup_requests o where o.subscriber_id = r.subscriber_id and o.decided_at > ${now}::timestamptz - interval '7 days'
        and o.decision in ('already-subscribed', 'single')) as "wasToldThisWeek"
    from undecided r join subscribers s on s.id = r.subscriber_id
    order by r.id`.execute(tx);
  return rows;
}

/**
 * Writes a batch of decisions with what they make of subscriptions: pending where there was nothing or the reader had left, never
 * an active one. An earlier confirmation of who had left no longer counts, or "that was a mistake" would stand in for a new one.
 */
export async function writeDecisions(
  tx: Tx,
  verdicts: readonly (SignupVerdict & { readonly id: SignupRequestId })[],
  now: Date,
): Promise<void> {
  const wanted = verdicts.flatMap(({ id, grantedIds, pendingIds }) => [
    ...grantedIds.map((newsletterId) => ({ id, newsletterId, status: 'active' })),
    ...pendingIds.map((newsletterId) => ({ id, newsletterId, status: 'pending' })),
  ]);
  await sql`
    with decided as (
      update signup_requests r set decision = t.decision, decided_at = ${now},
        status = case t.decision when 'single' then 'confirmed' else r.status end,
        closed_at = case t.decision when 'single' then ${now}::timestamptz else r.closed_at end
      from unnest(${verdicts.map(({ id }) => id)}::bigint[], ${verdicts.map(({ decision }) => decision)}::text[]) as t(id, decision)
      where r.id = t.id
      returning r.id, r.subscriber_id
    )
    insert into subscriptions (subscriber_id, newsletter_id, status, requested_at, confirmed_at)
    select distinct on (d.subscriber_id, w.newsletter_id) d.subscriber_id, w.newsletter_id, w.status, ${now}::timestamptz,
      case w.status when 'active' then ${now}::timestamptz end
    from decided d join unnest(${wanted.map(({ id }) => id)}::bigint[], ${wanted.map(({ newsletterId }) => newsletterId)}::bigint[],
      ${wanted.map(({ status }) => status)}::text[]) as w(id, newsletter_id, status) on w.id = d.id
    order by d.subscriber_id, w.newsletter_id, w.status
    on conflict (newsletter_id, subscriber_id) do update set status = excluded.status, requested_at = excluded.requested_at,
      confirmed_at = excluded.confirmed_at
      where subscriptions.status = 'unsubscribed' and excluded.status = 'pending'
        or subscriptions.status = 'pending' and subscriptions.unsubscribed_at is null and excluded.status = 'active'`.execute(
    tx,
  );
}

/** How many confirmation mails were planned since then, for each list of hashes of one address under all keys. */
export async function countConfirmationMails(
  db: DbOrTx,
  addresses: readonly (readonly Buffer[])[],
  since: Date,
): Promise<readonly number[]> {
  const hashes = addresses.flatMap((ofOne, index) => ofOne.map((hash) => ({ index, hash })));
  const { rows } = await sql<{ index: number; count: number }>`
    select t.index, count(*) as count
    from unnest(${hashes.map(({ index }) => index)}::integer[], ${hashes.map(({ hash }) => hash)}::bytea[]) as t(index, hash)
    join confirmation_mails m on m.address_hash = t.hash and m.planned_at > ${since}
    group by t.index`.execute(db);
  const counts = new Map(rows.map(({ index, count }) => [index, count]));
  return addresses.map((_, index) => counts.get(index) ?? 0);
}

export async function insertConfirmationMails(tx: Tx, hashes: readonly Buffer[], now: Date): Promise<void> {
  if (hashes.length > 0) {
    await sql`
      insert into confirmation_mails (address_hash, planned_at)
      select hash, ${now}::timestamptz from unnest(${hashes}::bytea[]) as hash`.execute(tx);
  }
}

/** A cause for a mail that no row of its own asked for. */
export async function nextCauseId(tx: Tx): Promise<number> {
  const { rows } = await sql<{ id: number }>`select nextval('cause_ids') as id`.execute(tx);
  const [row] = rows;
  if (row === undefined) {
    throw new Error('a sequence without a value');
  }
  return row.id;
}
