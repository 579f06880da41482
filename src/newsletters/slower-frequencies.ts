import { parsePattern } from './cadence.ts';
import type { Frequency } from './digest-rules.ts';

/** Always the same year, so that a schedule has the same answer every day. */
const YEAR_BEGINS = new Date('2026-01-01T00:00:00Z');
const YEAR_ENDS = new Date('2027-01-01T00:00:00Z');
/** More issues than one in each week of a year, which may begin and end with a piece of one; and in each month. */
const [MORE_THAN_WEEKLY, MORE_THAN_MONTHLY] = [54, 13];

/**
 * How readers may have a newsletter less often than it comes: weekly where there is more than one issue a week, monthly where more
 * than one a month.
 */
export function listSlowerFrequencies(cron: string): readonly Frequency[] {
  const issues = cron === '' ? 0 : countRuns(cron);
  return [
    ...(issues >= MORE_THAN_WEEKLY ? (['weekly'] as const) : []),
    ...(issues >= MORE_THAN_MONTHLY ? (['monthly'] as const) : []),
  ];
}

/** Of a year, no further than matters. In UTC, which is quick: the clocks of a zone make none more or less. */
function countRuns(cron: string): number {
  const pattern = parsePattern(cron, 'UTC', YEAR_BEGINS);
  let count = 0;
  while (count < MORE_THAN_WEEKLY && pattern.next().toDate() < YEAR_ENDS) {
    count += 1;
  }
  return count;
}
