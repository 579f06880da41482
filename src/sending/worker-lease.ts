import { hostname } from 'node:os';
import { endLease, registerWorker, renewLease, RESCUE_GRACE_SECONDS, rescueDeliveries } from '../deliveries/index.ts';
import { holdIfLongStopped } from '../holds/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { isDatabaseUnavailable } from '../platform/postgres/index.ts';
import type { Logger } from '../platform/logging/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { WorkerId } from '../shared/ids.ts';

/** How long a silent worker keeps what it has claimed, and how often it says that it lives. */
export interface LeaseTiming {
  readonly leaseSeconds: number;
  readonly heartbeatMs: number;
  /** Taken off the lease for the way between this process and the socket. */
  readonly safetyMs: number;
  /** Added to a lease before others take over. */
  readonly graceSeconds: number;
}
export const DEFAULT_LEASE: LeaseTiming = {
  leaseSeconds: 20,
  heartbeatMs: 5000,
  safetyMs: 2000,
  graceSeconds: RESCUE_GRACE_SECONDS,
};
/** For crash tests and the demonstration, where nobody wants to wait: takes over within four seconds. */
export const QUICK_LEASE: LeaseTiming = { leaseSeconds: 3, heartbeatMs: 500, safetyMs: 500, graceSeconds: 0.5 };

export interface WorkerLease {
  readonly workerId: WorkerId;
  /** By this process's monotonic clock: true while nobody else can have taken over. */
  isAlive(): boolean;
  /** Ends the lease. Call it when nothing is in hand any more. */
  end(): Promise<void>;
}

interface LeaseDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Registers this process and keeps its lease by heartbeat; each beat also takes over from workers that fell silent
 * (`onRescued` tells when there is new work). A lease that ran out is never revived: the process goes on under a new id, and what it
 * had claimed under the old one can no longer reach a final dot.
 */
export async function holdLease(
  deps: LeaseDeps,
  timing: LeaseTiming,
  hooks: { readonly relayError: () => string | null; readonly onRescued: () => void },
): Promise<WorkerLease> {
  const { db, clock, log } = deps;
  // Also a process that slept, or a machine that was brought back from an image: each beat that finds its lease over comes here.
  const register = async (): Promise<WorkerId> => {
    await holdIfLongStopped(deps);
    return registerWorker(db, { host: hostname(), pid: process.pid, leaseSeconds: timing.leaseSeconds });
  };
  const lengthMs = timing.leaseSeconds * 1000 - timing.safetyMs;
  let startedAt = clock.monotonicMs();
  let workerId = await register();
  let aliveUntil = startedAt + lengthMs;
  let beating: Promise<void> | undefined;

  async function beat(): Promise<void> {
    startedAt = clock.monotonicMs();
    const isRenewed = await renewLease(db, {
      workerId,
      leaseSeconds: timing.leaseSeconds,
      relayError: hooks.relayError(),
    });
    if (!isRenewed) {
      log.warn({ workerId }, 'lease lost; going on under a new worker id');
      startedAt = clock.monotonicMs();
      workerId = await register();
    }
    aliveUntil = startedAt + lengthMs;
    const rescued = await rescueDeliveries(db, timing.graceSeconds);
    if (rescued.freed + rescued.ambiguous > 0) {
      log.warn({ ...rescued }, 'took over deliveries of a worker that fell silent');
      hooks.onRescued();
    }
  }

  const timer = setInterval(() => {
    beating ??= beat()
      .catch((error: unknown) => {
        log[isDatabaseUnavailable(error) ? 'warn' : 'error']({ err: error, workerId }, 'heartbeat failed');
      })
      .finally(() => {
        beating = undefined;
      });
  }, timing.heartbeatMs);

  return {
    get workerId() {
      return workerId;
    },
    isAlive: () => clock.monotonicMs() < aliveUntil,
    end: async () => {
      clearInterval(timer);
      await beating;
      await endLease(db, workerId);
    },
  };
}
