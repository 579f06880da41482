import { monthNumber } from './month-names.ts';

/** RFC 822's own, and the others that feeds use and V8 does not read. */
const ZONE_HOURS: Readonly<Record<number, string>> = {
  [-10]: 'hst',
  [-9]: 'akst',
  [-8]: 'pst akdt pt',
  [-7]: 'mst pdt',
  [-6]: 'cst mdt',
  [-5]: 'est cdt et',
  [-4]: 'edt',
  0: 'z ut utc gmt wet',
  1: 'west bst cet mez',
  2: 'cest eet mesz',
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

interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** Time and zone, as written. */
  readonly rest: string;
}

const ISO_8601 = /^(\d{4})([-/.]?)(\d{2})\2(\d{2})(?:t|\b)(.*)$/s;
/** Day first (RFC 822, most of the world), with or without a weekday before it. */
const NAMED =
  /^(.*?)(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|\.)?[\s-]+(?:de\s+|of\s+)?(\p{L}{3}[\p{L}\p{M}]*)\.?,?[\s-]+(?:del?\s+)?(\d{4}|\d{2})(?!\d)(.*)$/su;
const NAMED_MONTH_FIRST = /^.*?(\p{L}{3}[\p{L}\p{M}]*)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)(.*)$/su;
const NUMBERED = /^(?:\p{L}+\.?,?\s+)?(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?!\d)(.*)$/su;
const EAST_ASIAN = /^(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일](.*)$/s;
const TIME =
  /^[\s,t–-]*(?:at |um |à |a las )?\s*(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?\s*(?:([ap])\.?m\b\.?)?(.*)$/s;
const COMPACT_TIME = /^[\s,t]*(\d{2})(\d{2})(\d{2})?()(.*)$/s;
const NAMES_ZONE = /[+-]\d{2}:?\d{2}\b|\b(?:UTC|GMT|Z|[ECMP][SD]T)\b/i;
/** The patterns take time by the square of the length; no date is as long. */
const MAX_LENGTH = 80;
const UNIX_SECONDS = /^\d{10}(?:\d{3})?$/;

/**
 * Reads the dates that feeds write: RFC 822 and 3339, and what they become in the wild (names in other languages, missing
 * zones, two-digit years). A date without a zone, or with one nobody knows, is UTC, never this machine's zone. Undefined
 * when it cannot be read.
 */
export function readFeedDate(text: string): Date | undefined {
  const given = text.trim().slice(0, MAX_LENGTH);
  const folded = asciiDigits(given).toLowerCase();
  if (UNIX_SECONDS.test(folded)) {
    return sane(new Date(Number(folded.slice(0, 10)) * 1000));
  }
  const day = readIso(folded) ?? readNamed(folded) ?? readNumbered(folded) ?? readEastAsian(folded);
  return day === undefined ? readOther(given) : instant(day);
}

function readIso(text: string): Day | undefined {
  const [, year, , month, day, rest = ''] = ISO_8601.exec(text) ?? [];
  return year === undefined ? undefined : { year: Number(year), month: Number(month), day: Number(day), rest };
}

function readNamed(text: string): Day | undefined {
  const [, , day, name = '', year, rest = ''] = NAMED.exec(text) ?? [];
  const month = monthNumber(name);
  if (month !== undefined) {
    return { year: fullYear(year), month, day: Number(day), rest };
  }
  const [, otherName = '', otherDay, otherYear, otherRest = ''] = NAMED_MONTH_FIRST.exec(text) ?? [];
  const otherMonth = monthNumber(otherName);
  return otherMonth === undefined
    ? undefined
    : { year: fullYear(otherYear), month: otherMonth, day: Number(otherDay), rest: otherRest };
}

/** Day first, as most of the world writes; month first when it cannot be else, or where clocks have twelve hours. */
function readNumbered(text: string): Day | undefined {
  const [, first, separator, second, year, rest = ''] = NUMBERED.exec(text) ?? [];
  if (first === undefined) {
    return undefined;
  }
  const isMonthFirst =
    separator === '/' && (Number(second) > 12 || (Number(first) <= 12 && /\d\s*[ap]\.?m\b/.test(rest)));
  const [day, month] = isMonthFirst ? [second, first] : [first, second];
  return { year: Number(year), month: Number(month), day: Number(day), rest };
}

function readEastAsian(text: string): Day | undefined {
  const [, year, month, day, rest = ''] = EAST_ASIAN.exec(text) ?? [];
  return year === undefined ? undefined : { year: Number(year), month: Number(month), day: Number(day), rest };
}

/** What V8 reads besides, such as `Fri Nov 20 10:30:00 UTC 2026`. */
function readOther(text: string): Date | undefined {
  const zoned = NAMES_ZONE.test(text) ? text : `${text} UTC`;
  return sane(new Date(/[a-z]{3}/i.test(text) ? Date.parse(zoned) : Number.NaN));
}

function instant({ year, month, day, rest }: Day): Date | undefined {
  const midnight = new Date(Date.UTC(year, month - 1, day));
  // Date.UTC rolls 31 February over; such a date is a mistake, not a day in March.
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) {
    return undefined;
  }
  const [, hour = '0', minute = '0', second = '0', half, zone = ''] = TIME.exec(rest) ?? COMPACT_TIME.exec(rest) ?? [];
  const hours = half === undefined || half === '' ? Number(hour) : (Number(hour) % 12) + (half === 'p' ? 12 : 0);
  if (hours > 24 || Number(minute) > 59) {
    return undefined;
  }
  const seconds = hours * 3600 + (Number(minute) - offsetMinutes(zone)) * 60 + Math.min(Number(second), 59);
  return sane(new Date(midnight.getTime() + seconds * 1000));
}

function offsetMinutes(zone: string): number {
  const numeric = /^\s*(?:gmt|utc)?\s*([+-])(\d{1,2}):?(\d{2})?/.exec(zone);
  if (numeric !== null) {
    const minutes = Number(numeric[2]) * 60 + Number(numeric[3] ?? 0);
    return numeric[1] === '-' ? -minutes : minutes;
  }
  return ZONES.get(/^\s*\(?(\p{L}+)/u.exec(zone)?.[1] ?? '') ?? 0;
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

/** Arabic-Indic and Persian digits; fullwidth ones are folded by NFKC. */
function asciiDigits(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\u0660-\u0669]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[\u06F0-\u06F9]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0));
}
