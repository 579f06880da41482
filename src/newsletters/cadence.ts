import { CronExpressionParser } from 'cron-parser';
import type { CronExpression } from 'cron-parser';
import { inputError } from '../shared/app-error.ts';

/** Five fields of digits, names, lists, ranges, steps, `L` and `#`. No seconds, and no `H`, which means "some time". */
const FIVE_FIELDS = /^(?!.*\bH\b)[\w*,/#-]+(?: [\w*,/#-]+){4}$/i;

/** IANA names only: a fixed offset would ignore daylight saving time. */
export function isTimeZone(zone: string): boolean {
  if (!/^[a-z]/i.test(zone)) {
    return false;
  }
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/**
 * The first moment after `after` that the pattern names, on the wall clock of the zone. A time that the clock skips in
 * spring comes an hour later; one that it shows twice in autumn comes once.
 * @throws AppError `cron_invalid` (also for a pattern that never comes, as 30 February) or `time_zone_invalid`.
 */
export function computeNextRun(cron: string, zone: string, after: Date): Date {
  const pattern = parsePattern(cron, zone, after);
  try {
    for (;;) {
      const next = pattern.next().toDate();
      const first = firstShowing(next, zone);
      if (first > after) {
        return first;
      }
    }
  } catch (error) {
    throw cronError(error);
  }
}

/** By how much clocks go back: Lord Howe by half an hour, Troll by two. */
const SET_BACK_MS = [30, 60, 120].map((minutes) => minutes * 60_000);

/** The parser takes the second showing in Havana and both in Troll. */
function firstShowing(at: Date, zone: string): Date {
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  const shown = clock.format(at);
  const earlier = SET_BACK_MS.map((ms) => new Date(at.getTime() - ms)).find((one) => clock.format(one) === shown);
  return earlier ?? at;
}

/**
 * What `next_run_at` becomes; null without a schedule (empty pattern).
 * @throws AppError as `computeNextRun`, also for a wrong zone without a schedule.
 */
export function scheduleNextRun(cron: string, zone: string, after: Date): Date | null {
  refuseUnknownZone(zone);
  return cron === '' ? null : computeNextRun(cron, zone, after);
}

/** @throws AppError `cron_invalid` or `time_zone_invalid`. */
export function parsePattern(cron: string, zone: string, after: Date): CronExpression {
  refuseUnknownZone(zone);
  const pattern = cron.trim().replaceAll(/\s+/g, ' ');
  if (!FIVE_FIELDS.test(pattern)) {
    throw cronError(undefined);
  }
  try {
    return CronExpressionParser.parse(pattern, { tz: zone, currentDate: after });
  } catch (error) {
    throw cronError(error);
  }
}

function refuseUnknownZone(zone: string): void {
  if (!isTimeZone(zone)) {
    const message = 'Use a time zone such as Europe/Berlin.';
    throw inputError('time_zone_invalid', message, {
      fields: [{ field: 'timeZone', code: 'time_zone_invalid', message }],
    });
  }
}

function cronError(cause: unknown): Error {
  const message =
    'Use five cron fields (minute, hour, day of month, month, weekday) that name a date, such as 0 8 * * 1 for Mondays at 08:00.';
  return inputError('cron_invalid', message, { cause, fields: [{ field: 'cron', code: 'cron_invalid', message }] });
}
