import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { directionOf, LOCALES, matchLocale, translatorFor } from '../../../src/i18n/index.ts';

const PLURAL = /_(?:zero|one|two|few|many|other)$/;

type Texts = { readonly [key: string]: string | Texts };

/** Every text by its whole key, such as `layout.skip`. */
function readTexts(locale: string): ReadonlyMap<string, string> {
  const file = new URL(`../../../src/i18n/locales/${locale}.json`, import.meta.url);
  const flatten = (texts: Texts, prefix: string): readonly (readonly [string, string])[] =>
    Object.entries(texts).flatMap(([key, text]) =>
      typeof text === 'string' ? [[`${prefix}${key}`, text] as const] : flatten(text, `${prefix}${key}.`),
    );
  return new Map(flatten(JSON.parse(readFileSync(file, 'utf8')) as Texts, ''));
}

function keysOf(texts: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set([...texts.keys()].map((key) => key.replace(PLURAL, '')))].sort();
}

function valuesIn(text: string): string {
  return [...text.matchAll(/\{(\w+)\}/g)]
    .map((match) => match[1] ?? '')
    .sort()
    .join(' ');
}

const english = readTexts('en');

describe('the languages', () => {
  it.each(LOCALES)('%s has every text that English has, and no other', (locale) => {
    expect(keysOf(readTexts(locale))).toEqual(keysOf(english));
  });

  it.each(LOCALES)('%s names the same values in each text', (locale) => {
    const texts = readTexts(locale);
    const plain = [...english].filter(([key]) => !PLURAL.test(key));
    const wrong = plain.filter(([key, text]) => valuesIn(text) !== valuesIn(texts.get(key) ?? ''));

    expect(wrong.map(([key]) => key)).toEqual([]);
  });

  it.each(LOCALES)('%s has each plural that it needs', (locale) => {
    const texts = readTexts(locale);
    const categories = new Intl.PluralRules(locale).resolvedOptions().pluralCategories;
    const plurals = new Set([...texts.keys()].filter((key) => PLURAL.test(key)).map((key) => key.replace(PLURAL, '')));
    const missing = [...plurals].flatMap((key) =>
      categories.filter((category) => !texts.has(`${key}_${category}`)).map((category) => `${key}_${category}`),
    );

    expect(missing).toEqual([]);
  });

  it('finds the nearest language, and says when there is none', () => {
    expect(['de-AT', 'ar', 'EN-us', 'fr', ''].map(matchLocale)).toEqual(['de', 'ar', 'en', 'en', 'en']);
  });

  it('refuses a key without a text instead of showing the key', () => {
    expect(() => translatorFor('de')('layout.no-such-text')).toThrow('no text for "layout.no-such-text"');
  });

  it.each([
    ['ar-EG', 'rtl'],
    ['he', 'rtl'],
    ['de', 'ltr'],
  ])('writes %s from the right side: %s', (tag, direction) => {
    expect(directionOf(tag)).toBe(direction);
  });
});
