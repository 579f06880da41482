import { computeNextRun } from '../newsletters/index.ts';
import type { Frequency } from '../newsletters/index.ts';

const DAY_MS = 86_400_000;
/** 1 January 1970 was a Thursday. */
const MONDAY_OFFSET_DAYS = 3;

/**
 * Which slower readers get their digest with the issue at `periodAt`: those whose week (from Monday) or month ends before
 * `nextRunAt`. An issue that closes one covers the time up to the run after it; so when the last issue of a week is
 * skipped, the next one closes that week.
 */
export function closesFrequencies(
  schedule: { readonly cron: string; readonly timeZone: string },
  times: { readonly periodAt: Date; readonly nextRunAt: Date },
  lastClosed: Readonly<Record<Frequency, Date | null>>,
): readonly Frequency[] {
  const { cron, timeZone } = schedule;
  const closed: readonly Frequency[] = ['weekly', 'monthly'];
  return closed.filter((frequency) => {
    const last = lastClosed[frequency];
    const covered = last === null ? times.periodAt : computeNextRun(cron, timeZone, last);
    return spanOf(frequency, times.nextRunAt, timeZone) > spanOf(frequency, covered, timeZone);
  });
}

/** The week or month on the wall clock of the zone, as a number that grows. */
function spanOf(frequency: Frequency, at: Date, timeZone: string): number {
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone }).format(at);
  const [year = 0, month = 0] = day.split('-').map(Number);
  return frequency === 'monthly' ? year * 12 + month : Math.floor((Date.parse(day) / DAY_MS + MONDAY_OFFSET_DAYS) / 7);
}
