import { sql } from 'kysely';
import type { DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { AddressKey } from '../shared/email-address.ts';
import type { NewsletterId, SignupRequestId, SubscriberId } from '../shared/ids.ts';

/** "Send it again" works this long after the form, and after the press before; for a day, like the page it is on. */
export const RESEND_AFTER_MINUTES = 5;
export const RESENDS_PER_DAY = 2;

/**
 * Stores a press of the button when it is time for it. Looks at the request and at earlier presses only, so that it is the same
 * for every state of the address (S23).
 */
export async function insertResend(db: DbOrTx, requestId: number, now: Date): Promise<boolean> {
  const { rows } = await sql`
    insert into confirmation_resends (request_id, asked_at)
    select r.id, ${now}::timestamptz from signup_requests r
    where r.id = ${requestId} and r.requested_at <= ${now}::timestamptz - make_interval(mins => ${RESEND_AFTER_MINUTES})
      and r.requested_at > ${now}::timestamptz - interval '1 day'
      and not exists (select 1 from confirmation_resends c where c.request_id = r.id
        and c.asked_at > ${now}::timestamptz - make_interval(mins => ${RESEND_AFTER_MINUTES}))
      and (select count(*) from confirmation_resends c where c.request_id = r.id
        and c.asked_at > ${now}::timestamptz - interval '1 day') < ${RESENDS_PER_DAY}
    returning id`.execute(db);
  return rows.length > 0;
}

/** When the button was pressed in the last 24 hours, oldest first. */
export async function listResendTimes(db: DbOrTx, requestId: number, now: Date): Promise<readonly Date[]> {
  const rows = await db
    .selectFrom('confirmation_resends')
    .select('asked_at')
    .where('request_id', '=', requestId as SignupRequestId)
    .where('asked_at', '>', new Date(now.getTime() - 86_400_000))
    .orderBy('id')
    .execute();
  return rows.map((row) => row.asked_at);
}

export interface UndecidedResend {
  readonly id: number;
  /** The request whose mail would go out again; null when none is open. A request that waits stands for the one it waits for. */
  readonly targetId: SignupRequestId | null;
  readonly subscriberId: SubscriberId;
  readonly address: string;
  readonly addressKey: AddressKey;
  readonly newsletterIds: readonly NewsletterId[];
  readonly locale: string | null;
  /** A mail of it went out minutes ago, or twice in a day. */
  readonly isTooSoon: boolean;
  readonly isShut: boolean;
}

/** One at a time, whatever the number of workers: presses are few, and two must not both find that it is time. */
export async function lockResends(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('confirmation_resends', 0))`.execute(tx);
}

export async function listUndecidedResends(tx: Tx, now: Date, limit: number): Promise<readonly UndecidedResend[]> {
  const { rows } = await sql<UndecidedResend>`
    select a.id, target.id as "targetId", r.subscriber_id as "subscriberId", s.address, s.address_key as "addressKey",
      coalesce(target.newsletter_ids, '{}') as "newsletterIds", target.locale,
      target.decided_at > ${now}::timestamptz - make_interval(mins => ${RESEND_AFTER_MINUTES}) or sent.last_at > ${now}::timestamptz - make_interval(mins => ${RESEND_AFTER_MINUTES})
        or sent.count >= ${RESENDS_PER_DAY} as "isTooSoon",
      exists (select 1 from suppressions x where x.address_hash = s.address_hash and x.lifted_at is null
        and x.reason in ('manual', 'complaint')) as "isShut"
    from confirmation_resends a
    join signup_requests r on r.id = a.request_id
    join subscribers s on s.id = r.subscriber_id
    left join lateral (
      select o.* from signup_requests o
      where o.subscriber_id = r.subscriber_id and o.decision = 'confirmation' and o.status = 'open' and o.expires_at > ${now}
        and (o.id = r.id or r.decision = 'waiting')
      order by o.id = r.id desc, o.id desc limit 1
    ) target on true
    left join lateral (
      select max(c.decided_at) as last_at, count(*) as count from confirmation_resends c
      where c.mailed_request_id = target.id and c.decided_at > ${now}::timestamptz - interval '1 day'
    ) sent on true
    where a.decided_at is null order by a.id limit ${limit}`.execute(tx);
  return rows;
}

export async function closeResends(
  tx: Tx,
  decisions: readonly { readonly id: number; readonly mailedRequestId: SignupRequestId | null }[],
  now: Date,
): Promise<void> {
  await sql`
    update confirmation_resends c set decided_at = ${now}, mailed_request_id = t.request_id
    from unnest(${decisions.map(({ id }) => id)}::bigint[], ${decisions.map(({ mailedRequestId }) => mailedRequestId)}::bigint[])
      as t(id, request_id)
    where c.id = t.id`.execute(tx);
}
