import { sql } from 'kysely';
import type { SendingLane } from '../jobs/index.ts';
import type { Db, Tx } from '../platform/postgres/index.ts';
import type { CampaignId, WorkerId } from '../shared/ids.ts';
import { laneOfKind } from './commit-ledger.repository.ts';
import { LATE_REPLY_SECONDS } from './delivery.ts';

/**
 * A worker's lease covers every block it has claimed. Lease times are the database's own clock, so that hosts whose clocks
 * differ agree; each worker also keeps a stricter deadline on its monotonic clock.
 */
export async function registerWorker(
  db: Db,
  worker: { readonly host: string; readonly pid: number; readonly leaseSeconds: number },
): Promise<WorkerId> {
  const { rows } = await sql<{ id: WorkerId }>`
    insert into workers (host, pid, started_at, heartbeat_at, lease_expires_at)
    values (${worker.host}, ${worker.pid}, clock_timestamp(), clock_timestamp(), clock_timestamp() + make_interval(secs => ${worker.leaseSeconds}))
    returning id`.execute(db);
  const id = rows[0]?.id;
  if (id === undefined) {
    throw new Error('insert returned no row');
  }
  return id;
}

/** False when the worker was fenced or its lease has run out: then it must register again and drop what it holds. */
export async function renewLease(
  db: Db,
  lease: { readonly workerId: WorkerId; readonly leaseSeconds: number; readonly relayError: string | null },
): Promise<boolean> {
  const result = await sql`
    update workers set heartbeat_at = clock_timestamp(), relay_error = ${lease.relayError},
      lease_expires_at = clock_timestamp() + make_interval(secs => ${lease.leaseSeconds})
    where id = ${lease.workerId} and fenced_at is null and lease_expires_at > clock_timestamp()`.execute(db);
  return Number(result.numAffectedRows ?? 0n) === 1;
}

/** Ends a lease at once, on a clean stop. */
export async function endLease(db: Db, workerId: WorkerId): Promise<void> {
  await sql`update workers set fenced_at = clock_timestamp() where id = ${workerId} and fenced_at is null`.execute(db);
}

/** Seconds added to a lease before others take over, for statements of its owner that are still under way. */
export const RESCUE_GRACE_SECONDS = 5;

export interface RescueReport {
  /** Blocks that are free again. */
  readonly freed: number;
  readonly ambiguous: number;
}

/**
 * Takes over from workers whose lease is over. Their blocks are free again; a row of theirs with `dot_pending` and no outcome is
 * `ambiguous`, since nobody can know whether the server took the message (RFC 1047). Idempotent, and safe to run from every worker at once.
 */
export async function rescueDeliveries(db: Db, graceSeconds: number = RESCUE_GRACE_SECONDS): Promise<RescueReport> {
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ id: WorkerId }>`
      with silent as (
        update workers set fenced_at = clock_timestamp()
        where id in (select id from workers
          where fenced_at is null and lease_expires_at < clock_timestamp() - make_interval(secs => ${graceSeconds})
          order by id for update skip locked)
      )
      select distinct b.worker_id as id from delivery_blocks b
      where b.worker_id is not null and not exists (select 1 from workers w where w.id = b.worker_id and w.fenced_at is null
        and w.lease_expires_at >= clock_timestamp() - make_interval(secs => ${graceSeconds}))`.execute(tx);
    const report = { freed: 0, ambiguous: 0 };
    for (const { id } of rows) {
      const { freed, ambiguous } = await freeBlocksOf(tx, { workerId: id, reason: 'reply_never_came' });
      report.freed += freed;
      report.ambiguous += ambiguous;
    }
    return report;
  });
}

/**
 * Takes back what this worker holds on paper while nothing of the lane is in its hands: the answer to a claim or to a commit was
 * lost on its way from the database. Without it such a block would wait until the process ends.
 */
export function reclaimForgotten(
  db: Db,
  holder: { readonly lane: SendingLane; readonly workerId: WorkerId },
): Promise<RescueReport> {
  return db.transaction().execute((tx) => freeBlocksOf(tx, { ...holder, reason: 'outcome_lost' }));
}

/** What somebody else has locked they are taking over themselves. One who was stopped in the midst of that must not hold up everybody's heartbeat. */
async function freeBlocksOf(
  tx: Tx,
  from: { readonly workerId: WorkerId; readonly lane?: SendingLane; readonly reason: string },
): Promise<RescueReport> {
  const { rows } = await sql<RescueReport>`
    with held as materialized (
      select * from delivery_blocks where worker_id = ${from.workerId} ${from.lane === undefined ? sql`` : sql`and lane = ${from.lane}`}
      order by id for update skip locked
    ),
    lost as (
      update deliveries d set state = 'ambiguous', reason = ${from.reason}, settled_at = clock_timestamp(),
        due_at = d.dot_at + make_interval(secs => ${LATE_REPLY_SECONDS})
      from held b cross join lateral (select r.id from deliveries r where r.id between b.first_id and b.last_id order by r.id) r
      where d.id = r.id and d.state = 'dot_pending' and d.worker_id = ${from.workerId}
        and d.campaign_id is not distinct from b.campaign_id
      returning d.id, d.attempt, d.kind, d.campaign_id, d.due_at
    ),
    event as (
      insert into delivery_events (delivery_id, attempt, event, occurred_at)
      select id, attempt, 'ambiguous', clock_timestamp() from lost
    ),
    again as (
      insert into delivery_blocks (lane, campaign_id, first_id, last_id, due_at)
      select ${laneOfKind}, d.campaign_id, d.id, d.id, d.due_at from lost d
      where d.kind = 'confirm' or exists (select 1 from campaigns c where c.id = d.campaign_id and c.ambiguous_policy = 'resend')
    ),
    freed as (update delivery_blocks b set worker_id = null from held where b.id = held.id returning 1)
    select (select count(*) from freed) as freed, (select count(*) from lost) as ambiguous`.execute(tx);
  return rows[0] ?? { freed: 0, ambiguous: 0 };
}

export interface WorkerHealth {
  readonly live: number;
  readonly relayError: string | null;
  readonly newestHeartbeatAt: Date | null;
}

export async function readWorkerHealth(db: Db): Promise<WorkerHealth> {
  const { rows } = await sql<{ live: number; relayError: string | null; newestHeartbeatAt: Date | null }>`
    select count(*) filter (where fenced_at is null and lease_expires_at > clock_timestamp()) as live,
      max(relay_error) filter (where fenced_at is null and lease_expires_at > clock_timestamp()) as "relayError",
      max(heartbeat_at) as "newestHeartbeatAt"
    from workers`.execute(db);
  return rows[0] ?? { live: 0, relayError: null, newestHeartbeatAt: null };
}

/** Sending campaigns of which nothing is left to be done: their last block is gone. */
export async function listSettledCampaigns(db: Db): Promise<readonly CampaignId[]> {
  const { rows } = await sql<{ id: CampaignId }>`
    select c.id from campaigns c
    where c.status = 'sending' and c.frozen_at is not null
      and not exists (select 1 from delivery_blocks b where b.campaign_id = c.id)`.execute(db);
  return rows.map((row) => row.id);
}
