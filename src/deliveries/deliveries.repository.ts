import { sql } from 'kysely';
import type { Insertable } from 'kysely';
import type { SendingLane } from '../jobs/index.ts';
import type { Database, DbOrTx } from '../platform/postgres/index.ts';
import type { CampaignId, DeliveryId, SubscriberId } from '../shared/ids.ts';
import type { DeliveryCounts, DeliveryState } from './delivery.ts';

export async function insertDeliveries(
  db: DbOrTx,
  rows: readonly Omit<Insertable<Database['deliveries']>, 'campaign_id'>[],
): Promise<void> {
  if (rows.length > 0) {
    await db
      .insertInto('deliveries')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['kind', 'cause_id']).where('campaign_id', 'is', null).doNothing())
      .execute();
  }
}

/**
 * Freezes the audience with one statement: everybody with an active subscription that is not paused and no suppression at this
 * moment.
 * The unique index on (campaign, subscriber) makes a second run add nobody twice.
 */
export async function insertAudience(
  db: DbOrTx,
  campaign: {
    readonly id: CampaignId;
    readonly kind: 'campaign' | 'issue';
    readonly lane: SendingLane;
    readonly newsletterId: number;
    readonly compiledMailId: number;
    readonly keyId: number;
    readonly now: Date;
    readonly giveUpAt: Date;
  },
): Promise<number> {
  const result = await sql`
    insert into deliveries (kind, lane, address, key_id, compiled_mail_id, campaign_id, subscriber_id, newsletter_id,
                            due_at, give_up_at, created_at)
    select ${campaign.kind}, ${campaign.lane}, s.address, ${campaign.keyId}::smallint, ${campaign.compiledMailId}::bigint,
           ${campaign.id}::bigint, s.id, n.newsletter_id, ${campaign.now}, ${campaign.giveUpAt}, ${campaign.now}
    from subscriptions n
    join subscribers s on s.id = n.subscriber_id
    where n.newsletter_id = ${campaign.newsletterId} and n.status = 'active'
      and (n.paused_until is null or n.paused_until <= ${campaign.now})
      and not exists (select 1 from suppressions x where x.address_hash = s.address_hash and x.lifted_at is null)
    order by n.subscriber_id
    on conflict (campaign_id, subscriber_id) where campaign_id is not null do nothing`.execute(db);
  return Number(result.numAffectedRows ?? 0n);
}

/** How many would be mailed if the campaign were frozen now. */
export async function countAudience(db: DbOrTx, newsletterId: number, now: Date): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from subscriptions n join subscribers s on s.id = n.subscriber_id
    where n.newsletter_id = ${newsletterId} and n.status = 'active'
      and (n.paused_until is null or n.paused_until <= ${now})
      and not exists (select 1 from suppressions x where x.address_hash = s.address_hash and x.lifted_at is null)`.execute(
    db,
  );
  return rows[0]?.count ?? 0;
}

/**
 * The counts of one campaign, derived from its rows. They always balance:
 * audience = accepted + rejected + suppressed + ambiguous + cancelled + open.
 */
export async function countDeliveries(db: DbOrTx, campaignId: CampaignId): Promise<DeliveryCounts> {
  const { rows } = await sql<DeliveryCounts>`
    select coalesce(sum(count), 0)::bigint as audience,
      coalesce(sum(count) filter (where state = 'accepted'), 0)::bigint as accepted,
      coalesce(sum(count) filter (where state = 'rejected'), 0)::bigint as rejected,
      coalesce(sum(count) filter (where state = 'suppressed'), 0)::bigint as suppressed,
      coalesce(sum(count) filter (where state = 'ambiguous'), 0)::bigint as ambiguous,
      coalesce(sum(count) filter (where state = 'cancelled'), 0)::bigint as cancelled,
      coalesce(sum(count) filter (where state in ('planned', 'claimed', 'dot_pending', 'deferred')), 0)::bigint as open
    from (
      select state, count(*) as count from deliveries where campaign_id = ${campaignId} group by state
      union all
      select state, count from delivery_totals where campaign_id = ${campaignId}
    ) as counted`.execute(db);
  const [counts] = rows;
  if (counts === undefined) {
    throw new Error('an aggregate without a row');
  }
  return counts;
}

/** Accepted in the last `seconds`, for the rate that is shown. */
export async function countRecentlyAccepted(db: DbOrTx, campaignId: CampaignId, since: Date): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from deliveries where campaign_id = ${campaignId} and state = 'accepted' and settled_at > ${since}`.execute(
    db,
  );
  return rows[0]?.count ?? 0;
}

/** Cancels what has not been claimed; claimed rows are turned back by the engine's second look at the gate. */
export async function cancelOpenDeliveries(db: DbOrTx, campaignId: CampaignId, now: Date): Promise<number> {
  const result = await sql`update deliveries set state = 'cancelled', settled_at = ${now}, reason = 'campaign_cancelled'
    where campaign_id = ${campaignId} and state in ('planned', 'deferred')`.execute(db);
  return Number(result.numAffectedRows ?? 0n);
}

/** Cancels what waits for one address of a subscriber; what a worker holds is turned back by the gate. */
export async function cancelDeliveriesTo(
  db: DbOrTx,
  to: {
    readonly subscriberId: SubscriberId;
    readonly address: string;
    readonly reason: 'address_changed';
    readonly now: Date;
  },
): Promise<void> {
  await sql`update deliveries set state = 'cancelled', settled_at = ${to.now}, reason = ${to.reason}
    where subscriber_id = ${to.subscriberId} and address = ${to.address} and state in ('planned', 'deferred')`.execute(
    db,
  );
}

export interface DeliveryStory {
  readonly id: DeliveryId;
  readonly kind: string;
  readonly subject: string;
  readonly state: DeliveryState;
  readonly reason: string | null;
  readonly createdAt: Date;
  readonly settledAt: Date | null;
}

/** The newest mails to one subscriber. */
export async function listDeliveriesOf(
  db: DbOrTx,
  subscriberId: SubscriberId,
  limit: number,
): Promise<readonly DeliveryStory[]> {
  const { rows } = await sql<DeliveryStory>`
    select d.id, d.kind, coalesce(c.subject, (
        select string_agg(case jsonb_typeof(part) when 'string' then part #>> '{}' else coalesce(part ->> 'fallback', '…') end, '')
        from jsonb_array_elements(m.mail -> 'compiled' -> 'subject') as part)) as subject, d.state, d.reason,
           d.created_at as "createdAt", d.settled_at as "settledAt"
    from deliveries d
    join compiled_mails m on m.id = d.compiled_mail_id
    left join campaigns c on c.id = d.campaign_id
    where d.subscriber_id = ${subscriberId} order by d.id desc limit ${limit}`.execute(db);
  return rows;
}
