import { describe, expect, it } from 'vitest';
import { describeCadence, phraseCadence } from '../../../src/newsletters/describe-cadence.ts';

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

  it.each([
    ['0 8 * * 1', 'Europe/Berlin', 'Montags um 08:00 Uhr (Mitteleuropäische Zeit)'],
    ['0 8 * * 1,4', 'UTC', 'Montags und donnerstags um 08:00 Uhr UTC'],
    ['0 6 * * 1-5', 'UTC', 'Montags bis freitags um 06:00 Uhr UTC'],
    ['0 9 1,15 * *', 'UTC', 'Am 1. und 15. jedes Monats um 09:00 Uhr UTC'],
    ['0 9 * * 3#2', 'UTC', 'Am zweiten Mittwoch jedes Monats um 09:00 Uhr UTC'],
    ['0 8,18 * * *', 'UTC', 'Täglich, mehrmals am Tag'],
    ['', 'UTC', 'Von Zeit zu Zeit'],
  ])('says %s in %s in German as "%s"', (cron, zone, words) => {
    expect(describeCadence(cron, zone, 'de')).toBe(words);
  });

  it.each([
    ['0 8 * * 1', 'Europe/Berlin', 'أيام الاثنين الساعة 08:00 (توقيت وسط أوروبا)'],
    ['0 8 * * 0,4', 'UTC', 'أيام الخميس والأحد الساعة 08:00 بتوقيت UTC'],
    ['0 9 1 * *', 'UTC', 'في اليوم 1 من كل شهر الساعة 09:00 بتوقيت UTC'],
    ['0 9 1,15 * *', 'UTC', 'في اليومين 1 و15 من كل شهر الساعة 09:00 بتوقيت UTC'],
    ['0 9 1,10,20 * *', 'UTC', 'في الأيام 1 و10 و20 من كل شهر الساعة 09:00 بتوقيت UTC'],
    ['0 9 * * 5#1', 'UTC', 'في أول جمعة من كل شهر الساعة 09:00 بتوقيت UTC'],
  ])('says %s in %s in Arabic as "%s"', (cron, zone, words) => {
    expect(describeCadence(cron, zone, 'ar')).toBe(words);
  });

  it('keeps its small letter in the middle of a sentence', () => {
    expect(phraseCadence('0 9 * * *', 'UTC', 'en')).toBe('every day at 09:00 UTC');
    expect(phraseCadence('0 8 * * 1', 'UTC', 'en')).toBe('Mondays at 08:00 UTC');
    expect(phraseCadence('0 8 * * 1', 'UTC', 'de')).toBe('montags um 08:00 Uhr UTC');
  });
});
