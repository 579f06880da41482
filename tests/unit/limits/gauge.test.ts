import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countUse, createGauge } from '../../../src/limits/gauge.ts';
import type { LimitUse } from '../../../src/limits/gauge.ts';
import { OVERALL } from '../../../src/limits/limit.ts';

const HOUR_MS = 3_600_000;
const NONE = { perSecond: null, perHour: null, perDay: null, concurrency: null };
const START_MS = Date.parse('2026-11-23T07:00:00Z');

/** The most in any window of that length. */
function mostWithin(starts: readonly number[], windowMs: number): number {
  return Math.max(0, ...starts.map((at) => starts.filter((other) => other <= at && other > at - windowMs).length));
}

/** Asks at each of these times for so many, taking what is free at once. */
function run(
  limit: Partial<typeof NONE | Record<string, number>>,
  batches: readonly (readonly [number, number])[],
): readonly number[] {
  let used: LimitUse = {};
  let nowMs = START_MS;
  const starts: number[] = [];
  for (const [waitMs, wanted] of batches) {
    nowMs += waitMs;
    const gauge = createGauge(OVERALL, { ...NONE, ...limit }, used, { nowMs, isBulk: true });
    for (let count = 0; count < wanted; count += 1) {
      const atMs = gauge.freeAtMs();
      if (atMs <= nowMs + 2000) {
        gauge.take(atMs);
        starts.push(atMs);
      } else {
        gauge.putOff();
      }
    }
    // As it is stored and read again.
    used = JSON.parse(JSON.stringify(gauge.use())) as LimitUse;
  }
  return starts;
}

const batches = (longestWaitMs: number) =>
  fc.array(fc.tuple(fc.integer({ min: 0, max: longestWaitMs }), fc.integer({ min: 1, max: 40 })), { maxLength: 60 });

describe('whatever is asked for when', () => {
  it('no hour holds more than its limit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), batches(HOUR_MS / 2), (perHour, asked) => {
        expect(mostWithin(run({ perHour }, asked), HOUR_MS)).toBeLessThanOrEqual(perHour);
      }),
    );
  });

  it('no day holds more than its limit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), batches(10 * HOUR_MS), (perDay, asked) => {
        expect(mostWithin(run({ perDay }, asked), 24 * HOUR_MS)).toBeLessThanOrEqual(perDay);
      }),
    );
  });

  it('no second holds more than its limit, but for the one that begins and ends it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), batches(3000), (perSecond, asked) => {
        expect(mostWithin(run({ perSecond }, asked), 1000)).toBeLessThanOrEqual(perSecond + 1);
      }),
    );
  });
});

it('gives those it puts off a second’s worth of places each, one after the other', () => {
  const gauge = createGauge(
    OVERALL,
    { ...NONE, perSecond: 4 },
    { nextAtMs: START_MS + 2500 },
    { nowMs: START_MS, isBulk: true },
  );
  const untils = Array.from({ length: 10 }, () => gauge.putOff() - START_MS);
  expect(untils).toEqual([1500, 1500, 1500, 1500, 2500, 2500, 2500, 2500, 3500, 3500]);
  expect(gauge.use()).toEqual({ nextAtMs: START_MS + 2500, queuedUntilMs: START_MS + 5000 });
});

it('forgets promises to those who never came', () => {
  const promised = { nextAtMs: START_MS - 60_000, queuedUntilMs: START_MS + HOUR_MS };
  const gauge = createGauge(OVERALL, { ...NONE, perSecond: 1 }, promised, { nowMs: START_MS, isBulk: true });
  expect(gauge.putOff()).toBe(START_MS + 1);
});

it('puts those whom an hour has no place for off until places come free, in order', () => {
  const minute = Math.floor(START_MS / 60_000);
  const used = { hour: { [minute - 30]: 2, [minute - 10]: 1 } };
  const gauge = createGauge(OVERALL, { ...NONE, perHour: 3 }, used, { nowMs: START_MS, isBulk: false });
  const minutes = Array.from({ length: 4 }, () => (gauge.putOff() - START_MS) / 60_000);
  expect(minutes).toEqual([31, 31, 51, 51]);
  expect(countUse(used, START_MS)).toEqual({ lastHour: 3, lastDay: 0 });
});
