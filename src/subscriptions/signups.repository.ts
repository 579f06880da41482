import { sql } from 'kysely';
import type { Db, DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { NewsletterId, SignupRequestId, SubscriberId } from '../shared/ids.ts';

export interface SignupRequestState {
  readonly id: SignupRequestId;
  readonly subscriberId: SubscriberId;
  readonly address: string;
  readonly name: string | null;
  /** The language that was chosen with the request. */
  readonly locale: string | null;
  readonly timeZone: string | null;
  readonly status: 'open' | 'confirmed' | 'refused' | 'expired';
  readonly newsletterIds: readonly NewsletterId[];
  readonly requestedAt: Date;
  readonly expiresAt: Date;
  readonly closedAt: Date | null;
}

const STATE = sql`r.id, r.subscriber_id as "subscriberId", s.address, r.name, r.locale, r.time_zone as "timeZone", r.status,
  r.newsletter_ids as "newsletterIds", r.requested_at as "requestedAt", r.expires_at as "expiresAt", r.closed_at as "closedAt"`;

export async function findRequest(db: DbOrTx, id: number): Promise<SignupRequestState | undefined> {
  const { rows } = await sql<SignupRequestState>`
    select ${STATE} from signup_requests r join subscribers s on s.id = r.subscriber_id where r.id = ${id}`.execute(db);
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
    returning ${STATE}`.execute(tx);
  return rows[0];
}

/** What the owner of the address entered becomes theirs now. Only what was given. */
export async function adoptRequestDetails(tx: Tx, ids: readonly SignupRequestId[]): Promise<void> {
  await sql`
    update subscribers s set name = coalesce(r.name, s.name), locale = coalesce(r.locale, s.locale),
      time_zone = coalesce(r.time_zone, s.time_zone)
    from signup_requests r where r.id = any(${ids}::bigint[]) and s.id = r.subscriber_id`.execute(tx);
}

export interface UnwelcomedRequest {
  readonly id: SignupRequestId;
  readonly subscriberId: SubscriberId;
  readonly address: string;
  readonly locale: string | null;
  readonly newsletterIds: readonly NewsletterId[];
}

export async function lockUnwelcomedRequests(tx: Tx, now: Date, limit: number): Promise<readonly UnwelcomedRequest[]> {
  const { rows } = await sql<UnwelcomedRequest>`
    with unwelcomed as (
      select * from signup_requests where status = 'confirmed' and welcomed_at is null and due_at <= ${now}
      order by id limit ${limit} for update skip locked
    )
    select r.id, r.subscriber_id as "subscriberId", s.address, coalesce(r.locale, s.locale) as locale, r.newsletter_ids as "newsletterIds"
    from unwelcomed r join subscribers s on s.id = r.subscriber_id order by r.id`.execute(tx);
  return rows;
}

export async function markWelcomed(tx: Tx, ids: readonly SignupRequestId[], now: Date): Promise<void> {
  await sql`update signup_requests set welcomed_at = ${now} where id = any(${ids})`.execute(tx);
}

/** Looks at these again after `until`: their mail could not be made. */
export async function postponeRequests(tx: Tx, ids: readonly SignupRequestId[], until: Date): Promise<void> {
  if (ids.length > 0) {
    await sql`update signup_requests set due_at = ${until} where id = any(${ids}::bigint[])`.execute(tx);
  }
}

/** Work that rows say is waiting; for the sweep. */
export async function hasWaitingSignups(db: Db, now: Date): Promise<boolean> {
  const { rows } = await sql<{ waiting: boolean }>`
    select exists (select 1 from signup_requests
        where decided_at is null and status = 'open' and due_at <= ${now} and expires_at > ${now})
      or exists (select 1 from signup_requests where status = 'confirmed' and welcomed_at is null and due_at <= ${now})
      or exists (select 1 from confirmation_resends where decided_at is null) as waiting`.execute(db);
  return rows[0]?.waiting ?? false;
}
