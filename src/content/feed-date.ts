/** First three letters of month names in the languages whose feeds are known to write them (RFC 822 wants English). */
const MONTHS: ReadonlyMap<string, number> = numbered([
  ['jan', 'ene', 'gen'],
  ['feb', 'fev', 'fév'],
  ['mar', 'mär', 'mrz'],
  ['apr', 'abr', 'avr'],
  ['may', 'mai', 'mag', 'mei'],
  ['jun', 'jui', 'giu'],
  ['jul', 'lug'],
  ['aug', 'ago', 'aoû'],
  ['sep', 'set'],
  ['oct', 'okt', 'out', 'ott'],
  ['nov'],
  ['dec', 'dez', 'dic', 'déc'],
]);

/** RFC 822's own, and the others that feeds use and V8 does not read. */
const ZONE_HOURS: Readonly<Record<number, string>> = {
  [-10]: 'hst',
  [-9]: 'akst',
  [-8]: 'pst akdt',
  [-7]: 'mst pdt',
  [-6]: 'cst mdt',
  [-5]: 'est cdt',
  [-4]: 'edt',
  0: 'z ut utc gmt wet',
  1: 'west bst cet',
  2: 'cest eet',
  3: 'eest msk',
  9: 'jst kst',
  10: 'aest',
  11: 'aedt',
  12: 'nzst',
  13: 'nzdt',
};
/** Minutes east of UTC. */
const ZONES: ReadonlyMap<string, number> = new Map(
  Object.entries(ZONE_HOURS).flatMap(([hours, names]) => names.split(' ').map((name) => [name, Number(hours) * 60])),
);

const RFC_822 =
  /^(?:\p{L}+\.?,?\s+)?(\d{1,2})\s+(\p{L}{3})\p{L}*\.?,?\s+(\d{4}|\d{2})(?:[\s,]+(\d{1,2}):?(\d{2})(?::(\d{2}))?)?\s*(.*)$/u;
/** German and Slavic; with dots the day always comes first. */
const DOTTED = /^(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[\s,]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?\s*(.*)$/;
const NAMES_ZONE = /[+-]\d{2}:?\d{2}\b|\b(?:UTC|GMT|Z|[ECMP][SD]T)\b/i;
const ISO_8601 = /^(\d{4})[-/](\d{2})[-/](\d{2})(?:[T\s]+(\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?)?\s*(.*)$/i;

/**
 * Reads the dates that feeds write: RFC 822 and 3339, and what they become in the wild (names in other languages, missing
 * zones, two-digit years). A date without a zone is UTC, never this machine's zone. Undefined when it cannot be read.
 */
export function readFeedDate(text: string): Date | undefined {
  const trimmed = text.trim();
  const iso = ISO_8601.exec(trimmed);
  if (iso !== null) {
    const [, year, month, day, ...time] = iso;
    return instant([Number(year), Number(month), Number(day)], time);
  }
  const rfc = RFC_822.exec(trimmed);
  if (rfc !== null) {
    const [, day, monthName, year, ...time] = rfc;
    const month = MONTHS.get(monthName?.toLowerCase() ?? '');
    return month === undefined ? undefined : instant([fullYear(year), month, Number(day)], time);
  }
  const dotted = DOTTED.exec(trimmed);
  if (dotted !== null) {
    const [, day, month, year, ...time] = dotted;
    return instant([Number(year), Number(month), Number(day)], time);
  }
  const zoned = NAMES_ZONE.test(trimmed) ? trimmed : `${trimmed} UTC`;
  const other = /[a-z]{3}/i.test(trimmed) ? Date.parse(zoned) : Number.NaN;
  return sane(new Date(other));
}

function instant(
  [year, month, day]: readonly [number, number, number],
  [hour, minute, second, zone]: readonly (string | undefined)[],
): Date | undefined {
  const offset = offsetMinutes(zone ?? '');
  const date = new Date(
    Date.UTC(year, month - 1, day, Number(hour ?? 0), Number(minute ?? 0), Math.min(Number(second ?? 0), 59)),
  );
  // Date.UTC rolls 31 February over; such a date is a mistake, not a day in March.
  if (offset === undefined || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) {
    return undefined;
  }
  return sane(new Date(date.getTime() - offset * 60_000));
}

function offsetMinutes(zone: string): number | undefined {
  const numeric = /^(?:GMT|UTC)?\s*([+-])(\d{1,2}):?(\d{2})?/i.exec(zone);
  if (numeric !== null) {
    const minutes = Number(numeric[2]) * 60 + Number(numeric[3] ?? 0);
    return numeric[1] === '-' ? -minutes : minutes;
  }
  const name = /^\p{L}+/u.exec(zone)?.[0].toLowerCase();
  return name === undefined ? 0 : ZONES.get(name);
}

/** RFC 2822 4.3: 00-49 are this century. */
function fullYear(year: string | undefined): number {
  const number = Number(year);
  return year?.length === 2 ? number + (number < 50 ? 2000 : 1900) : number;
}

/** Year 1 and year 9999 are how software says "no date". */
function sane(date: Date): Date | undefined {
  const year = date.getUTCFullYear();
  return Number.isNaN(year) || year < 1980 || year > 2200 ? undefined : date;
}

function numbered(groups: readonly (readonly string[])[]): ReadonlyMap<string, number> {
  return new Map(groups.flatMap((names, index) => names.map((name) => [name, index + 1])));
}
