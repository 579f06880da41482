import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { CampaignId, DeliveryId, SignupRequestId } from '../shared/ids.ts';
import { laneOfKind } from './commit-ledger.repository.ts';
import { gateReason, requestOf } from './gate.repository.ts';

/** Rows in one block of those that are opened again. */
const BLOCK_ROWS = 200;

/**
 * Which of the refused are meant: `rejected` by the server, or all that failed, which adds those given up when their time was over. Never
 * whom the gate would turn away now: a hard bounce closes the address.
 */
export const RETRY_SCOPES = ['rejected', 'all-failed'] as const;
export type RetryScope = (typeof RETRY_SCOPES)[number];

export interface RetryPlan {
  readonly campaignId: CampaignId;
  readonly scope: RetryScope;
  readonly now: Date;
}

function failed({ campaignId, scope, now }: RetryPlan): RawBuilder<unknown> {
  return sql`select d.id from deliveries d left join subscribers s on s.id = d.subscriber_id
    where d.campaign_id = ${campaignId} and d.state = 'rejected'
      and ${scope === 'rejected' ? sql`d.reason is distinct from 'expired'` : sql`true`} and ${gateReason(now)} is null`;
}

/** How many a retry would mail. */
export async function countRetryable(db: DbOrTx, plan: RetryPlan): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from (${failed(plan)}) f`.execute(db);
  return rows[0]?.count ?? 0;
}

/**
 * Plans the refused of a campaign again, to be given up at `giveUpAt`; their attempts count on. Nobody's late reply can settle them any
 * more: `worker_id` is gone. @returns how many
 */
export function planFailedAgain(db: DbOrTx, plan: RetryPlan & { readonly giveUpAt: Date }): Promise<number> {
  const chosen = sql`${failed(plan)} order by d.id for no key update of d`;
  return openAgain(db, { ...plan, chosen, from: 'rejected', resolution: 'retry', clearWorker: true });
}

/**
 * Plans ambiguous deliveries of a campaign again, as a new attempt: whoever got the first one gets it twice. The reply to the attempt
 * before still settles them while they wait.
 */
export function planAmbiguousAgain(
  db: DbOrTx,
  plan: {
    readonly campaignId: CampaignId;
    readonly ids: readonly DeliveryId[];
    readonly now: Date;
    readonly giveUpAt: Date;
  },
): Promise<number> {
  const chosen = sql`select d.id from deliveries d
    where d.id = any(${plan.ids}::bigint[]) and d.campaign_id = ${plan.campaignId} and d.state = 'ambiguous' order by d.id for no key update`;
  return openAgain(db, { ...plan, chosen, from: 'ambiguous', resolution: 'resend', clearWorker: false });
}

async function openAgain(
  db: DbOrTx,
  order: {
    readonly chosen: RawBuilder<unknown>;
    readonly from: 'rejected' | 'ambiguous';
    readonly resolution: 'retry' | 'resend';
    readonly clearWorker: boolean;
    readonly now: Date;
    readonly giveUpAt: Date;
  },
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with chosen as materialized (${order.chosen}),
    opened as (
      update deliveries d set state = 'planned', due_at = ${order.now}, give_up_at = ${order.giveUpAt}, dot_at = null, settled_at = null,
        worker_id = case when ${order.clearWorker}::boolean then null else d.worker_id end,
        reason = null, reply_code = null, enhanced_code = null
      from chosen where d.id = chosen.id and d.state = ${order.from}
      returning d.id, d.kind, d.campaign_id, d.attempt
    ),
    event as (
      insert into delivery_events (delivery_id, attempt, event, resolution, source, occurred_at)
      select id, attempt, 'resolved', ${order.resolution}, 'by_hand', ${order.now} from opened
    ),
    block as (
      insert into delivery_blocks (lane, campaign_id, first_id, last_id, ids, due_at)
      select ${laneOfKind}, d.campaign_id, min(d.id), max(d.id), array_agg(d.id order by d.id), ${order.now}
      from (select *, (row_number() over (order by id) - 1) / ${sql.lit(BLOCK_ROWS)} as part from opened) d
      group by 1, d.campaign_id, d.part order by min(d.id)
    ),
    dropped as (${laterAttempts('opened')})
    select count(*) as count from opened`.execute(db);
  return rows[0]?.count ?? 0;
}

/** Drops the attempts that the policy `resend` had planned for later: the campaign would wait for them. */
function laterAttempts(moved: 'opened' | 'settled'): RawBuilder<unknown> {
  return sql`delete from delivery_blocks b using ${sql.table(moved)} m
    where b.campaign_id = m.campaign_id and b.first_id = m.id and b.last_id = m.id and b.worker_id is null`;
}

/** Where the knowledge comes from. Stable codes; kept in `delivery_events.source`. */
export type EvidenceSource = 'by_hand' | 'confirmed_by_reader';

/**
 * Ends the doubt about deliveries by what became known: that the mail arrived, or that it did not. What is not (any more) ambiguous stays as
 * it is. A new attempt that the policy `resend` had planned for later is dropped. @returns those that changed
 */
export async function settleAmbiguous(
  db: DbOrTx,
  verdict: {
    readonly ids: readonly DeliveryId[];
    readonly evidence: 'accepted' | 'rejected';
    readonly source: EvidenceSource;
    readonly now: Date;
  },
): Promise<readonly DeliveryId[]> {
  const { evidence, source, now } = verdict;
  const { rows } = await sql<{ id: DeliveryId }>`
    with chosen as materialized (
      select id from deliveries where id = any(${verdict.ids}::bigint[]) and state = 'ambiguous' order by id for no key update
    ),
    settled as (
      update deliveries d set state = ${evidence}, reason = ${source}, settled_at = ${now}
      from chosen where d.id = chosen.id
      returning d.id, d.attempt, d.campaign_id
    ),
    event as (
      insert into delivery_events (delivery_id, attempt, event, resolution, source, occurred_at)
      select id, attempt, 'resolved', ${evidence}, ${source}, ${now} from settled
    ),
    dropped as (${laterAttempts('settled')})
    select id from settled order by id`.execute(db);
  return rows.map(({ id }) => id);
}

/**
 * What came to light later about one delivery: a bounce, a press in its mail. False when it is not ambiguous, and nothing changed.
 */
export async function resolveByEvidence(
  db: DbOrTx,
  found: {
    readonly deliveryId: DeliveryId;
    readonly evidence: 'accepted' | 'rejected';
    readonly source: EvidenceSource;
    readonly now: Date;
  },
): Promise<boolean> {
  return (await settleAmbiguous(db, { ...found, ids: [found.deliveryId] })).length > 0;
}

/**
 * The confirmation mail that a press proves to have arrived, if there was doubt about it: the only one for its request that may have
 * brought the link. With two of them nobody knows which one did.
 */
export async function findDoubtfulConfirmation(
  db: DbOrTx,
  requestId: SignupRequestId,
): Promise<DeliveryId | undefined> {
  const { rows } = await sql<{ id: DeliveryId; state: string }>`
    select d.id, d.state from deliveries d
    where d.campaign_id is null and d.kind = 'confirm' and d.cause_id in (
        select ${requestId}::bigint union all
        select again.id from confirmation_resends again where again.mailed_request_id = ${requestId})
      and ${requestOf(sql.ref('d.cause_id'))} = ${requestId} and d.state in ('ambiguous', 'accepted', 'dot_pending') limit 2`.execute(
    db,
  );
  const [only, other] = rows;
  return only?.state === 'ambiguous' && other === undefined ? only.id : undefined;
}
