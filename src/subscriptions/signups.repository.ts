import { sql } from 'kysely';
import type { Db, DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { NewsletterId, SignupRequestId, SubscriberId } from '../shared/ids.ts';

export interface UndecidedRequest {
  readonly id: SignupRequestId;
  readonly subscriberId: SubscriberId;
  readonly address: string;
  readonly newsletterIds: readonly NewsletterId[];
  readonly activeIds: readonly NewsletterId[];
  /** A manual or complaint suppression is open: nothing may be mailed. */
  readonly isShut: boolean;
  /** A confirmation for the same newsletters was decided in the last minutes: a double click. */
  readonly isRepeat: boolean;
  /** With the earlier requests that wait like this one: a burst must not pass as one. */
  readonly confirmationsToday: number;
  /** Or will be by an earlier request that waits like this one: a double click. */
  readonly wasToldThisWeek: boolean;
}

/** Locks undecided requests for this transaction; other workers pass them by. */
export async function lockUndecidedRequests(tx: Tx, now: Date, limit: number): Promise<readonly UndecidedRequest[]> {
  const { rows } = await sql<UndecidedRequest>`
    with undecided as (
      select * from signup_requests where decided_at is null order by id limit ${limit} for update skip locked
    )
    select r.id, r.subscriber_id as "subscriberId", s.address, r.newsletter_ids as "newsletterIds",
      array(select n.newsletter_id from subscriptions n
        where n.subscriber_id = r.subscriber_id and n.newsletter_id = any(r.newsletter_ids) and n.status = 'active') as "activeIds",
      exists (select 1 from suppressions x where x.address_hash = s.address_hash and x.lifted_at is null
        and x.reason in ('manual', 'complaint')) as "isShut",
      exists (select 1 from signup_requests o where o.subscriber_id = r.subscriber_id and o.id < r.id and o.status = 'open'
        and (o.decision = 'confirmation' or o.decided_at is null) and o.newsletter_ids @> r.newsletter_ids
        and o.requested_at > r.requested_at - interval '2 minutes') as "isRepeat",
      (select count(*) from signup_requests o where o.subscriber_id = r.subscriber_id
        and (o.decision = 'confirmation' and o.decided_at > ${now}::timestamptz - interval '1 day'
          or o.decided_at is null and o.id < r.id)) as "confirmationsToday",
      exists (select 1 from signup_requests o where o.subscriber_id = r.subscriber_id
        and (o.decision = 'already-subscribed' and o.decided_at > ${now}::timestamptz - interval '7 days'
          or o.decided_at is null and o.id < r.id and o.newsletter_ids @> r.newsletter_ids)) as "wasToldThisWeek"
    from undecided r join subscribers s on s.id = r.subscriber_id
    order by r.id`.execute(tx);
  return rows;
}

export type SignupDecision = 'confirmation' | 'already-subscribed' | 'nothing';

/**
 * Writes a batch of decisions. A confirmation makes subscriptions pending where there was nothing or the reader had left, and
 * never touches an active one; an earlier confirmation no longer counts, or "that was a mistake" would stand in for a new one.
 */
export async function writeDecisions(
  tx: Tx,
  decisions: readonly { readonly id: SignupRequestId; readonly decision: SignupDecision }[],
  now: Date,
): Promise<void> {
  await sql`
    with decided as (
      update signup_requests r set decision = t.decision, decided_at = ${now}
      from unnest(${decisions.map(({ id }) => id)}::bigint[], ${decisions.map(({ decision }) => decision)}::text[]) as t(id, decision)
      where r.id = t.id
      returning r.subscriber_id, r.newsletter_ids, r.decision
    )
    insert into subscriptions (subscriber_id, newsletter_id, status, requested_at)
    select distinct d.subscriber_id, n, 'pending', ${now}::timestamptz
    from decided d cross join lateral unnest(d.newsletter_ids) as n where d.decision = 'confirmation'
    on conflict (newsletter_id, subscriber_id) do update set status = 'pending', requested_at = excluded.requested_at,
      confirmed_at = null where subscriptions.status = 'unsubscribed'`.execute(tx);
}

export interface SignupRequestState {
  readonly id: SignupRequestId;
  readonly subscriberId: SubscriberId;
  readonly address: string;
  readonly status: 'open' | 'confirmed' | 'refused' | 'expired';
  readonly newsletterIds: readonly NewsletterId[];
  readonly requestedAt: Date;
  readonly expiresAt: Date;
  readonly closedAt: Date | null;
}

export async function findRequest(db: DbOrTx, id: number): Promise<SignupRequestState | undefined> {
  const { rows } = await sql<SignupRequestState>`
    select r.id, r.subscriber_id as "subscriberId", s.address, r.status, r.newsletter_ids as "newsletterIds",
      r.requested_at as "requestedAt", r.expires_at as "expiresAt", r.closed_at as "closedAt"
    from signup_requests r join subscribers s on s.id = r.subscriber_id where r.id = ${id}`.execute(db);
  return rows[0];
}

/** Closes an open request; undefined when it was closed before, or is over: then it can only be refused. */
export async function closeRequest(
  tx: Tx,
  id: number,
  status: 'confirmed' | 'refused',
  now: Date,
): Promise<SignupRequestState | undefined> {
  const { rows } = await sql<SignupRequestState>`
    update signup_requests r set status = ${status}, closed_at = ${now}
    from subscribers s
    where r.id = ${id} and s.id = r.subscriber_id
      and (r.status = 'open' and r.expires_at > ${now} or ${status} = 'refused' and r.status in ('open', 'expired'))
    returning r.id, r.subscriber_id as "subscriberId", s.address, r.status, r.newsletter_ids as "newsletterIds",
      r.requested_at as "requestedAt", r.expires_at as "expiresAt", r.closed_at as "closedAt"`.execute(tx);
  return rows[0];
}

/** What the owner of the address entered becomes theirs now. Only what was given. */
export async function adoptRequestDetails(tx: Tx, id: SignupRequestId): Promise<void> {
  await sql`
    update subscribers s set name = coalesce(r.name, s.name), locale = coalesce(r.locale, s.locale),
      time_zone = coalesce(r.time_zone, s.time_zone)
    from signup_requests r where r.id = ${id} and s.id = r.subscriber_id`.execute(tx);
}

export interface UnwelcomedRequest {
  readonly id: SignupRequestId;
  readonly subscriberId: SubscriberId;
  readonly address: string;
  readonly newsletterIds: readonly NewsletterId[];
}

export async function lockUnwelcomedRequests(tx: Tx, limit: number): Promise<readonly UnwelcomedRequest[]> {
  const { rows } = await sql<UnwelcomedRequest>`
    with unwelcomed as (
      select * from signup_requests where status = 'confirmed' and welcomed_at is null order by id limit ${limit}
      for update skip locked
    )
    select r.id, r.subscriber_id as "subscriberId", s.address, r.newsletter_ids as "newsletterIds"
    from unwelcomed r join subscribers s on s.id = r.subscriber_id order by r.id`.execute(tx);
  return rows;
}

export async function markWelcomed(tx: Tx, ids: readonly SignupRequestId[], now: Date): Promise<void> {
  await sql`update signup_requests set welcomed_at = ${now} where id = any(${ids})`.execute(tx);
}

/** Work that rows say is waiting; for the sweep. */
export async function hasWaitingSignups(db: Db): Promise<boolean> {
  const { rows } = await sql<{ waiting: boolean }>`
    select exists (select 1 from signup_requests where decided_at is null)
      or exists (select 1 from signup_requests where status = 'confirmed' and welcomed_at is null) as waiting`.execute(
    db,
  );
  return rows[0]?.waiting ?? false;
}

/** Marks requests whose link is over. Their data is deleted by retention. */
export async function expireRequests(db: Db, now: Date): Promise<void> {
  await db
    .updateTable('signup_requests')
    .set({ status: 'expired', closed_at: now })
    .where('status', '=', 'open')
    .where('expires_at', '<=', now)
    .execute();
}
