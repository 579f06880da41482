import { claimDue, gateAgain, nextDueAt, releaseClaims } from '../deliveries/index.ts';
import type { ClaimedDelivery } from '../deliveries/index.ts';
import type { SendingLane } from '../jobs/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { isDatabaseUnavailable } from '../platform/postgres/index.ts';
import type { SmtpSession } from '../platform/smtp/index.ts';
import type { Logger } from '../platform/logging/index.ts';
import { asError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { DeliveryId, WorkerId } from '../shared/ids.ts';
import type { Random } from '../shared/random.ts';
import type { Batcher } from './batcher.ts';
import type { BuildMail } from './build-mail.ts';
import type { Relay } from './relay.ts';
import { sendDelivery } from './send-delivery.ts';
import type { AttemptResult } from './send-delivery.ts';
import type { SettledAttempt } from './settle-attempt.ts';
import type { WorkerLease } from './worker-lease.ts';

/** A row whose DATA has not begun this long after its gate is gated again. */
const GATE_FRESH_MS = 3000;
/** An idle lane looks again by itself at the latest after this; the sweep rings in between. */
const LONGEST_NAP_MS = 60_000;
/** A server may close a connection that idles; one that failed after such a pause is replaced without a word. */
const STALE_SESSION_MS = 1000;

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

interface Slot {
  session: SmtpSession | undefined;
  lastUsedMs: number;
}

/** Sends what is due in one lane over a few long-lived connections, until nothing is; then sleeps until the next is due. */
export function createLaneRunner(deps: LaneDeps, lane: SendingLane, connections: number): LaneRunner {
  const { db, clock, log } = deps;
  const slots: Slot[] = Array.from({ length: connections }, () => ({ session: undefined, lastUsedMs: 0 }));
  const queue: Held[] = [];
  /** Claimed, but something failed before their fate was known; given back as soon as the database answers. */
  const stranded: Held[] = [];
  let refilling: Promise<number> | undefined;
  let running: Promise<void> | undefined;
  let isStopping = false;
  let isWoken = false;
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
    while (!isStopping && clock.monotonicMs() >= deps.relay.pausedUntil) {
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
    const stays = queue.filter((other) => other.workerId !== held.workerId || passed.has(other.delivery.id));
    queue.splice(0, queue.length, ...stays);
    return passed.has(held.delivery.id);
  }

  async function sessionOf(slot: Slot): Promise<SmtpSession> {
    if (slot.session?.isOpen !== true) {
      slot.session = await deps.relay.open();
      slot.lastUsedMs = clock.monotonicMs();
    }
    return slot.session;
  }

  async function attempt(slot: Slot, held: Held): Promise<AttemptResult> {
    const { delivery, workerId } = held;
    const message = await deps.buildMail(delivery);
    const wasIdleMs = clock.monotonicMs() - slot.lastUsedMs;
    const isReused = slot.session?.isOpen === true && wasIdleMs > STALE_SESSION_MS;
    const send = async (): Promise<AttemptResult> =>
      sendDelivery(deps, await sessionOf(slot), delivery, message, {
        mayBegin: () => isGateFresh(held),
        commitDot: () => deps.dotCommits.add({ id: delivery.id, workerId }),
        isLeaseAlive: () => deps.lease.isAlive() && deps.lease.workerId === workerId,
      });
    const result = await send();
    slot.lastUsedMs = clock.monotonicMs();
    const isStale =
      isReused &&
      result.kind === 'settled' &&
      result.outcome.state === 'deferred' &&
      result.outcome.reason === 'connection_lost';
    return isStale ? send() : result;
  }

  async function giveBack(held: readonly Held[]): Promise<void> {
    try {
      for (const [workerId, ofWorker] of Map.groupBy(held, (one) => one.workerId)) {
        await releaseClaims(
          db,
          ofWorker.map(({ delivery }) => delivery.id),
          workerId,
        );
      }
    } catch (error) {
      stranded.push(...held);
      throw error;
    }
  }

  async function process(slot: Slot, held: Held): Promise<void> {
    if (!(await isGateFresh(held))) {
      return;
    }
    let result: AttemptResult;
    try {
      await sessionOf(slot);
    } catch {
      // The relay has noted why; the reader's row is as it was.
      await giveBack([held]);
      return;
    }
    try {
      result = await attempt(slot, held);
    } catch (error) {
      result = failedToBuild(error);
    }
    if (result.kind === 'settled') {
      await deps.settler.add({ delivery: held.delivery, workerId: held.workerId, outcome: result.outcome });
    }
    if (result.kind === 'untouched') {
      await giveBack([held]);
    }
    if (result.kind !== 'turned-away' && result.relayTrouble !== null) {
      deps.relay.pause(result.relayTrouble);
    }
  }

  function failedToBuild(error: unknown): AttemptResult {
    if (isDatabaseUnavailable(error)) {
      throw asError(error);
    }
    log.error({ err: error, lane }, 'a mail could not be built');
    return {
      kind: 'settled',
      outcome: { state: 'rejected', reason: 'render_failed', reply: undefined, suppress: false },
      relayTrouble: null,
    };
  }

  async function work(slot: Slot): Promise<void> {
    for (let held = await next(); held !== undefined; held = await next()) {
      try {
        await process(slot, held);
      } catch (error) {
        stranded.push(held);
        throw error;
      }
    }
  }

  async function drain(): Promise<void> {
    await giveBack(stranded.splice(0));
    do {
      isWoken = false;
      const outcomes = await Promise.allSettled(slots.map((slot) => work(slot)));
      const failure = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failure !== undefined) {
        log.warn({ err: failure.reason as unknown, lane }, 'lane interrupted; it goes on by itself');
        break;
      }
    } while (isWoken && !isStopping && clock.monotonicMs() >= deps.relay.pausedUntil);
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
          sleep(1000);
        })
        .finally(() => {
          running = undefined;
          closeIdleSessions();
        });
    }
  }

  /** A lane that has nothing to do holds no connection: the relay may need it for others. */
  function closeIdleSessions(): void {
    for (const slot of slots) {
      if (slot.session?.isOpen === true) {
        slot.session.close();
      }
      slot.session = undefined;
    }
  }

  return {
    wake,
    stop: async () => {
      isStopping = true;
      clearTimeout(timer);
      await running;
      closeIdleSessions();
    },
    cutConnections: () => {
      for (const slot of slots) {
        slot.session?.destroy();
      }
    },
  };
}
