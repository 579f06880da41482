import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { SendingLane } from '../jobs/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { DeliveryId, WorkerId } from '../shared/ids.ts';
import type { BlockId, ClaimedDelivery } from './delivery.ts';
import { MOST_ATTEMPTS_IN_DOUBT } from './delivery.ts';
import { opensAtExpression } from './due-at.repository.ts';
import { gateReason, requestOf } from './gate.repository.ts';

/** Blocks looked at in one claim: those of a campaign hold thousands of rows, those of the transactional lane one each. */
const BLOCKS_AT_ONCE: Readonly<Record<SendingLane, number>> = { transactional: 200, campaigns: 16, digests: 16 };

export interface Claim {
  readonly claimed: readonly ClaimedDelivery[];
  /** Blocks of which nothing may be sent: the claimer says so with its next commit. */
  readonly emptyBlocks: readonly BlockId[];
  /** Nothing came, though something is due: other workers were at the same blocks at this moment. */
  readonly isCrowded: boolean;
}

/** Nothing leaves under the kill switch; campaigns and issues wait too while a restored system is held (T14). */
function isAllowed(lane: SendingLane): RawBuilder<boolean> {
  const stops = lane === 'transactional' ? ['kill_switch'] : ['kill_switch', 'release_hold'];
  return sql<boolean>`not exists (select 1 from settings where key = any(${stops}))`;
}

/** Free blocks that are due, the earliest first. Those of paused or scheduled campaigns are never visited. */
function freeBlocks(lane: SendingLane, now: Date): RawBuilder<unknown> {
  const limit = BLOCKS_AT_ONCE[lane];
  if (lane === 'transactional') {
    return sql`select * from delivery_blocks
      where campaign_id is null and worker_id is null and due_at <= ${now} and ${isAllowed(lane)}
      order by due_at, id limit ${limit} for update skip locked`;
  }
  return sql`select b.* from campaigns c
    cross join lateral (
      select * from delivery_blocks
      where campaign_id = c.id and worker_id is null and due_at <= ${now}
      order by due_at, id limit ${limit} for update skip locked
    ) b
    where c.kind = ${lane === 'digests' ? 'issue' : 'campaign'} and c.status = 'sending' and ${isAllowed(lane)}
    order by b.due_at, b.id limit ${limit}`;
}

/**
 * Claims blocks with about `limit` due deliveries of a lane for a worker whose lease is alive, and asks the gate in the same
 * statement: what it turns away becomes `suppressed`, what is past its give-up time `rejected`. A block with more rows than are wanted is
 * cut in two. A row under the policy `resend` whose fate nobody knows is planned again here, or stays in doubt when the gate turns it away. Returns only what may be mailed.
 */
export async function claimDue(
  db: Db,
  claim: { readonly lane: SendingLane; readonly workerId: WorkerId; readonly limit: number; readonly now: Date },
): Promise<Claim> {
  const { now, workerId } = claim;
  const { rows } = await sql<ClaimedDelivery | { readonly id: null; readonly blockId: BlockId }>`
    /* prepared: ${sql.raw(`claim-${claim.lane}`)} */
    with alive as materialized (select 1 from workers
      where id = ${workerId} and fenced_at is null and lease_expires_at > clock_timestamp()),
    free as materialized (${freeBlocks(claim.lane, now)}),
    sized as (
      select *, sum(size) over (order by due_at, id) - size as before
      from (select *, coalesce(cardinality(ids)::bigint, last_id - first_id + 1) as size from free) f
    ),
    part as materialized (
      select *, case when ids is null and before + size > ${claim.limit}::bigint then first_id + ${claim.limit}::bigint - before - 1 else last_id end as end_id
      from sized where before < ${claim.limit}::bigint and exists (select from alive)
    ),
    whole as (
      update delivery_blocks b set worker_id = ${workerId} from part p where b.id = p.id and p.end_id = p.last_id
      returning b.id, b.campaign_id, b.first_id, b.last_id, b.ids
    ),
    rest as (update delivery_blocks b set first_id = p.end_id + 1 from part p where b.id = p.id and p.end_id < p.last_id),
    cut as (
      insert into delivery_blocks (lane, campaign_id, first_id, last_id, due_at, worker_id)
      select lane, campaign_id, first_id, end_id::bigint, due_at, ${workerId} from part where end_id < last_id
      returning id, campaign_id, first_id, last_id, ids
    ),
    taken as (select * from whole union all select * from cut),
    verdict as materialized (
      select t.id as block_id, d.*,
        case when d.give_up_at <= ${now} and (d.state = 'deferred' or d.dot_at is not null) then 'expired'
          else ${gateReason(now)} end as turned_away,
        ${claim.lane === 'transactional' ? sql`null::timestamptz` : opensAtExpression(now)} as opens_at
      from taken t
      cross join lateral (select * from deliveries r where r.id between t.first_id and t.last_id order by r.id) d
      left join subscribers s on s.id = d.subscriber_id
      where d.campaign_id is not distinct from t.campaign_id and (t.ids is null or d.id = any(t.ids)) and d.due_at <= ${now}
        and (d.state in ('planned', 'deferred') or d.state = 'ambiguous' and ${maySendAgain(now)})
        -- A row that waits for its next attempt has a block of its own: out of the one it came with it would be held twice.
        and (d.state = 'planned' or t.ids is not null or t.first_id = t.last_id)
    ),
    moved as (
      update deliveries d set
        state = case when v.turned_away is null then 'planned' when v.turned_away = 'expired' then 'rejected' else 'suppressed' end,
        reason = v.turned_away,
        settled_at = case when v.turned_away is null then null else ${now}::timestamptz end
      from verdict v
      where d.id = v.id and d.state = v.state and (v.turned_away is null) = (v.state = 'ambiguous')
    )
    select t.id as "blockId", d.id, d.kind, d.address, d.key_id as "keyId", d.compiled_mail_id as "compiledMailId",
      d.campaign_id as "campaignId", d.subscriber_id as "subscriberId", d.subscription_id as "subscriptionId",
      d.newsletter_id as "newsletterId", d.cause_id as "causeId", d.attempt + 1 as attempt, d.created_at as "createdAt", d.give_up_at as "giveUpAt",
      d.reader_name as "subscriberName", d.reader_locale as "subscriberLocale", d.opens_at as "opensAt",
      case when d.kind = 'confirm' then ${requestOf(sql.ref('d.cause_id'))} end as "signupRequestId"
    from taken t left join verdict d on d.block_id = t.id and d.turned_away is null
    order by d.id`.execute(db);
  const claimed = rows.filter((row) => row.id !== null);
  const full = new Set(claimed.map((row) => row.blockId));
  const emptyBlocks = rows.filter((row) => !full.has(row.blockId)).map((row) => row.blockId);
  const isCrowded = rows.length === 0 && ((await nextDueAt(db, claim.lane)) ?? now) < now;
  return { claimed, emptyBlocks, isCrowded };
}

/** Policy `resend`. A server that takes every message and never says so must not fill a mailbox: then it stays ambiguous. */
function maySendAgain(now: Date): RawBuilder<boolean> {
  return sql<boolean>`d.attempt < ${sql.lit(MOST_ATTEMPTS_IN_DOUBT)} and d.give_up_at > ${now} and (d.kind = 'confirm'
    or exists (select 1 from campaigns c where c.id = d.campaign_id and c.ambiguous_policy = 'resend'))`;
}

/**
 * Asks the gate again for rows in a worker's hands: pause, cancel, kill switch, unsubscribe and suppression since the claim. What the
 * gate turns away is settled here; the ids returned may be sent. The rest is open still, and its block to be given back.
 */
export async function gateAgain(
  db: Db,
  claim: { readonly lane: SendingLane; readonly ids: readonly DeliveryId[]; readonly now: Date },
): Promise<ReadonlySet<DeliveryId>> {
  const { rows } = await sql<{ id: DeliveryId }>`
    /* prepared: ${sql.raw(`gate-again-${claim.lane}`)} */
    with verdict as materialized (
      select d.id, d.state, ${gateReason(claim.now)} as turned_away
      from unnest(${claim.ids}::bigint[]) as held(id)
      join deliveries d on d.id = held.id
      left join subscribers s on s.id = d.subscriber_id
      left join campaigns c on c.id = d.campaign_id
      where d.state in ('planned', 'deferred') and (d.campaign_id is null or c.status = 'sending') and ${isAllowed(claim.lane)}
      order by d.id
    ),
    moved as (
      update deliveries d set state = 'suppressed', reason = v.turned_away, settled_at = ${claim.now}
      from verdict v where d.id = v.id and d.state = v.state and v.turned_away is not null
    )
    select id from verdict where turned_away is null`.execute(db);
  return new Set(rows.map((row) => row.id));
}

/** Gives blocks back: what is open in them may be claimed again, by anybody, at `dueAt` if one is given. */
export async function releaseBlocks(
  db: Db,
  release: { readonly blockIds: readonly BlockId[]; readonly workerId: WorkerId },
): Promise<void> {
  await sql`update delivery_blocks set worker_id = null
    where id = any(${release.blockIds}::bigint[]) and worker_id = ${release.workerId}`.execute(db);
}

/** The lanes in which a block is free and due: every worker looks now and then, since a job rings in one of them only. */
export async function listDueLanes(db: Db, now: Date): Promise<readonly SendingLane[]> {
  const { rows } = await sql<{ lane: SendingLane }>`
    select 'transactional' as lane where exists (select 1 from delivery_blocks
      where campaign_id is null and worker_id is null and due_at <= ${now}) and ${isAllowed('transactional')}
    union all
    select distinct case c.kind when 'issue' then 'digests' else 'campaigns' end from campaigns c
    where c.status = 'sending' and ${isAllowed('campaigns')} and exists (select 1 from delivery_blocks b
      where b.campaign_id = c.id and b.worker_id is null and b.due_at <= ${now})`.execute(db);
  return rows.map(({ lane }) => lane);
}

/** When this lane next has something to do; null when nothing waits, or nothing may go. One index entry for each campaign. */
export async function nextDueAt(db: Db, lane: SendingLane): Promise<Date | null> {
  const first =
    lane === 'transactional'
      ? sql`select due_at as at from delivery_blocks where campaign_id is null and worker_id is null order by due_at limit 1`
      : sql`select next.at from campaigns c
          cross join lateral (select due_at as at from delivery_blocks b
            where b.campaign_id = c.id and b.worker_id is null order by b.due_at limit 1) next
          where c.status = 'sending' and c.kind = ${lane === 'digests' ? 'issue' : 'campaign'} order by next.at limit 1`;
  const { rows } = await sql<{ at: Date }>`select at from (${first}) first where ${isAllowed(lane)}`.execute(db);
  return rows[0]?.at ?? null;
}
