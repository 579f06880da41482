import { expect, it } from 'vitest';
import { computeNextRun } from '../../../src/newsletters/cadence.ts';

const FROM = Date.UTC(2026, 0, 1);
const TO = Date.UTC(2036, 0, 1);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Every day, at times that clocks skip or show twice somewhere. */
const TIMES = ['00:00', '00:30', '01:30', '02:30'] as const;

/** What a clock in the zone shows, by Intl and not by the library that the schedule uses: `2026-03-29 02:30:00`. */
function clockOf(zone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  return (at) => format.format(at);
}

const asUtc = (wall: string): number => Date.parse(`${wall.replace(' ', 'T')}Z`);

/** The moments at which the zone changes its offset, to the minute. */
function findChanges(clock: (at: number) => string): readonly number[] {
  const offset = (at: number): number => asUtc(clock(at)) - at;
  const changes: number[] = [];
  for (let at = FROM; at < TO; at += 7 * DAY_MS) {
    let [low, high] = [at, at + 7 * DAY_MS];
    if (offset(low) === offset(high)) {
      continue;
    }
    while (high - low > 60_000) {
      const middle = Math.floor((low + high) / 120_000) * 60_000;
      [low, high] = offset(middle) === offset(low) ? [middle, high] : [low, middle];
    }
    changes.push(high);
  }
  return changes;
}

/** The moments at which the clock shows this, none when it is skipped. */
function momentsOf(wall: string, clock: (at: number) => string): readonly number[] {
  const naive = asUtc(wall);
  const offsets = [-1, 1].map((days) => asUtc(clock(naive + days * DAY_MS)) - (naive + days * DAY_MS));
  return [...new Set(offsets)].map((offset) => naive - offset).filter((at) => clock(at) === wall);
}

/** What is wrong with the daily runs around a change of the clock. */
function faultsAround(change: number, zone: string, clock: (at: number) => string): readonly string[] {
  return TIMES.flatMap((time) => {
    const [hour, minute] = time.split(':').map(Number);
    const first = new Date(change - 1.5 * DAY_MS);
    const runs: number[] = [];
    for (let at = first; at.getTime() < change + DAY_MS; runs.push(at.getTime())) {
      at = computeNextRun(`${minute} ${hour} * * *`, zone, at);
    }
    const days = runs.map((at) => clock(at).slice(0, 10));
    const wanted = days.map((_, index) =>
      new Date(asUtc(`${days[0]} 12:00:00`) + index * DAY_MS).toISOString().slice(0, 10),
    );
    const isOnTime = runs.every((at, index) => {
      const wall = `${days[index]} ${time}:00`;
      const shown = momentsOf(wall, clock);
      const lateMs = asUtc(clock(at)) - asUtc(wall);
      return shown.length > 0 ? shown.includes(at) : lateMs > 0 && lateMs <= 2 * HOUR_MS;
    });
    return isOnTime && days.join(' ') === wanted.join(' ')
      ? []
      : [`${zone}, ${time}: ${runs.map((at) => clock(at)).join(', ')}`];
  });
}

it('runs every day once, at its time unless the clock skips it, in every zone over ten years (T8)', () => {
  const zones = Intl.supportedValuesOf('timeZone');
  /** Zones whose clocks show the same at the same changes have the same runs there: one of them is tried. */
  const kinds = new Map<string, { readonly zone: string; readonly changes: readonly number[] }>();
  for (const zone of zones) {
    const clock = clockOf(zone);
    const changes = findChanges(clock);
    kinds.set(changes.map((at) => `${at} ${clock(at - 1000)} ${clock(at)}`).join(), { zone, changes });
  }
  const faults = [...kinds.values()].flatMap(({ zone, changes }) =>
    changes.flatMap((change) => faultsAround(change, zone, clockOf(zone))),
  );
  expect(zones.length).toBeGreaterThan(400);
  expect(faults).toEqual([]);
}, 120_000);
