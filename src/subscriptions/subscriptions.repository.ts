import { sql } from 'kysely';
import type { DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { NewsletterId, SubscriberId, SubscriptionId } from '../shared/ids.ts';

export interface SubscriptionRow {
  readonly id: SubscriptionId;
  readonly subscriberId: SubscriberId;
  readonly address: string;
  /** The language that the subscriber chose. */
  readonly locale: string | null;
  readonly newsletterId: NewsletterId;
  readonly newsletterName: string;
  readonly newsletterSlug: string;
  readonly status: 'pending' | 'active' | 'unsubscribed';
  readonly confirmedAt: Date | null;
  readonly unsubscribedAt: Date | null;
}

const COLUMNS = sql`n.id, n.subscriber_id as "subscriberId", s.address, s.locale, n.newsletter_id as "newsletterId",
  l.name as "newsletterName", l.slug as "newsletterSlug", n.status, n.confirmed_at as "confirmedAt",
  n.unsubscribed_at as "unsubscribedAt"`;

export async function findSubscription(db: DbOrTx, id: number): Promise<SubscriptionRow | undefined> {
  const { rows } = await sql<SubscriptionRow>`
    select ${COLUMNS} from subscriptions n join subscribers s on s.id = n.subscriber_id
    join newsletters l on l.id = n.newsletter_id where n.id = ${id}`.execute(db);
  return rows[0];
}

export async function listSubscriptionsOf(db: DbOrTx, subscriberId: number): Promise<readonly SubscriptionRow[]> {
  const { rows } = await sql<SubscriptionRow>`
    select ${COLUMNS} from subscriptions n join subscribers s on s.id = n.subscriber_id
    join newsletters l on l.id = n.newsletter_id where n.subscriber_id = ${subscriberId} order by l.name`.execute(db);
  return rows;
}

/** Active for exactly these newsletters. Tells which were not before: confirming again changes nothing, a pause goes on. Who comes back begins without earlier choices. */
export async function activate(
  tx: Tx,
  subscriberId: SubscriberId,
  newsletterIds: readonly NewsletterId[],
  now: Date,
): Promise<readonly NewsletterId[]> {
  const { rows } = await sql<{ newsletterId: NewsletterId }>`
    insert into subscriptions (subscriber_id, newsletter_id, status, requested_at, confirmed_at)
    select ${subscriberId}, n, 'active', ${now}, ${now} from unnest(${newsletterIds}::bigint[]) as n
    on conflict (newsletter_id, subscriber_id) do update set status = 'active', confirmed_at = ${now}, unsubscribed_at = null,
      paused_until = null, section_ids = null, frequency = null where subscriptions.status <> 'active'
    returning newsletter_id as "newsletterId"`.execute(tx);
  return rows.map((row) => row.newsletterId);
}

/** Ends subscriptions and tells which were not ended before. `null` as newsletters: all of the subscriber's. */
export async function deactivate(
  tx: Tx,
  subscriberId: SubscriberId,
  newsletterIds: readonly NewsletterId[] | null,
  now: Date,
): Promise<readonly NewsletterId[]> {
  const { rows } = await sql<{ newsletterId: NewsletterId }>`
    update subscriptions set status = 'unsubscribed', unsubscribed_at = ${now}
    where subscriber_id = ${subscriberId} and status <> 'unsubscribed'
      and (${newsletterIds}::bigint[] is null or newsletter_id = any(${newsletterIds}))
    returning newsletter_id as "newsletterId"`.execute(tx);
  return rows.map((row) => row.newsletterId);
}

/** Ends those of these subscriptions that wait for a confirmation, and tells which. */
export async function dropPending(
  tx: Tx,
  subscriberId: SubscriberId,
  newsletterIds: readonly NewsletterId[],
  now: Date,
): Promise<readonly NewsletterId[]> {
  const rows = await tx
    .updateTable('subscriptions')
    .set({ status: 'unsubscribed', unsubscribed_at: now })
    .where('subscriber_id', '=', subscriberId)
    .where('newsletter_id', 'in', newsletterIds)
    .where('status', '=', 'pending')
    .returning('newsletter_id')
    .execute();
  return rows.map((row) => row.newsletter_id);
}

/** What `reactivate` would take back, by name: all that was left in the same moment as this subscription. */
export async function listLeftTogether(
  db: DbOrTx,
  id: SubscriptionId,
): Promise<readonly { readonly newsletterId: NewsletterId; readonly newsletterName: string }[]> {
  const { rows } = await sql<{ newsletterId: NewsletterId; newsletterName: string }>`
    select n.newsletter_id as "newsletterId", l.name as "newsletterName"
    from subscriptions named
    join subscriptions n on n.subscriber_id = named.subscriber_id and n.unsubscribed_at = named.unsubscribed_at
    join newsletters l on l.id = n.newsletter_id
    where named.id = ${id} and n.status = 'unsubscribed' and n.confirmed_at is not null order by l.name`.execute(db);
  return rows;
}

/** Takes back what was left in the same moment as this subscription, if that was this moment, after `since`. */
export async function reactivate(
  tx: Tx,
  id: SubscriptionId,
  { leftAt, since }: { readonly leftAt: Date; readonly since: Date },
): Promise<readonly NewsletterId[]> {
  const { rows } = await sql<{ newsletterId: NewsletterId }>`
    update subscriptions n set status = 'active', unsubscribed_at = null
    from subscriptions named
    where named.id = ${id} and n.subscriber_id = named.subscriber_id and n.unsubscribed_at = named.unsubscribed_at
      and named.unsubscribed_at = ${leftAt} and named.unsubscribed_at > ${since} and n.status = 'unsubscribed' and n.confirmed_at is not null
    returning n.newsletter_id as "newsletterId"`.execute(tx);
  return rows.map((row) => row.newsletterId);
}

export async function hasActiveSubscription(tx: Tx, subscriberId: SubscriberId): Promise<boolean> {
  const row = await tx
    .selectFrom('subscriptions')
    .select('id')
    .where('subscriber_id', '=', subscriberId)
    .where('status', '=', 'active')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export async function insertUnsubscribeReason(
  db: DbOrTx,
  reason: {
    readonly subscriptionId: SubscriptionId;
    readonly reason: string;
    readonly comment: string | null;
    readonly now: Date;
  },
): Promise<void> {
  await db
    .insertInto('unsubscribe_reasons')
    .values({
      subscription_id: reason.subscriptionId,
      given_at: reason.now,
      reason: reason.reason,
      comment: reason.comment,
    })
    // A double click.
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** What proved these sign-up requests is no longer the person's address: their time is over, and the sweep closes them. */
export async function endRequestsOf(tx: Tx, subscriberId: SubscriberId, now: Date): Promise<void> {
  await tx
    .updateTable('signup_requests')
    .set({ expires_at: now })
    .where('subscriber_id', '=', subscriberId)
    .where('status', '=', 'open')
    .where('expires_at', '>', now)
    .execute();
}
