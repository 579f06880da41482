import { sql } from 'kysely';
import type { Expiration } from '../consent/index.ts';
import type { Db, Tx } from '../platform/postgres/index.ts';

/**
 * Closes up to `limit` requests whose link is over and ends the subscriptions that waited for nothing else. Returns what expired: not
 * what the person reads meanwhile, nor what another open request of theirs still waits for.
 */
export async function closeExpiredRequests(
  tx: Tx,
  now: Date,
  limit: number,
): Promise<{ readonly closedCount: number; readonly expirations: readonly Expiration[] }> {
  const { rows } = await sql<{ closedCount: number; expirations: readonly Expiration[] }>`
    with over as (
      select id from signup_requests where status = 'open' and expires_at <= ${now}
      order by expires_at limit ${limit} for update skip locked
    ),
    closed as (
      update signup_requests r set status = 'expired', closed_at = ${now} from over where r.id = over.id
      returning r.id, r.subscriber_id, r.newsletter_ids
    ),
    expired as (
      select c.id, c.subscriber_id, n as newsletter_id from closed c cross join lateral unnest(c.newsletter_ids) as n
      where not exists (select 1 from subscriptions held
          where held.subscriber_id = c.subscriber_id and held.newsletter_id = n and held.status = 'active')
        and not exists (select 1 from signup_requests other
          where other.subscriber_id = c.subscriber_id and other.status = 'open' and other.expires_at > ${now}
            and other.newsletter_ids @> array[n] and coalesce(other.decision, 'waiting') in ('confirmation', 'waiting'))
    ),
    left_again as (
      update subscriptions s set status = 'unsubscribed' from expired e
      where s.subscriber_id = e.subscriber_id and s.newsletter_id = e.newsletter_id
        and s.status = 'pending' and s.unsubscribed_at is not null
    ),
    gone as (
      delete from subscriptions s using expired e
      where s.subscriber_id = e.subscriber_id and s.newsletter_id = e.newsletter_id
        and s.status = 'pending' and s.unsubscribed_at is null
    )
    select (select count(*) from closed) as "closedCount", coalesce((select jsonb_agg(jsonb_build_object(
      'subscriberId', e.subscriber_id, 'newsletterId', e.newsletter_id, 'signupRequestId', e.id)) from expired e), '[]') as expirations`.execute(
    tx,
  );
  const [row] = rows;
  if (row === undefined) {
    throw new Error('an aggregate without a row');
  }
  return row;
}

/** What no limit counts any more. */
export async function deleteConfirmationMails(db: Db, before: Date): Promise<void> {
  await sql`delete from confirmation_mails where planned_at <= ${before}`.execute(db);
}
