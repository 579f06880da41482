import { sql } from 'kysely';
import type { Db } from '../platform/postgres/index.ts';
import type { CampaignId, WorkerId } from '../shared/ids.ts';

/**
 * A worker's lease covers every row it has claimed. Lease times are the database's own clock, so that hosts whose clocks
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
const FENCE_GRACE_SECONDS = 5;
/** RFC 5321 4.5.3.2.6: the reply to the final dot may take ten minutes; half a minute more for the longest lease. */
const LATE_REPLY_SECONDS = 630;
/** A server that takes every message and never says so must not fill a mailbox: then it stays ambiguous. */
const MOST_ATTEMPTS_IN_DOUBT = 3;

export interface RescueReport {
  readonly replanned: number;
  readonly ambiguous: number;
  readonly resent: number;
}

/**
 * Takes over from workers whose lease is over. Rows whose final dot was never released go back to `planned`; a row with
 * `dot_pending` and no outcome is `ambiguous`, since nobody can know whether the server took the message (RFC 1047).
 * Where the policy is `resend` an ambiguous row is planned again as a new attempt, but not before every late reply is over.
 * Idempotent, and safe to run from every worker at once.
 */
export async function rescueDeliveries(db: Db): Promise<RescueReport> {
  return db.transaction().execute(async (tx) => {
    await sql`update workers set fenced_at = clock_timestamp()
      where fenced_at is null and lease_expires_at < clock_timestamp() - make_interval(secs => ${FENCE_GRACE_SECONDS})`.execute(
      tx,
    );
    const replanned = await sql`
      update deliveries d set state = 'planned', worker_id = null
      from workers w where w.id = d.worker_id and w.fenced_at is not null and d.state = 'claimed'`.execute(tx);
    const ambiguous = await sql`
      with u as (
        update deliveries d set state = 'ambiguous', reason = 'reply_never_came', settled_at = clock_timestamp()
        from workers w where w.id = d.worker_id and w.fenced_at is not null and d.state = 'dot_pending'
        returning d.id, d.attempt
      )
      insert into delivery_events (delivery_id, attempt, event, occurred_at)
      select id, attempt, 'ambiguous', clock_timestamp() from u`.execute(tx);
    const resent = await sql`
      update deliveries d set state = 'planned', worker_id = null, settled_at = null
      where d.state = 'ambiguous' and d.attempt < ${MOST_ATTEMPTS_IN_DOUBT}
        and d.dot_at < clock_timestamp() - make_interval(secs => ${LATE_REPLY_SECONDS})
        and (d.kind = 'confirm' or exists (select 1 from campaigns c
          where c.id = d.campaign_id and c.ambiguous_policy = 'resend' and c.status <> 'cancelled'))`.execute(tx);
    return {
      replanned: Number(replanned.numAffectedRows ?? 0n),
      ambiguous: Number(ambiguous.numAffectedRows ?? 0n),
      resent: Number(resent.numAffectedRows ?? 0n),
    };
  });
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

/**
 * Campaigns whose last open delivery is settled, but which are not marked as sent yet. Asked in two halves, each answered by
 * a partial index however many deliveries are settled.
 */
export async function listSettledCampaigns(db: Db): Promise<readonly CampaignId[]> {
  const { rows } = await sql<{ id: CampaignId }>`
    select c.id from campaigns c
    where c.status = 'sending' and c.frozen_at is not null
      and not exists (select 1 from deliveries d where d.campaign_id = c.id and d.state in ('planned', 'deferred'))
      and not exists (select 1 from deliveries d where d.campaign_id = c.id and d.state in ('claimed', 'dot_pending'))`.execute(
    db,
  );
  return rows.map((row) => row.id);
}
