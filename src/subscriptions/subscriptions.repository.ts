import { sql } from 'kysely';
import type { DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { NewsletterId, SubscriberId, SubscriptionId } from '../shared/ids.ts';

export interface SubscriptionRow {
  readonly id: SubscriptionId;
  readonly subscriberId: SubscriberId;
  readonly address: string;
  readonly newsletterId: NewsletterId;
  readonly newsletterName: string;
  readonly newsletterSlug: string;
  readonly status: 'pending' | 'active' | 'unsubscribed';
  readonly confirmedAt: Date | null;
  readonly unsubscribedAt: Date | null;
}

const COLUMNS = sql`n.id, n.subscriber_id as "subscriberId", s.address, n.newsletter_id as "newsletterId",
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

/** Active for exactly these newsletters. Confirming again changes nothing. */
export async function activate(
  tx: Tx,
  subscriberId: SubscriberId,
  newsletterIds: readonly NewsletterId[],
  now: Date,
): Promise<void> {
  await sql`
    insert into subscriptions (subscriber_id, newsletter_id, status, requested_at, confirmed_at)
    select ${subscriberId}, n, 'active', ${now}, ${now} from unnest(${newsletterIds}::bigint[]) as n
    on conflict (newsletter_id, subscriber_id) do update set status = 'active', confirmed_at = ${now}, unsubscribed_at = null
      where subscriptions.status <> 'active'`.execute(tx);
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

/** Takes back what was left in the same moment as this subscription, if that was after `since`. */
export async function reactivate(tx: Tx, id: SubscriptionId, since: Date): Promise<readonly NewsletterId[]> {
  const { rows } = await sql<{ newsletterId: NewsletterId }>`
    update subscriptions n set status = 'active', unsubscribed_at = null
    from subscriptions named
    where named.id = ${id} and n.subscriber_id = named.subscriber_id and n.unsubscribed_at = named.unsubscribed_at
      and named.unsubscribed_at > ${since} and n.status = 'unsubscribed' and n.confirmed_at is not null
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

/** Forgets a person of whom no consent has to be proved: requests and pending subscriptions go with the row, addresses in old mails too. */
export async function deleteUnconfirmedSubscriber(tx: Tx, subscriberId: SubscriberId): Promise<void> {
  await sql`update deliveries set address = '',
      state = case when state in ('planned', 'deferred') then 'cancelled' else state end
    where subscriber_id = ${subscriberId}`.execute(tx);
  await sql`delete from consent_personal p using consent_records r
    where r.id = p.record_id and r.subscriber_id = ${subscriberId}`.execute(tx);
  await sql`insert into consent_records (action, purpose, subscriber_id, method, actor, occurred_at)
    values ('erased', 'newsletter', ${subscriberId}, 'link', 'subscriber', clock_timestamp())`.execute(tx);
  await tx.deleteFrom('subscribers').where('id', '=', subscriberId).execute();
}
