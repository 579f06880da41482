import { sql } from 'kysely';
import type { Insertable } from 'kysely';
import type { Database, DbOrTx } from '../platform/postgres/index.ts';
import type { CampaignId, DeliveryId, SubscriberId } from '../shared/ids.ts';
import { laneOfKind } from './commit-ledger.repository.ts';
import { LATE_REPLY_SECONDS } from './delivery.ts';
import type { DeliveryCounts, DeliveryState } from './delivery.ts';

/** One row per mail and the block that makes it due. What exists already, by kind and cause, stays as it is. */
export async function insertDeliveries(
  db: DbOrTx,
  rows: readonly Omit<Insertable<Database['deliveries']>, 'campaign_id' | 'reader_name' | 'subscription_id'>[],
): Promise<void> {
  if (rows.length === 0) {
    return;
  }
  await sql`
    with d as (
      insert into deliveries (kind, address, key_id, compiled_mail_id, subscriber_id, newsletter_id, cause_id, due_at, give_up_at, created_at,
        reader_name, subscription_id)
      select p.kind, p.address, p.key_id, p.compiled_mail_id, p.subscriber_id, p.newsletter_id, p.cause_id, p.due_at, p.give_up_at, p.created_at,
        s.name, n.id
      from rows from (jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as (kind text, address text, key_id smallint, compiled_mail_id bigint,
        subscriber_id bigint, newsletter_id bigint, cause_id bigint, due_at timestamptz, give_up_at timestamptz, created_at timestamptz))
        with ordinality as p(kind, address, key_id, compiled_mail_id, subscriber_id, newsletter_id, cause_id, due_at, give_up_at, created_at, position)
      left join subscribers s on s.id = p.subscriber_id
      left join subscriptions n on n.subscriber_id = p.subscriber_id and n.newsletter_id = p.newsletter_id
      order by p.position
      on conflict (kind, cause_id) where campaign_id is null do nothing
      returning id, kind, campaign_id, due_at
    )
    insert into delivery_blocks (lane, campaign_id, first_id, last_id, due_at)
    select ${laneOfKind}, d.campaign_id, d.id, d.id, d.due_at from d`.execute(db);
}

/**
 * The counts of one campaign: what its rows have been counted as (`campaign_counts`), and the rest of its audience, which is open.
 * audience = accepted + rejected + suppressed + ambiguous + cancelled + open. One snapshot, a few rows however many readers.
 */
export async function countDeliveries(db: DbOrTx, campaignId: CampaignId): Promise<DeliveryCounts> {
  const { rows } = await sql<DeliveryCounts>`
    select a.audience, t.accepted, t.rejected, t.suppressed, t.ambiguous, t.cancelled, a.audience - t.settled as open
    from (select coalesce(max(audience_count), 0)::bigint as audience from campaigns where id = ${campaignId}) a
    cross join (select
      coalesce(sum(count), 0)::bigint as settled,
      coalesce(sum(count) filter (where state = 'accepted'), 0)::bigint as accepted,
      coalesce(sum(count) filter (where state = 'rejected'), 0)::bigint as rejected,
      coalesce(sum(count) filter (where state = 'suppressed'), 0)::bigint as suppressed,
      coalesce(sum(count) filter (where state = 'ambiguous'), 0)::bigint as ambiguous,
      coalesce(sum(count) filter (where state = 'cancelled'), 0)::bigint as cancelled
    from campaign_counts where campaign_id = ${campaignId}) t`.execute(db);
  const [counts] = rows;
  if (counts === undefined) {
    throw new Error('an aggregate without a row');
  }
  return counts;
}

/** Accepted per second over the last ten whole seconds, by the database's clock. */
export async function readPace(db: DbOrTx, campaignId: CampaignId): Promise<number> {
  const { rows } = await sql<{ rate: number }>`
    select coalesce(sum(accepted), 0)::float8 / 10 as rate from campaign_pace
    where campaign_id = ${campaignId}
      and second between extract(epoch from clock_timestamp())::bigint - 10 and extract(epoch from clock_timestamp())::bigint - 1`.execute(
    db,
  );
  return rows[0]?.rate ?? 0;
}

/**
 * Cancels whatever is open and has no dot: the row of a message under way is turned back before its dot, since that is conditional
 * on the state.
 */
export async function cancelOpenDeliveries(db: DbOrTx, campaignId: CampaignId, now: Date): Promise<number> {
  const result = await sql`update deliveries set state = 'cancelled', settled_at = ${now}, reason = 'campaign_cancelled'
    where campaign_id = ${campaignId} and state in ('planned', 'deferred')`.execute(db);
  await sql`delete from delivery_blocks where campaign_id = ${campaignId} and worker_id is null`.execute(db);
  return Number(result.numAffectedRows ?? 0n);
}

/** True while a worker holds some of it: a message may be under way. */
export async function isInHand(db: DbOrTx, campaignId: CampaignId): Promise<boolean> {
  const { rows } = await sql`select 1 from delivery_blocks where campaign_id = ${campaignId} limit 1`.execute(db);
  return rows.length > 0;
}

/**
 * For a campaign without blocks, of which something is open all the same: a block for each row that can be mailed, and doubt about each whose dot
 * was committed so late (a statement that outlived the lease and the rescue) that nobody looked after it any more.
 * @returns how many rows there were
 */
export async function recoverOpenDeliveries(db: DbOrTx, campaignId: CampaignId): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with open as materialized (
      select * from deliveries where campaign_id = ${campaignId} and state in ('planned', 'deferred', 'dot_pending')
    ),
    lost as (
      update deliveries d set state = 'ambiguous', reason = 'outcome_lost', settled_at = clock_timestamp(),
        due_at = d.dot_at + make_interval(secs => ${sql.lit(LATE_REPLY_SECONDS)})
      from open where d.id = open.id and d.state = 'dot_pending' and not exists (select 1 from workers w
        where w.id = d.worker_id and w.fenced_at is null and w.lease_expires_at > clock_timestamp())
      returning d.id, d.attempt, d.kind, d.campaign_id, d.due_at
    ),
    event as (
      insert into delivery_events (delivery_id, attempt, event, occurred_at) select id, attempt, 'ambiguous', clock_timestamp() from lost
    ),
    block as (
      insert into delivery_blocks (lane, campaign_id, first_id, last_id, due_at)
      select ${laneOfKind}, d.campaign_id, d.id, d.id, d.due_at from (
        select id, kind, campaign_id, due_at from open where state <> 'dot_pending' union all
        select id, kind, campaign_id, due_at from lost
        where exists (select 1 from campaigns c where c.id = campaign_id and c.ambiguous_policy = 'resend')
      ) d
    )
    select count(*) as count from open`.execute(db);
  return rows[0]?.count ?? 0;
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
    select d.id, d.kind, coalesce(case when d.kind = 'campaign' then c.subject end, (
        select string_agg(case jsonb_typeof(part) when 'string' then part #>> '{}' else coalesce(part ->> 'fallback', '…') end, '')
        from jsonb_array_elements(m.mail -> 'compiled' -> 'subject') as part)) as subject, d.state, d.reason,
           d.created_at as "createdAt", d.settled_at as "settledAt"
    from deliveries d
    join compiled_mails m on m.id = d.compiled_mail_id
    left join campaigns c on c.id = d.campaign_id
    where d.subscriber_id = ${subscriberId} order by d.id desc limit ${limit}`.execute(db);
  return rows;
}
