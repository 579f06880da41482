import { expect, test } from 'vitest';
import { closesFrequencies } from '../../../src/digests/closing-issue.ts';

const WORKDAYS = { cron: '0 8 * * 1-5', timeZone: 'UTC' };
const NONE = { weekly: null, monthly: null };

function at(day: string): Date {
  return new Date(`2026-${day}T08:00:00Z`);
}

test('the last issue of a week closes it, and no other', () => {
  const friday = { weekly: at('11-20'), monthly: null };
  expect(closesFrequencies(WORKDAYS, { periodAt: at('11-20'), nextRunAt: at('11-23') }, NONE)).toEqual(['weekly']);
  expect(closesFrequencies(WORKDAYS, { periodAt: at('11-23'), nextRunAt: at('11-24') }, friday)).toEqual([]);
  expect(closesFrequencies(WORKDAYS, { periodAt: at('11-27'), nextRunAt: at('11-30') }, friday)).toEqual(['weekly']);
});

test('when the last issue of a week was skipped, the next one closes it, and still the last of its own week', () => {
  const friday = { weekly: at('11-13'), monthly: at('10-30') };
  expect(closesFrequencies(WORKDAYS, { periodAt: at('11-23'), nextRunAt: at('11-24') }, friday)).toEqual(['weekly']);
  const monday = { ...friday, weekly: at('11-23') };
  expect(closesFrequencies(WORKDAYS, { periodAt: at('11-27'), nextRunAt: at('11-30') }, monday)).toEqual(['weekly']);
});

test('the last issue of a month closes it', () => {
  const last = { weekly: at('11-27'), monthly: at('10-30') };
  expect(closesFrequencies(WORKDAYS, { periodAt: at('11-30'), nextRunAt: at('12-01') }, last)).toEqual(['monthly']);
});
