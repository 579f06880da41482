import { listSettledCampaigns, markDotPending } from '../deliveries/index.ts';
import type { Doorbell, SendingLane } from '../jobs/index.ts';
import { SENDING_LANES } from '../jobs/index.ts';
import type { Logger } from '../platform/logging/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { RelayAddress } from '../platform/smtp/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { DeliveryId, WorkerId } from '../shared/ids.ts';
import type { Keyring } from '../shared/keyring.ts';
import type { Random } from '../shared/random.ts';
import { createBatcher } from '../shared/batcher.ts';
import { createMailBuilder } from './build-mail.ts';
import { createLaneRunner } from './lane-runner.ts';
import type { LaneRunner } from './lane-runner.ts';
import { createRelay } from './relay.ts';
import { createSettler } from './settle-attempt.ts';
import { DEFAULT_LEASE, holdLease } from './worker-lease.ts';
import type { LeaseTiming } from './worker-lease.ts';

/** Connections per lane and worker process. */
const CONNECTIONS: Readonly<Record<SendingLane, number>> = { transactional: 4, campaigns: 8, digests: 8 };

export interface EngineDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly keyring: Keyring;
  readonly doorbell: Doorbell;
  readonly publicUrl: string;
  /** Asked at each new connection: the local inbox may have moved. */
  readonly findRelay: () => Promise<RelayAddress>;
}

export interface Engine {
  /** What the jobs `send-*` do: returns at once, the engine goes on as long as rows are due. */
  wake(lane: SendingLane): void;
  /** Starts no new message, waits for replies until the deadline, then cuts: what waits for its reply then is ambiguous. */
  stop(deadlineMs: number): Promise<void>;
}

/** The engine owns the connections and the lease; a job only rings. One per worker process. */
export async function startEngine(deps: EngineDeps, timing: LeaseTiming = DEFAULT_LEASE): Promise<Engine> {
  const giveUp = new AbortController();
  const relays = Object.fromEntries(
    SENDING_LANES.map((lane) => [
      lane,
      createRelay({ findAddress: deps.findRelay, clock: deps.clock, log: deps.log.child({ lane }) }),
    ]),
  ) as Record<SendingLane, ReturnType<typeof createRelay>>;
  const runners = new Map<SendingLane, LaneRunner>();
  const wakeAll = (): void => runners.forEach((runner) => runner.wake());
  const lease = await holdLease(deps, timing, {
    relayError: () => SENDING_LANES.map((lane) => relays[lane].error).find((error) => error !== null) ?? null,
    onRescued: wakeAll,
  });
  const shared = {
    ...deps,
    lease,
    buildMail: createMailBuilder(deps),
    settler: createSettler({ ...deps, giveUp: giveUp.signal }),
    dotCommits: createDotCommits(deps),
    onIdle: (lane: SendingLane) => void announceSettled(deps, lane),
  };
  for (const lane of SENDING_LANES) {
    runners.set(lane, createLaneRunner({ ...shared, relay: relays[lane] }, lane, CONNECTIONS[lane]));
  }
  wakeAll();

  return {
    wake: (lane) => runners.get(lane)?.wake(),
    stop: async (deadlineMs) => {
      const cut = setTimeout(() => {
        runners.forEach((runner) => runner.cutConnections());
        giveUp.abort();
      }, deadlineMs);
      await Promise.allSettled([...runners.values()].map((runner) => runner.stop()));
      clearTimeout(cut);
      await lease.end().catch((error: unknown) => deps.log.warn({ err: error }, 'the lease ends by itself'));
    },
  };
}

/** One statement for every connection that waits before its final dot. */
function createDotCommits(deps: { readonly db: Db }) {
  return createBatcher<{ readonly id: DeliveryId; readonly workerId: WorkerId }, boolean>(async (items) => {
    const committed = new Set<DeliveryId>();
    for (const [workerId, ofWorker] of Map.groupBy(items, (item) => item.workerId)) {
      const ids = ofWorker.map(({ id }) => id);
      for (const id of await markDotPending(deps.db, { ids, workerId })) {
        committed.add(id);
      }
    }
    return items.map(({ id }) => committed.has(id));
  });
}

async function announceSettled(
  deps: { readonly db: Db; readonly doorbell: Doorbell; readonly log: Logger },
  lane: SendingLane,
): Promise<void> {
  if (lane === 'transactional') {
    return;
  }
  try {
    for (const campaignId of await listSettledCampaigns(deps.db)) {
      deps.doorbell.ring('settle-campaign', { campaignId });
    }
  } catch (error) {
    deps.log.warn({ err: error, lane }, 'could not look for finished campaigns; the sweep will');
  }
}
