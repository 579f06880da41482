import { capitalise, joinWords, nameZone, translatorFor } from '../i18n/index.ts';
import type { Translate } from '../i18n/index.ts';
import { parsePattern } from './cadence.ts';

const WEEKDAYS = [0, 1, 2, 3, 4, 5, 6] as const;

/** When a newsletter comes, in words for readers: `Mondays at 08:00, Berlin time`. What has no short name is "From time to time". */
export function describeCadence(cron: string, zone: string, locale: string): string {
  return capitalise(locale, phraseCadence(cron, zone, locale));
}

/** The same for the middle of a sentence: `every day at 09:00 UTC`. */
export function phraseCadence(cron: string, zone: string, locale: string): string {
  const text = translatorFor(locale);
  if (cron === '') {
    return text('cadence.irregular');
  }
  const { fields } = parsePattern(cron, zone, new Date(0));
  const [hour, ...moreHours] = fields.hour.values;
  const [minute, ...moreMinutes] = fields.minute.values;
  const days = phraseDays(text, cron.trim(), locale);
  if (days === undefined || hour === undefined || minute === undefined) {
    return text('cadence.irregular');
  }
  if (moreHours.length > 0 || moreMinutes.length > 0) {
    return text('cadence.several_times', { days });
  }
  const time = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
  // A wall clock time means nothing to a reader elsewhere without its place.
  const place = (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ');
  return zone.includes('/') && !zone.startsWith('Etc/')
    ? text('cadence.at_place', { days, time, place, zone: nameZone(locale, zone) })
    : text('cadence.at', { days, time, zone: place });
}

/** `Mondays`, `weekdays`, `every day`, `the 1st and 15th of each month`; undefined when there is no short way to say it. */
function phraseDays(text: Translate, cron: string, locale: string): string | undefined {
  const [, , dayOfMonth = '', month = '', weekday = ''] = cron.split(/\s+/);
  if (month !== '*') {
    return undefined;
  }
  if (dayOfMonth === '*') {
    return phraseWeekdays(text, weekday, locale);
  }
  if (weekday !== '*') {
    return undefined;
  }
  if (dayOfMonth === 'L') {
    return text('cadence.last_day');
  }
  const numbers = dayOfMonth.split(',');
  if (numbers.length > 4 || !numbers.every((number) => /^\d+$/.test(number))) {
    return undefined;
  }
  const dates = numbers.map((number) => text('cadence.date', { count: Number(number), ordinal: true }));
  return text('cadence.dates', { dates: joinWords(locale, dates), count: dates.length });
}

function phraseWeekdays(text: Translate, field: string, locale: string): string | undefined {
  const nth = /^(\d)#([1-5])$/.exec(field);
  if (nth !== null) {
    return text(`cadence.nth_${nth[2]}`, { day: text(`cadence.day_${Number(nth[1]) % 7}`) });
  }
  const days = expandWeekdays(field);
  if (days === undefined) {
    return undefined;
  }
  switch (days.join('')) {
    case '0123456':
      return text('cadence.every_day');
    case '12345':
      return text('cadence.workdays');
    case '06':
      return text('cadence.weekend');
    default: {
      const fromMonday = [...days].sort((a, b) => mondayFirst(a) - mondayFirst(b));
      const names = fromMonday.map((day) => text(`cadence.days_${day}`));
      return text('cadence.on_days', { days: joinWords(locale, names) });
    }
  }
}

/** The days of a weekday field, Sunday as 0; undefined for `L`, `#` and steps, which no plain list can say. */
function expandWeekdays(field: string): readonly number[] | undefined {
  if (/[L#/]/i.test(field.replace(/^\*$/, ''))) {
    return undefined;
  }
  const { fields } = parsePattern(`0 0 * * ${field}`, 'UTC', new Date(0));
  const given = new Set(fields.dayOfWeek.values.map((day) => Number(day) % 7));
  return WEEKDAYS.filter((day) => given.has(day));
}

function mondayFirst(day: number): number {
  return (day + 6) % 7;
}
