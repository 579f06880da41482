import { claimDue, gateAgain, nextDueAt, reclaimForgotten, releaseClaims } from '../deliveries/index.ts';
import type { ClaimedDelivery } from '../deliveries/index.ts';
import type { SendingLane } from '../jobs/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Logger } from '../platform/logging/index.ts';
import { asError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { DeliveryId, WorkerId } from '../shared/ids.ts';
import type { Random } from '../shared/random.ts';
import type { Batcher } from '../shared/batcher.ts';
import type { BuildMail } from './build-mail.ts';
import { createLaneSlot } from './lane-slot.ts';
import type { LaneSlot } from './lane-slot.ts';
import type { Relay } from './relay.ts';
import type { SettledAttempt } from './settle-attempt.ts';
import type { WorkerLease } from './worker-lease.ts';

/** A row whose DATA has not begun this long after its gate is gated again. */
const GATE_FRESH_MS = 3000;
/** An idle lane looks again by itself at the latest after this; the sweep rings in between. */
const LONGEST_NAP_MS = 60_000;
/** After a failure of ours or of the database. */
const INTERRUPTED_NAP_MS = 1000;

export interface LaneDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly lease: WorkerLease;
  readonly relay: Relay;
  readonly buildMail: BuildMail;
  readonly settler: Batcher<SettledAttempt, void>;
  readonly dotCommits: Batcher<{ readonly id: DeliveryId; readonly workerId: WorkerId }, boolean>;
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

interface Held {
  readonly delivery: ClaimedDelivery;
  readonly workerId: WorkerId;
  gatedAtMs: number;
}

/** Sends what is due in one lane over a few long-lived connections, until nothing is; then sleeps until the next is due. */
export function createLaneRunner(deps: LaneDeps, lane: SendingLane, connections: number): LaneRunner {
  const { db, clock, log } = deps;
  const slots = Array.from({ length: connections }, () => createLaneSlot(deps));
  const queue: Held[] = [];
  let refilling: Promise<number> | undefined;
  let running: Promise<void> | undefined;
  let isStopping = false;
  let isWoken = false;
  /** One connection ran into a failure: the others finish what they hold, so that all of it is put in order soon. */
  let isInterrupted = false;
  let timer: NodeJS.Timeout | undefined;

  async function claim(): Promise<number> {
    const gatedAtMs = clock.monotonicMs();
    const { workerId } = deps.lease;
    if (!deps.lease.isAlive()) {
      return 0;
    }
    const { claimed, turnedAway } = await claimDue(db, { lane, workerId, limit: connections * 8, now: clock.now() });
    queue.push(...claimed.map((delivery) => ({ delivery, workerId, gatedAtMs })));
    return claimed.length + turnedAway;
  }

  /** The next delivery to send, or undefined when the lane is empty, stopping or its relay is resting. */
  async function next(): Promise<Held | undefined> {
    while (!isStopping && !isInterrupted && !isResting()) {
      const held = queue.shift();
      if (held !== undefined) {
        return held;
      }
      refilling ??= claim().finally(() => {
        refilling = undefined;
      });
      if ((await refilling) === 0 && queue.length === 0) {
        return undefined;
      }
    }
    return undefined;
  }

  function isResting(): boolean {
    return clock.monotonicMs() < deps.relay.pausedUntil;
  }

  /** One statement for everything that still waits here, so that a long queue does not cost a statement a mail. */
  async function isGateFresh(held: Held): Promise<boolean> {
    const nowMs = clock.monotonicMs();
    if (nowMs - held.gatedAtMs < GATE_FRESH_MS) {
      return true;
    }
    const all = [held, ...queue.filter((other) => other.workerId === held.workerId)];
    const ids = all.map(({ delivery }) => delivery.id);
    const passed = await gateAgain(db, { ids, workerId: held.workerId, now: clock.now() });
    for (const one of all) {
      one.gatedAtMs = nowMs;
    }
    // What was claimed while the statement ran was not asked about.
    const stays = queue.filter((other) => !all.includes(other) || passed.has(other.delivery.id));
    queue.splice(0, queue.length, ...stays);
    return passed.has(held.delivery.id);
  }

  async function giveBack(held: readonly Held[]): Promise<void> {
    for (const [workerId, ofWorker] of Map.groupBy(held, (one) => one.workerId)) {
      const ids = ofWorker.map(({ delivery }) => delivery.id);
      await releaseClaims(db, ids, workerId);
    }
  }

  async function process(slot: LaneSlot, held: Held): Promise<void> {
    if (!(await isGateFresh(held))) {
      return;
    }
    const { delivery, workerId } = held;
    const result = await slot.attempt(delivery, {
      mayBegin: () => isGateFresh(held),
      commitDot: () => deps.dotCommits.add({ id: delivery.id, workerId }),
      isLeaseAlive: () => deps.lease.isAlive() && deps.lease.workerId === workerId,
    });
    if (result.kind === 'turned-away') {
      return;
    }
    if (result.relayTrouble !== null) {
      deps.relay.pause(result.relayTrouble);
    }
    if (result.kind === 'untouched') {
      await giveBack([held]);
      return;
    }
    if (result.outcome.state === 'accepted') {
      deps.relay.succeeded();
    }
    await deps.settler.add({ delivery, workerId, outcome: result.outcome });
  }

  async function work(slot: LaneSlot): Promise<void> {
    try {
      for (let held = await next(); held !== undefined; held = await next()) {
        await process(slot, held);
      }
    } catch (error) {
      isInterrupted = true;
      throw error;
    }
  }

  /** Runs while rows are due, then sleeps. Nothing is in hand at its beginning and, unless it throws, at its end. */
  async function drain(): Promise<void> {
    isInterrupted = false;
    const forgotten = await reclaimForgotten(db, { lane, workerId: deps.lease.workerId });
    if (forgotten > 0) {
      log.warn({ lane, forgotten }, 'took back deliveries that were held on paper only');
    }
    do {
      isWoken = false;
      const outcomes = await Promise.allSettled(slots.map((slot) => work(slot)));
      const failure = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failure !== undefined) {
        throw asError(failure.reason);
      }
    } while (isWoken && !isStopping && !isResting());
    await giveBack(queue.splice(0));
    if (!isStopping) {
      deps.onIdle(lane);
    }
    await nap();
  }

  /** Sleeps until something is due, the relay has rested, or the next look at the latest. */
  async function nap(): Promise<void> {
    if (isStopping) {
      return;
    }
    const restMs = deps.relay.pausedUntil - clock.monotonicMs();
    const dueAt = await nextDueAt(db, lane);
    const dueMs = dueAt === null ? LONGEST_NAP_MS : dueAt.getTime() - clock.now().getTime();
    sleep(Math.min(Math.max(restMs, dueMs, 50), LONGEST_NAP_MS));
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
          queue.length = 0;
          isWoken = false;
          sleep(INTERRUPTED_NAP_MS);
        })
        .finally(() => {
          running = undefined;
          slots.forEach((slot) => slot.close());
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
    cutConnections: () => slots.forEach((slot) => slot.cut()),
  };
}
