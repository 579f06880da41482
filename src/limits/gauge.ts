import type { GaugeScope, SendingLimit } from './limit.ts';

const HOUR_MS = 3_600_000;

/** A window slides in steps: what was counted in a step counts until the whole step is out of the window. */
interface SlidingWindow {
  readonly name: 'hour' | 'day';
  readonly lengthMs: number;
  readonly stepMs: number;
}
const WINDOWS: readonly SlidingWindow[] = [
  { name: 'hour', lengthMs: HOUR_MS, stepMs: 60_000 },
  { name: 'day', lengthMs: 24 * HOUR_MS, stepMs: 30 * 60_000 },
];

/** What of a limit is used, as it is stored: instants in milliseconds since 1970, counts by number of the step. */
export interface LimitUse {
  /** When the next one may begin: the theoretical arrival time of the generic cell rate algorithm. */
  readonly nextAtMs?: number;
  /** Until when places are promised to those that were put off. */
  readonly queuedUntilMs?: number;
  readonly hour?: Readonly<Record<string, number>>;
  readonly day?: Readonly<Record<string, number>>;
}

/** The last part of an hour and of a day belongs to confirmations and other mails that somebody waits for. */
const BULK_SHARE = 0.95;
/** A gauge that nobody used for so long owes nobody a place: those it was promised to are gone. */
const IDLE_MS = 5000;
/** Nobody takes places further ahead: what is, comes from a clock that was set back. */
const LONGEST_AHEAD_MS = 10_000;
const LONGEST_QUEUE_MS = 24 * HOUR_MS;
/** How long before its place somebody who was put off comes back, so that no place is missed on the way. */
const EARLY_MS = 1000;

export interface Gauge {
  readonly scope: GaugeScope;
  readonly isChanged: boolean;
  /** The earliest start by this gauge; of one who would have to wait for an hour or a day, behind those put off before. */
  freeAtMs(): number;
  /** Counts one that begins then. */
  take(startMs: number): void;
  /** Puts one off. @returns when to try again. */
  putOff(): number;
  use(): LimitUse;
}

/** A working copy of what is used, for one batch. Pure: nothing is stored here. */
export function createGauge(
  scope: GaugeScope,
  limit: SendingLimit,
  used: LimitUse,
  batch: { readonly nowMs: number; readonly isBulk: boolean },
): Gauge {
  const { nowMs } = batch;
  const gapMs = limit.perSecond === null ? 0 : 1000 / limit.perSecond;
  const rounds = Math.max(1, Math.round((limit.perSecond ?? 1) * (EARLY_MS / 1000)));
  let nextAtMs = Math.min(Math.max(used.nextAtMs ?? 0, nowMs), nowMs + LONGEST_AHEAD_MS + gapMs);
  let queuedMs = queueBegin(used, nowMs, nextAtMs);
  let putOffCount = 0;
  let isChanged = false;
  const counters = WINDOWS.flatMap((window) => {
    const most = window.name === 'hour' ? limit.perHour : limit.perDay;
    return most === null
      ? []
      : [createCounter(window, batch.isBulk ? Math.max(1, Math.floor(most * BULK_SHARE)) : most, used, nowMs)];
  });

  return {
    scope,
    get isChanged() {
      return isChanged;
    },
    freeAtMs: () =>
      Math.max(limit.perSecond === null ? nowMs : nextAtMs, ...counters.map((counter) => counter.freeAtMs())),
    take: (startMs) => {
      isChanged = true;
      nextAtMs += gapMs;
      counters.forEach((counter) => counter.count(startMs));
    },
    putOff: () => {
      const freeAtMs = Math.max(nowMs, ...counters.map((counter) => counter.freeAtMs()));
      counters.forEach((counter) => counter.wait());
      if (freeAtMs > nowMs || gapMs === 0) {
        return freeAtMs;
      }
      isChanged = true;
      queuedMs = Math.max(queuedMs, nextAtMs);
      // A second's worth comes back together.
      const first = queuedMs - (putOffCount % rounds) * gapMs;
      putOffCount += 1;
      queuedMs += gapMs;
      return Math.max(first - EARLY_MS, nowMs + 1);
    },
    use: () => ({
      ...(limit.perSecond === null ? {} : { nextAtMs, ...(queuedMs > nowMs ? { queuedUntilMs: queuedMs } : {}) }),
      ...Object.fromEntries(counters.map((counter) => [counter.name, counter.counts()])),
    }),
  };
}

function queueBegin(used: LimitUse, nowMs: number, nextAtMs: number): number {
  const queuedMs = used.queuedUntilMs ?? 0;
  const isIdle = nowMs - (used.nextAtMs ?? 0) > IDLE_MS;
  return isIdle || queuedMs > nowMs + LONGEST_QUEUE_MS ? nextAtMs : Math.max(queuedMs, nextAtMs);
}

interface Counter {
  readonly name: SlidingWindow['name'];
  freeAtMs(): number;
  count(atMs: number): void;
  wait(): void;
  counts(): Readonly<Record<string, number>>;
}

function createCounter(
  { name, lengthMs, stepMs }: SlidingWindow,
  most: number,
  used: LimitUse,
  nowMs: number,
): Counter {
  const endOf = (step: number): number => (step + 1) * stepMs + lengthMs;
  const counts = new Map(
    Object.entries(used[name] ?? {})
      .map(([step, count]) => [Number(step), count] as const)
      .filter(([step]) => endOf(step) > nowMs)
      .toSorted(([one], [other]) => one - other),
  );
  let total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  let waiting = 0;
  return {
    name,
    freeAtMs: () => {
      let missing = total + waiting + 1 - most;
      if (missing <= 0) {
        return nowMs;
      }
      let lastMs = nowMs + lengthMs;
      for (const [step, count] of counts) {
        missing -= count;
        lastMs = endOf(step);
        if (missing <= 0) {
          break;
        }
      }
      return lastMs;
    },
    count: (atMs) => {
      const step = Math.floor(atMs / stepMs);
      counts.set(step, (counts.get(step) ?? 0) + 1);
      total += 1;
    },
    wait: () => {
      waiting += 1;
    },
    counts: () => Object.fromEntries(counts),
  };
}

/** How many began in the last hour and day, rounded up as the limits count them. */
export function countUse(use: LimitUse, nowMs: number): { readonly lastHour: number; readonly lastDay: number } {
  const [lastHour = 0, lastDay = 0] = WINDOWS.map(({ name, lengthMs, stepMs }) =>
    Object.entries(use[name] ?? {})
      .filter(([step]) => (Number(step) + 1) * stepMs + lengthMs > nowMs)
      .reduce((sum, [, count]) => sum + count, 0),
  );
  return { lastHour, lastDay };
}
