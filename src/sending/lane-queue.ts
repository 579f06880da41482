import { claimDue, gateAgain, postponeRows } from '../deliveries/index.ts';
import type { ClaimedDelivery, DeliveryOutcome } from '../deliveries/index.ts';
import type { SendingLane } from '../jobs/index.ts';
import { mailDomainOf } from '../limits/index.ts';
import type { Limiter } from '../limits/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import { passFailPoint } from '../shared/fail-points.ts';
import type { WorkerId } from '../shared/ids.ts';
import { createHeldBlocks } from './held-blocks.ts';
import type { LedgerWriter } from './ledger-writer.ts';
import type { DotState } from './settled-attempt.ts';
import { outsideHours } from './outside-hours.ts';
import type { WorkerLease } from './worker-lease.ts';

/** A row whose DATA has not begun this long after its gate is gated again. */
const GATE_FRESH_MS = 3000;
/** About a second's worth is held, so that what is in hand goes out while its gate is fresh. */
const MOST_IN_HAND = 1500;
/** Claims met by other workers' claims come back empty though something is due. */
const CROWDED_RETRIES = 3;

/** A delivery in this process's hands. */
export interface Held {
  readonly delivery: ClaimedDelivery;
  readonly workerId: WorkerId;
  readonly domain: string;
  /** On the monotonic clock. */
  gatedAtMs: number;
  /** A limit lets it begin then, on the monotonic clock; asked again then if `hasSlot` is false. */
  notBeforeMs: number;
  hasSlot: boolean;
  /** Connections that broke before the server knew of the reader. */
  breaks: number;
  dot: DotState;
}

export interface LaneQueue {
  /** The next that may begin now; undefined when nothing may at this moment. Asks for more in the background. */
  tryTake(): Held | undefined;
  /** Waits for the next. Undefined when nothing is due, or nothing is to be begun any more. */
  take(): Promise<Held | undefined>;
  /** Whether it may still go out: its gate is asked again when it is old. False: it is not in this worker's hands any more. */
  isWelcome(held: Held): Promise<boolean>;
  /** Its gate was asked less than three seconds ago. */
  isFresh(held: Held): boolean;
  /** Nothing more is to be begun. */
  isStopped(): boolean;
  /** It was not begun, through no fault of its own: the next connection takes it. */
  putBack(held: Held): void;
  /** Back to the database, as open as it was. */
  drop(held: Held): void;
  /** Its attempt is over. Resolves when the outcome is durable. */
  settle(held: Held, outcome: DeliveryOutcome): Promise<void>;
  /** It has begun, and `ended` follows: for limits of concurrency. */
  began(held: Held): void;
  ended(held: Held): void;
  /** On the monotonic clock: before that a limit lets nothing of this lane go. */
  readonly closedUntilMs: number;
  /** Everything that waits here goes back. */
  dropAll(): Promise<void>;
  /** After a failure: nothing is in hand any more, whatever the database says; `reclaimForgotten` puts that in order. */
  forget(): void;
}

export interface QueueDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly lease: WorkerLease;
  readonly writer: LedgerWriter;
  readonly limiter: Limiter;
  /** The relay that takes mail at the moment, whose limits count. */
  readonly relayKey: () => string;
  readonly isStopped: () => boolean;
}

/** What a lane has claimed and its connections have not begun yet. */
export function createLaneQueue(deps: QueueDeps, lane: SendingLane, connections: () => number): LaneQueue {
  const { db, clock, limiter } = deps;
  let waiting: Held[] = [];
  const blocks = createHeldBlocks(deps);
  let refilling: Promise<boolean> | undefined;
  let regating: Promise<void> | undefined;
  let asking: Promise<void> | undefined;
  let closedUntilMs = 0;
  const taken = { count: 0, sinceMs: clock.monotonicMs(), perSecond: 0 };

  /** Follows the rate of the last second or so. */
  function countTake(): void {
    taken.count += 1;
    const ms = clock.monotonicMs() - taken.sinceMs;
    if (ms > 1000) {
      Object.assign(taken, { perSecond: (taken.count / ms) * 1000, count: 0, sinceMs: clock.monotonicMs() });
    }
  }

  const wanted = (): number => Math.min(Math.max(taken.perSecond, connections() * 4), MOST_IN_HAND);

  /** Nothing is claimed that could not go: a limit of hours or days is used up, or the relay is paused. */
  async function mayClaim(): Promise<boolean> {
    closedUntilMs = await limiter.closedUntilMs(deps.relayKey(), lane);
    return !deps.isStopped() && deps.lease.isAlive() && closedUntilMs <= clock.monotonicMs();
  }

  /** True when something came, or may come at once. */
  async function refill(): Promise<boolean> {
    for (let tries = 0; tries < CROWDED_RETRIES && (await mayClaim()); tries += 1) {
      const gatedAtMs = clock.monotonicMs();
      const { workerId } = deps.lease;
      const { claimed, emptyBlocks, isCrowded } = await claimDue(db, {
        lane,
        workerId,
        limit: Math.ceil(wanted()),
        now: clock.now(),
      });
      blocks.add(workerId, claimed);
      if (emptyBlocks.length > 0) {
        await deps.writer.finishBlocks(workerId, emptyBlocks);
      }
      await admit(
        claimed.map((delivery) => ({
          delivery,
          workerId,
          domain: mailDomainOf(delivery.address),
          gatedAtMs,
          notBeforeMs: 0,
          hasSlot: true,
          breaks: 0,
          dot: 'none',
        })),
      );
      if (claimed.length + emptyBlocks.length > 0) {
        return true;
      }
      if (!isCrowded) {
        return false;
      }
    }
    return false;
  }

  async function admit(rows: readonly Held[]): Promise<void> {
    if (rows.length === 0) {
      return;
    }
    passFailPoint('claim');
    const open = rows.filter(({ delivery }) => delivery.opensAt === null);
    const wishes = open.map(({ delivery, domain }) => ({ id: delivery.id, domain }));
    const { startAtMs, held, postponed } = await limiter.reserve(wishes, deps.relayKey(), lane);
    const all = [...postponed, ...outsideHours(rows.map(({ delivery }) => delivery))];
    const later = new Set(all.flatMap(({ ids }) => ids));
    if (later.size > 0) {
      await postponeRows(db, all);
    }
    const withoutSlot = new Set(held?.ids);
    for (const row of rows) {
      const { id, blockId } = row.delivery;
      if (later.has(id)) {
        blocks.leave(blockId);
      } else {
        row.hasSlot = !withoutSlot.has(id);
        row.notBeforeMs = (row.hasSlot ? startAtMs.get(id) : held?.untilMs) ?? 0;
        waiting.push(row);
      }
    }
  }

  /** Rows that a limit held back for some seconds ask for a slot again. */
  async function askAgain(): Promise<void> {
    const nowMs = clock.monotonicMs();
    const due = waiting.filter((row) => !row.hasSlot && row.notBeforeMs <= nowMs);
    waiting = waiting.filter((row) => !due.includes(row));
    await admit(due);
  }

  function isFresh(held: Held): boolean {
    return clock.monotonicMs() - held.gatedAtMs < GATE_FRESH_MS;
  }

  /** One statement for everything that waits, so that a long queue does not cost a statement a mail. */
  async function regate(): Promise<void> {
    const asked = new Set(waiting);
    const askedAtMs = clock.monotonicMs();
    const passed = await gateAgain(db, { lane, ids: waiting.map(({ delivery }) => delivery.id), now: clock.now() });
    asked.forEach((held) => (held.gatedAtMs = askedAtMs));
    // Who was taken meanwhile is on its way: it is not for us to let it go.
    const gone = waiting.filter((held) => asked.has(held) && !passed.has(held.delivery.id));
    waiting = waiting.filter((held) => !asked.has(held) || passed.has(held.delivery.id));
    gone.forEach(({ delivery }) => blocks.giveBack(delivery.blockId));
  }

  function startRefill(): Promise<boolean> {
    refilling ??= refill().finally(() => {
      refilling = undefined;
    });
    return refilling;
  }

  /** When the first that waits may begin; 0 when only a limit of concurrency keeps it. */
  function waitMs(): number {
    const nowMs = clock.monotonicMs();
    return waiting.reduce((least, held) => Math.min(least, Math.max(held.notBeforeMs - nowMs, 0)), Infinity);
  }

  function tryTake(): Held | undefined {
    if (deps.isStopped() || !deps.lease.isAlive()) {
      return undefined;
    }
    if (waiting.length < wanted() / 2) {
      startRefill().catch(() => undefined);
    }
    const nowMs = clock.monotonicMs();
    const index = waiting.findIndex(
      (held) =>
        held.hasSlot &&
        held.notBeforeMs <= nowMs &&
        isFresh(held) &&
        held.workerId === deps.lease.workerId &&
        limiter.mayBegin(held.domain),
    );
    const held = index === 0 ? waiting.shift() : index > 0 ? waiting.splice(index, 1)[0] : undefined;
    if (held !== undefined) {
      countTake();
    }
    return held;
  }

  async function take(): Promise<Held | undefined> {
    while (!deps.isStopped()) {
      const held = tryTake();
      if (held !== undefined) {
        return held;
      }
      dropForeign();
      if (waiting.length === 0) {
        if (!(await startRefill())) {
          return undefined;
        }
      } else if (waiting.some((one) => !isFresh(one))) {
        regating ??= regate().finally(() => {
          regating = undefined;
        });
        await regating;
      } else if (waiting.some((one) => !one.hasSlot && one.notBeforeMs <= clock.monotonicMs())) {
        asking ??= askAgain().finally(() => {
          asking = undefined;
        });
        await asking;
      } else {
        await new Promise((resolve) => setTimeout(resolve, Math.min(Math.max(waitMs(), 5), 1000)));
      }
    }
    return undefined;
  }

  /** After a lost lease: what was claimed under the old id is somebody else's by now. */
  function dropForeign(): void {
    const foreign = waiting.filter((held) => held.workerId !== deps.lease.workerId);
    if (foreign.length > 0) {
      waiting = waiting.filter((held) => held.workerId === deps.lease.workerId);
      foreign.forEach(({ delivery }) => blocks.giveBack(delivery.blockId));
    }
  }

  return {
    tryTake,
    take,
    isFresh,
    isWelcome: async (held) => {
      if (isFresh(held)) {
        return true;
      }
      const passed = await gateAgain(db, { lane, ids: [held.delivery.id], now: clock.now() });
      held.gatedAtMs = clock.monotonicMs();
      if (!passed.has(held.delivery.id)) {
        blocks.giveBack(held.delivery.blockId);
        return false;
      }
      return true;
    },
    putBack: (held) => void waiting.unshift(held),
    isStopped: deps.isStopped,
    drop: ({ delivery }) => blocks.giveBack(delivery.blockId),
    settle: ({ delivery, workerId, dot }, outcome) => blocks.settle({ delivery, workerId, outcome, dot }),
    get closedUntilMs() {
      return closedUntilMs;
    },
    began: (held) => limiter.began(held.domain),
    ended: (held) => limiter.ended(held.domain),
    dropAll: async () => {
      waiting.splice(0).forEach(({ delivery }) => blocks.giveBack(delivery.blockId));
      await blocks.settled();
    },
    forget: () => {
      waiting = [];
      blocks.forget();
    },
  };
}
