import { describe, expect, it } from 'vitest';
import { nextPollAfterFailure, paceAfterSuccess } from '../../../src/content/poll-pace.ts';
import type { FeedId } from '../../../src/shared/ids.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const HOUR_MS = 3_600_000;

function feed(id = 1, changes: { every?: number; firstPolledAt?: Date | null; nextBuildAt?: Date } = {}) {
  return {
    id: id as FeedId,
    pollEverySeconds: changes.every ?? 900,
    firstPolledAt: changes.firstPolledAt === undefined ? NOW : changes.firstPolledAt,
    nextBuildAt: changes.nextBuildAt ?? null,
  };
}

function pauseSeconds(at: Date): number {
  return (at.getTime() - NOW.getTime()) / 1000;
}

/** The pace after this many polls that all went the same. */
function everyAfter(polls: number, newCount: number): number {
  let every = 900;
  for (let count = 0; count < polls; count += 1) {
    every = paceAfterSuccess(feed(1, { every }), { newCount }, NOW).pollEverySeconds;
  }
  return every;
}

describe('after a success', () => {
  it('comes sooner to a feed with news, down to five minutes, and later to a quiet one, up to six hours', () => {
    expect(everyAfter(1, 3)).toBe(450);
    expect(everyAfter(10, 1)).toBe(300);
    expect(everyAfter(1, 0)).toBe(1125);
    expect(everyAfter(50, 0)).toBe(6 * 3600);
  });

  it('never undercuts its interval, and draws 10,000 feeds that were added together apart over a whole one', () => {
    const pauses = Array.from({ length: 10_000 }, (_, index) =>
      pauseSeconds(paceAfterSuccess(feed(index + 1, { firstPolledAt: null }), { newCount: 5 }, NOW).nextPollAt),
    );
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(900);
    expect(Math.max(...pauses)).toBeLessThan(1800);
    const perMinute = new Map<number, number>();
    for (const pause of pauses) {
      const minute = Math.floor(pause / 60);
      perMinute.set(minute, (perMinute.get(minute) ?? 0) + 1);
    }
    expect(Math.max(...perMinute.values())).toBeLessThan(10_000 / 14);
  });

  it('asks as seldom as the server says, but not more seldom than every six hours', () => {
    const after = (freshForSeconds: number) =>
      pauseSeconds(paceAfterSuccess(feed(), { newCount: 0, freshForSeconds }, NOW).nextPollAt);
    expect(after(60)).toBeLessThan(1300);
    expect(after(7200)).toBeGreaterThanOrEqual(7200);
    expect(after(7200)).toBeLessThan(8000);
    expect(after(10_000_000)).toBeLessThan(7 * 3600);
  });

  it('asks every feed once more shortly before an issue is built, each at its own time', () => {
    const nextBuildAt = new Date(NOW.getTime() + HOUR_MS);
    const pauses = [1, 2, 3].map((id) =>
      pauseSeconds(paceAfterSuccess(feed(id, { every: 21_600, nextBuildAt }), { newCount: 0 }, NOW).nextPollAt),
    );
    for (const pause of pauses) {
      expect(pause).toBeGreaterThan(3600 - 16 * 60);
      expect(pause).toBeLessThanOrEqual(3600 - 3 * 60);
    }
    expect(new Set(pauses).size).toBe(3);
  });

  it('does not come back at once when the issue is about to be built', () => {
    const nextBuildAt = new Date(NOW.getTime() + 4 * 60_000);
    const { nextPollAt } = paceAfterSuccess(feed(1, { every: 3600, nextBuildAt }), { newCount: 0 }, NOW);
    expect(pauseSeconds(nextPollAt)).toBeGreaterThanOrEqual(3600);
  });
});

describe('after a failure', () => {
  const pause = (failure: Parameters<typeof nextPollAfterFailure>[1]) =>
    pauseSeconds(nextPollAfterFailure(1 as FeedId, failure, NOW)) / 60;

  it('waits twice as long each time, from a quarter of an hour to a day', () => {
    const pauses = [1, 2, 3, 20].map((count) => pause({ count }));
    for (const [index, minutes] of [15, 30, 60, 1440].entries()) {
      expect(pauses[index]).toBeGreaterThanOrEqual(minutes);
      expect(pauses[index]).toBeLessThan(minutes * 1.1);
    }
  });

  it('waits as long as the server asks for, at most a day', () => {
    expect(pause({ count: 1, retryAfterSeconds: 7200 })).toBeGreaterThanOrEqual(120);
    expect(pause({ count: 1, retryAfterSeconds: 10_000_000 })).toBeLessThan(1440 * 1.1);
  });

  it('asks a feed that is gone once a day', () => {
    expect(pause({ count: 1, isGone: true })).toBeGreaterThanOrEqual(1440);
  });
});
