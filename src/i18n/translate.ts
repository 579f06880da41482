import { DEFAULT_LOCALE, openCatalogue } from './catalogue.ts';
import type { MessageValues, Translate } from './catalogue.ts';

const catalogue = openCatalogue(new URL('locales/', import.meta.url));

/** The languages of public pages and system mails. */
export const LOCALES = catalogue.locales;

/** The text if there is one: for what is known by a code, such as an error. */
export function findText(locale: string, key: string, values?: MessageValues): string | undefined {
  return catalogue.findText(locale, key, values);
}

/** Texts of one language. @throws Error for a key that no language has: a bug, found by rendering. */
export function translatorFor(locale: string): Translate {
  return catalogue.translatorFor(locale);
}

/** The language of ours that is nearest to a tag: `de-AT` gets `de`. The default for what we do not speak. */
export function matchLocale(tag: string): string {
  return findLocale(tag) ?? DEFAULT_LOCALE;
}

/** As `matchLocale`, undefined for what we do not speak. */
export function findLocale(tag: string): string | undefined {
  return catalogue.findLocale(tag);
}

/** Languages written from right to left, by their primary subtag. */
const RIGHT_TO_LEFT = new Set(['ar', 'fa', 'he', 'ur', 'yi', 'ps', 'sd', 'ckb', 'dv']);

/** For any language tag, ours or not. */
export function directionOf(tag: string): 'ltr' | 'rtl' {
  return RIGHT_TO_LEFT.has(tag.split('-', 1)[0]?.toLowerCase() ?? '') ? 'rtl' : 'ltr';
}
