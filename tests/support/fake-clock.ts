import type { Clock } from '../../src/shared/clock.ts';

export interface FakeClock extends Clock {
  /** Jumps as a wall clock may, also backwards; the monotonic clock does not move. */
  set(instant: Date | string): void;
  /** Lets time pass on both clocks. */
  advance(durationMs: number): void;
}

export function createFakeClock(start: Date | string = '2026-11-23T07:00:00Z'): FakeClock {
  let nowMs = new Date(start).getTime();
  let monotonicMs = 0;
  return {
    now: () => new Date(nowMs),
    monotonicMs: () => monotonicMs,
    set: (instant) => {
      nowMs = new Date(instant).getTime();
    },
    advance: (durationMs) => {
      nowMs += durationMs;
      monotonicMs += durationMs;
    },
  };
}
