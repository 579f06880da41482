import { parsePattern } from './cadence.ts';

const WEEKDAYS = [0, 1, 2, 3, 4, 5, 6] as const;
const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'] as const;
const IRREGULAR = 'From time to time';

/**
 * When a newsletter comes, in words for readers: `Mondays at 08:00, Berlin time`. Names of days follow the locale; the
 * sentence itself is English until pages have translations. What has no short name is "From time to time".
 */
export function describeCadence(cron: string, zone: string, locale: string): string {
  if (cron === '') {
    return IRREGULAR;
  }
  const { fields } = parsePattern(cron, zone, new Date(0));
  const [hour, ...moreHours] = fields.hour.values;
  const [minute, ...moreMinutes] = fields.minute.values;
  const days = describeDays(cron.trim(), locale);
  if (days === undefined || hour === undefined || minute === undefined) {
    return IRREGULAR;
  }
  if (moreHours.length > 0 || moreMinutes.length > 0) {
    return `${days}, several times`;
  }
  const time = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
  return `${days} at ${time}${zoneSuffix(zone)}`;
}

/** `Mondays`, `Weekdays`, `Every day`, `The 1st and 15th of each month`; undefined when there is no short way to say it. */
function describeDays(cron: string, locale: string): string | undefined {
  const [, , dayOfMonth = '', month = '', weekday = ''] = cron.split(/\s+/);
  if (month !== '*') {
    return undefined;
  }
  if (dayOfMonth === '*') {
    return describeWeekdays(weekday, locale);
  }
  if (weekday !== '*') {
    return undefined;
  }
  if (dayOfMonth === 'L') {
    return 'The last day of each month';
  }
  const numbers = dayOfMonth.split(',');
  return numbers.length <= 4 && numbers.every((number) => /^\d+$/.test(number))
    ? `The ${joinWords(
        numbers.map((number) => ordinal(Number(number))),
        locale,
      )} of each month`
    : undefined;
}

function describeWeekdays(field: string, locale: string): string | undefined {
  const nth = /^(\d)#(\d)$/.exec(field);
  if (nth !== null) {
    const day = weekdayName(Number(nth[1]) % 7, locale);
    return `The ${ORDINALS[Number(nth[2]) - 1] ?? 'last'} ${day} of each month`;
  }
  const days = expandWeekdays(field);
  if (days === undefined) {
    return undefined;
  }
  switch (days.join('')) {
    case '0123456':
      return 'Every day';
    case '12345':
      return 'Weekdays';
    case '06':
      return 'Weekends';
    default:
      return joinWords(
        [...days]
          .sort((a, b) => mondayFirst(a) - mondayFirst(b))
          .map((day) => pluralDay(weekdayName(day, locale), locale)),
        locale,
      );
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

function weekdayName(day: number, locale: string): string {
  // 1 January 2023 was a Sunday.
  return new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' }).format(Date.UTC(2023, 0, 1 + day));
}

function pluralDay(name: string, locale: string): string {
  return locale.startsWith('en') ? `${name}s` : name;
}

function mondayFirst(day: number): number {
  return (day + 6) % 7;
}

function ordinal(number: number): string {
  const suffixes = { one: 'st', two: 'nd', few: 'rd', other: 'th', zero: 'th', many: 'th' } as const;
  return `${number}${suffixes[new Intl.PluralRules('en', { type: 'ordinal' }).select(number)]}`;
}

function joinWords(words: readonly string[], locale: string): string {
  return new Intl.ListFormat(locale, { type: 'conjunction' }).format(words);
}

/** A wall clock time means nothing to a reader elsewhere without its place. */
function zoneSuffix(zone: string): string {
  const place = zone.split('/').at(-1) ?? zone;
  return zone.includes('/') && !zone.startsWith('Etc/') ? `, ${place.replaceAll('_', ' ')} time` : ` ${place}`;
}
