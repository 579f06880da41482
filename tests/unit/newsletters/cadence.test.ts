import { describe, expect, it } from 'vitest';
import { computeNextRun, isTimeZone } from '../../../src/newsletters/cadence.ts';

const MONDAY_AT_EIGHT = '0 8 * * 1';

function nextIso(cron: string, zone: string, after: string): string {
  return computeNextRun(cron, zone, new Date(after)).toISOString();
}

function codeOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return undefined;
}

describe('computeNextRun', () => {
  it('keeps the wall clock of the zone when summer time ends', () => {
    expect(nextIso(MONDAY_AT_EIGHT, 'America/New_York', '2026-10-25T00:00:00Z')).toBe('2026-10-26T12:00:00.000Z');
    expect(nextIso(MONDAY_AT_EIGHT, 'America/New_York', '2026-10-26T12:00:00Z')).toBe('2026-11-02T13:00:00.000Z');
  });

  it('keeps the wall clock of the zone when summer time begins', () => {
    expect(nextIso(MONDAY_AT_EIGHT, 'Europe/Berlin', '2026-03-23T07:00:00Z')).toBe('2026-03-30T06:00:00.000Z');
  });

  it('runs an hour later on the day whose hour the clock skips, and not twice where it repeats', () => {
    expect(nextIso('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z')).toBe('2026-03-29T01:30:00.000Z');
    expect(nextIso('30 2 * * *', 'Europe/Berlin', '2026-10-25T00:30:00Z')).toBe('2026-10-26T01:30:00.000Z');
  });

  it('is strictly after the moment given, so that advancing a due newsletter never stands still', () => {
    expect(nextIso(MONDAY_AT_EIGHT, 'UTC', '2026-11-23T08:00:00Z')).toBe('2026-11-30T08:00:00.000Z');
    expect(nextIso(MONDAY_AT_EIGHT, 'UTC', '2026-11-23T07:59:59.999Z')).toBe('2026-11-23T08:00:00.000Z');
  });

  it('knows half-hour zones, month ends and the first Monday', () => {
    expect(nextIso('0 8 * * *', 'Asia/Kathmandu', '2026-11-23T00:00:00Z')).toBe('2026-11-23T02:15:00.000Z');
    expect(nextIso('0 8 L * *', 'UTC', '2026-02-01T00:00:00Z')).toBe('2026-02-28T08:00:00.000Z');
    expect(nextIso('0 8 * * 1#1', 'UTC', '2026-11-03T00:00:00Z')).toBe('2026-12-07T08:00:00.000Z');
  });

  it.each([
    '',
    '0 8 * *',
    '0 0 8 * * 1',
    '0 24 * * *',
    '0 8 30 2 *',
    'H 8 * * 1',
    '@weekly',
    'every Monday',
    '61 8 * * 1',
  ])('refuses "%s"', (cron) => {
    expect(codeOf(() => computeNextRun(cron, 'UTC', new Date('2026-11-23T00:00:00Z')))).toBe('cron_invalid');
  });

  it('refuses a zone that is not in the IANA list by another code', () => {
    expect(codeOf(() => computeNextRun(MONDAY_AT_EIGHT, 'Mars/Base', new Date(0)))).toBe('time_zone_invalid');
  });
});

describe('isTimeZone', () => {
  it('takes IANA names and refuses fixed offsets, which know no summer time', () => {
    expect(['Europe/Berlin', 'UTC', 'America/Argentina/Buenos_Aires'].every(isTimeZone)).toBe(true);
    expect(['+02:00', '', 'Berlin', 'Europe/Berlin; drop'].some(isTimeZone)).toBe(false);
  });
});
