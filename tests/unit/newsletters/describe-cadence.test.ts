import { describe, expect, it } from 'vitest';
import { describeCadence } from '../../../src/newsletters/describe-cadence.ts';

describe('describeCadence', () => {
  it.each([
    ['0 8 * * 1', 'Europe/Berlin', 'Mondays at 08:00, Berlin time'],
    ['0 8 * * MON', 'UTC', 'Mondays at 08:00 UTC'],
    ['5 17 * * 0', 'America/New_York', 'Sundays at 17:05, New York time'],
    ['0 8 * * 0,1,4', 'UTC', 'Mondays, Thursdays, and Sundays at 08:00 UTC'],
    ['30 6 * * 1-5', 'Europe/London', 'Weekdays at 06:30, London time'],
    ['0 9 * * 6,0', 'UTC', 'Weekends at 09:00 UTC'],
    ['0 9 * * *', 'Etc/GMT+5', 'Every day at 09:00 GMT+5'],
    ['0 9 1,15 * *', 'UTC', 'The 1st and 15th of each month at 09:00 UTC'],
    ['0 9 22 * *', 'UTC', 'The 22nd of each month at 09:00 UTC'],
    ['0 9 L * *', 'UTC', 'The last day of each month at 09:00 UTC'],
    ['0 9 * * 1#1', 'UTC', 'The first Monday of each month at 09:00 UTC'],
    ['0 8,18 * * 1', 'UTC', 'Mondays, several times'],
    ['0 8 * 1,7 1', 'UTC', 'From time to time'],
    ['0 8 13 * 5', 'UTC', 'From time to time'],
    ['0 8 */3 * *', 'UTC', 'From time to time'],
    ['', 'UTC', 'From time to time'],
  ])('says %s in %s as "%s"', (cron, zone, words) => {
    expect(describeCadence(cron, zone, 'en')).toBe(words);
  });

  it('names the days in the language of the newsletter', () => {
    expect(describeCadence('0 8 * * 1', 'UTC', 'de')).toBe('Montag at 08:00 UTC');
  });
});
