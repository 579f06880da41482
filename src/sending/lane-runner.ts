import { nextDueAt, reclaimForgotten } from '../deliveries/index.ts';
import type { SendingLane } from '../jobs/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Logger } from '../platform/logging/index.ts';
import { asError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import { createConnection } from './connection.ts';
import type { ConnectionDeps } from './connection.ts';
import { createLaneQueue } from './lane-queue.ts';
import type { QueueDeps } from './lane-queue.ts';

/** An idle lane looks again by itself at the latest after this; the sweep rings in between. */
const LONGEST_NAP_MS = 60_000;
/** After a failure of ours or of the database. */
const INTERRUPTED_NAP_MS = 1000;
/** While other lanes have all connections. */
const NO_PLACE_NAP_MS = 1000;
const SHORTEST_NAP_MS = 50;

export interface LaneDeps
  extends Omit<ConnectionDeps, 'queue'>, Omit<QueueDeps, 'relayKey' | 'isStopped' | 'db' | 'clock'> {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called when nothing is due any more. */
  readonly onIdle: (lane: SendingLane) => void;
}

export interface LaneRunner {
  /** There may be something due. Cheap; call it as often as you like. */
  wake(): void;
  /** Starts no new message and resolves when those under way have settled. */
  stop(): Promise<void>;
  /** Destroys the connections: what waits for a reply becomes ambiguous. */
  cutConnections(): void;
}

/** Sends what is due in one lane over a few long-lived connections, until nothing is; then sleeps until the next is due. */
export function createLaneRunner(deps: LaneDeps, lane: SendingLane, mostConnections: number): LaneRunner {
  const { db, clock, log, relays } = deps;
  let running: Promise<void> | undefined;
  let isStopping = false;
  let isWoken = false;
  /** One connection ran into a failure: the others finish what they have begun, so that all of it is put in order soon. */
  let isInterrupted = false;
  let timer: NodeJS.Timeout | undefined;
  let capacity = 1;
  const queue = createLaneQueue(
    {
      ...deps,
      relayKey: () => relays.preferredKey(),
      // A limit that is used up stops claims, not what has its place within it.
      isStopped: () => isStopping || isInterrupted || clock.monotonicMs() < relays.closedUntilMs,
    },
    lane,
    () => capacity,
  );
  const connections = Array.from({ length: mostConnections }, () => createConnection({ ...deps, queue }));

  const restUntilMs = (): number => Math.max(relays.closedUntilMs, queue.closedUntilMs);
  const isResting = (): boolean => clock.monotonicMs() < restUntilMs();

  async function work(connection: (typeof connections)[number]): Promise<void> {
    try {
      await connection.run();
    } catch (error) {
      isInterrupted = true;
      throw error;
    }
  }

  /** Runs while rows are due, then sleeps. Nothing is in hand at its beginning and, unless it throws, at its end. */
  async function drain(): Promise<void> {
    isInterrupted = false;
    // A pause that this process knows of may have been taken back since.
    await deps.limiter.refresh();
    const { freed } = await reclaimForgotten(db, { lane, workerId: deps.lease.workerId });
    if (freed > 0) {
      log.warn({ lane, freed }, 'took back blocks that were held on paper only');
    }
    do {
      isWoken = false;
      capacity = await relays.capacity();
      const outcomes = await Promise.allSettled(connections.slice(0, capacity).map((connection) => work(connection)));
      const failure = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failure !== undefined) {
        throw asError(failure.reason);
      }
      await queue.dropAll();
    } while (isWoken && !isStopping && !isResting());
    deps.onIdle(lane);
    if (isStopping) {
      return;
    }
    const dueAt = await nextDueAt(db, lane);
    const dueMs = dueAt === null ? LONGEST_NAP_MS : dueAt.getTime() - clock.now().getTime();
    const placeMs = relays.lacksPlace ? NO_PLACE_NAP_MS : SHORTEST_NAP_MS;
    sleep(Math.min(Math.max(restUntilMs() - clock.monotonicMs(), dueMs, placeMs), LONGEST_NAP_MS));
  }

  function sleep(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(wake, ms);
    timer.unref();
  }

  function wake(): void {
    isWoken = true;
    if (running === undefined && !isStopping) {
      clearTimeout(timer);
      running = drain()
        .catch((error: unknown) => {
          log.warn({ err: error, lane }, 'lane interrupted; it goes on by itself');
          queue.forget();
          isWoken = false;
          sleep(INTERRUPTED_NAP_MS);
        })
        .finally(() => {
          running = undefined;
          connections.forEach((connection) => connection.close());
          // Rung for while it looked for what is due next.
          if (isWoken && !isResting()) {
            wake();
          }
        });
    }
  }

  return {
    wake,
    stop: async () => {
      isStopping = true;
      clearTimeout(timer);
      await running;
      clearTimeout(timer);
    },
    cutConnections: () => connections.forEach((connection) => connection.cut()),
  };
}
