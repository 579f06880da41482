import { readFileSync } from 'node:fs';

const PLURAL_ENDING = /_(?:zero|one|two|few|many|other)$/;

/**
 * `cadence.date_ordinal` of `cadence.date_ordinal_few`: what the plurals of one text have in common. Undefined for a text that does
 * not depend on a number, whatever its key ends in.
 */
export function pluralGroup(key: string, texts: ReadonlyMap<string, string>): string | undefined {
  const group = key.replace(PLURAL_ENDING, '');
  return group !== key && texts.has(`${group}_other`) ? group : undefined;
}

/** The key as the code names it. */
export function toNamedKey(key: string, texts: ReadonlyMap<string, string>): string {
  return pluralGroup(key, texts)?.replace(/_ordinal$/, '') ?? key;
}

type Texts = { readonly [key: string]: string | Texts };

/** Every text of a language by its whole key, such as `layout.skip`. */
export function readTexts(locale: string): ReadonlyMap<string, string> {
  const file = new URL(`../../src/i18n/locales/${locale}.json`, import.meta.url);
  const flatten = (texts: Texts, prefix: string): readonly (readonly [string, string])[] =>
    Object.entries(texts).flatMap(([key, text]) =>
      typeof text === 'string' ? [[`${prefix}${key}`, text] as const] : flatten(text, `${prefix}${key}.`),
    );
  return new Map(flatten(JSON.parse(readFileSync(file, 'utf8')) as Texts, ''));
}

/**
 * English sentences that a page in another language must not hold: those of two words or more that the other language says
 * differently. Values cut a sentence into pieces; `content` is what a publisher wrote, in any language.
 */
export function findEnglish(page: string, locale: string, content = ''): readonly string[] {
  const own = [...readTexts(locale).values()].join('\n');
  const pieces = [...readTexts('en').values()].flatMap((text) => text.split(/\{\w+\}/)).map((piece) => piece.trim());
  return [...new Set(pieces)].filter(
    (piece) =>
      /\p{L}+\s+\p{L}+/u.test(piece) && !own.includes(piece) && !content.includes(piece) && page.includes(piece),
  );
}
