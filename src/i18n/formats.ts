import { translatorFor } from './translate.ts';

/** The tag that Intl takes for one of our languages: it settles the order of a date and the digits. */
function formatTag(locale: string): string {
  return translatorFor(locale)('formats');
}

/** `30 November 2026`, on the calendar of that zone. */
export function formatDay(locale: string, at: Date, timeZone = 'UTC'): string {
  return new Intl.DateTimeFormat(formatTag(locale), { dateStyle: 'long', timeZone }).format(at);
}

/** `November 2026`. */
export function formatMonth(locale: string, at: Date, timeZone = 'UTC'): string {
  return new Intl.DateTimeFormat(formatTag(locale), { month: 'long', year: 'numeric', timeZone }).format(at);
}

/** `30 November 2026 at 07:00 UTC`; `precise` to the millisecond, as it is recorded. */
export function formatInstant(locale: string, at: Date, precision: 'minute' | 'precise' = 'minute'): string {
  return new Intl.DateTimeFormat(formatTag(locale), {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    ...(precision === 'precise' ? { second: '2-digit', fractionalSecondDigits: 3 } : {}),
    hourCycle: 'h23',
    timeZone: 'UTC',
    timeZoneName: 'short',
  }).format(at);
}

/** `Monday 30 November at 08:00 CET`, on the wall clock of that zone. */
export function formatAppointment(locale: string, at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat(formatTag(locale), {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone,
    timeZoneName: 'short',
  }).format(at);
}

/** `Monday, Thursday and Sunday`. */
export function joinWords(locale: string, words: readonly string[]): string {
  return new Intl.ListFormat(locale, { type: 'conjunction' }).format(words);
}

/** Zones are named by what they do today, summer time and all. */
const TODAYS_RULES = Date.UTC(2026, 0, 1);

/** `Central European Time`: what a wall clock somewhere else is called here. */
export function nameZone(locale: string, timeZone: string): string {
  const parts = new Intl.DateTimeFormat(formatTag(locale), { timeZone, timeZoneName: 'longGeneric' }).formatToParts(
    TODAYS_RULES,
  );
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? timeZone;
}

/** For a phrase that begins a line; scripts without capitals stay as they are. */
export function capitalise(locale: string, phrase: string): string {
  const [first = ''] = phrase;
  return first.toLocaleUpperCase(locale) + phrase.slice(first.length);
}
