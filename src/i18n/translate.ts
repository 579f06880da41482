import { readdirSync, readFileSync } from 'node:fs';
import { createInstance } from 'i18next';
import type { i18n as Catalogue, Resource } from 'i18next';

const FOLDER = new URL('locales/', import.meta.url);

/** Written where nothing better is known, and the one every other language is checked against. */
export const DEFAULT_LOCALE = 'en';

/**
 * The languages of public pages and system mails: one file each in `locales/`, and nothing else to do for the next one.
 * Keys are `section.name`; `{name}` stands for a value; plurals end in `_one`, `_few`, `_other` ... (Intl.PluralRules) and
 * take `count`.
 */
export const LOCALES: readonly string[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -'.json'.length))
  .sort((a, b) => Number(b === DEFAULT_LOCALE) - Number(a === DEFAULT_LOCALE) || a.localeCompare(b));

export type MessageValues = Readonly<Record<string, string | number>>;
export type Translate = (key: string, values?: MessageValues) => string;

const catalogue = loadCatalogue();

function loadCatalogue(): Catalogue {
  const instance = createInstance();
  // The files are read here, so that nothing is ever waited for.
  void instance.init({
    resources: Object.fromEntries(
      LOCALES.map((locale) => [
        locale,
        {
          translation: JSON.parse(readFileSync(new URL(`${locale}.json`, FOLDER), 'utf8')) as Resource[string][string],
        },
      ]),
    ),
    fallbackLng: DEFAULT_LOCALE,
    initAsync: false,
    nsSeparator: false,
    // Escaping is the template's, which knows where a text lands.
    interpolation: { escapeValue: false, prefix: '{', suffix: '}' },
    // A key without a text is a bug that a test must see, never a page that shows the key.
    saveMissing: true,
    missingKeyHandler: (_locales, _namespace, key) => {
      throw new Error(`no text for "${key}"`);
    },
  });
  return instance;
}

/** Texts of one language. @throws Error for a key that no language has: a bug, found by rendering. */
export function translatorFor(locale: string): Translate {
  return catalogue.getFixedT(matchLocale(locale)) as Translate;
}

/** The language of ours that is nearest to a tag: `de-AT` gets `de`. The default for what we do not speak. */
export function matchLocale(tag: string): string {
  return findLocale(tag) ?? DEFAULT_LOCALE;
}

/** As `matchLocale`, undefined for what we do not speak. */
export function findLocale(tag: string): string | undefined {
  const wanted = tag.toLowerCase();
  return (
    LOCALES.find((locale) => locale.toLowerCase() === wanted) ??
    LOCALES.find((locale) => locale.toLowerCase() === wanted.split('-', 1)[0])
  );
}

/** Languages written from right to left, by their primary subtag. */
const RIGHT_TO_LEFT = new Set(['ar', 'fa', 'he', 'ur', 'yi', 'ps', 'sd', 'ckb', 'dv']);

/** For any language tag, ours or not. */
export function directionOf(tag: string): 'ltr' | 'rtl' {
  return RIGHT_TO_LEFT.has(tag.split('-', 1)[0]?.toLowerCase() ?? '') ? 'rtl' : 'ltr';
}
