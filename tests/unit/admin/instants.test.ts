import { expect, it } from 'vitest';
import { countOf, formatCountdown, formatDistance, formatDuration } from '../../../admin/src/parts/instants.ts';

const HOUR = 3_600_000;

it.each([
  [2 * 24 * HOUR + 4 * HOUR + 5 * 60_000 + 6000, '2 days 04:05:06'],
  [25 * HOUR, '1 day 01:00:00'],
  [24 * HOUR - 1000, '23:59:59'],
  [60_000, '01:00'],
  [999, '00:01'],
  [0, '00:00'],
  [-5000, '00:00'],
])('counts %d ms down as %s', (left, text) => {
  expect(formatCountdown(left)).toBe(text);
});

it('says how long ago something was, or when it comes', () => {
  const now = Date.UTC(2026, 10, 22, 12);
  expect(formatDistance('2026-11-22T11:57:00Z', now)).toBe('3 minutes ago');
  expect(formatDistance('2026-11-22T14:30:00Z', now)).toBe('in 2 hours');
  expect(formatDistance('2026-11-22T11:59:40Z', now)).toBe('just now');
});

it('speaks of one thing and of many', () => {
  expect([countOf(0, 'mail'), countOf(1, 'mail'), countOf(1200, 'mail')]).toEqual(['0 mails', '1 mail', '1,200 mails']);
  expect([formatDuration(0.2), formatDuration(600), formatDuration(7200)]).toEqual(['1 s', '10 min', '2.0 h']);
});
