import { readdirSync, readFileSync } from 'node:fs';
import { createInstance } from 'i18next';
import type { i18n as Texts, Resource } from 'i18next';

/** Written where nothing better is known, and the one every other language is checked against. */
export const DEFAULT_LOCALE = 'en';

export type MessageValues = Readonly<Record<string, string | number | boolean>>;
export type Translate = (key: string, values?: MessageValues) => string;

export interface Catalogue {
  /** The default first. */
  readonly locales: readonly string[];
  translatorFor(locale: string): Translate;
  findText(locale: string, key: string, values?: MessageValues): string | undefined;
  findLocale(tag: string): string | undefined;
}

/**
 * Reads the languages of a folder: one file each, and nothing else to do for the next one. Keys are `section.name`; `{name}`
 * stands for a value; plurals end in `_one`, `_few`, `_other` ... (Intl.PluralRules) and take `count`. `language` is the
 * language's own name, `formats` the tag that Intl writes its dates by.
 */
export function openCatalogue(folder: URL): Catalogue {
  const locales = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort((a, b) => Number(b === DEFAULT_LOCALE) - Number(a === DEFAULT_LOCALE) || a.localeCompare(b));
  const texts = loadTexts(folder, locales);
  const findLocale = (tag: string): string | undefined => {
    const wanted = tag.toLowerCase();
    return (
      locales.find((locale) => locale.toLowerCase() === wanted) ??
      locales.find((locale) => locale.toLowerCase() === wanted.split('-', 1)[0])
    );
  };
  const translatorFor = (locale: string): Translate =>
    texts.getFixedT(findLocale(locale) ?? DEFAULT_LOCALE) as Translate;
  return {
    locales,
    findLocale,
    translatorFor,
    findText: (locale, key, values = {}) =>
      texts.exists(key, values) ? translatorFor(locale)(key, values) : undefined,
  };
}

function loadTexts(folder: URL, locales: readonly string[]): Texts {
  const read = (locale: string): Resource[string][string] =>
    JSON.parse(readFileSync(new URL(`${locale}.json`, folder), 'utf8')) as Resource[string][string];
  const instance = createInstance();
  // The files are read here, so that nothing is ever waited for.
  void instance.init({
    resources: Object.fromEntries(locales.map((locale) => [locale, { translation: read(locale) }])),
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
