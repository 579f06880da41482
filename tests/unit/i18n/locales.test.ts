import { describe, expect, it } from 'vitest';
import { directionOf, LOCALES, matchLocale, translatorFor } from '../../../src/i18n/index.ts';
import { pluralGroup, readTexts, toNamedKey } from '../../support/texts.ts';

function keysOf(texts: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set([...texts.keys()].map((key) => toNamedKey(key, texts)))].sort();
}

function valuesIn(text: string): string {
  return [...text.matchAll(/\{(\w+)\}/g)]
    .map((match) => match[1] ?? '')
    .sort()
    .join(' ');
}

/** Where one language names a place by its city and another by its time zone. */
const OWN_CHOICE = new Set(['cadence.at_place']);

const english = readTexts('en');

describe('the languages', () => {
  it.each(LOCALES)('%s has every text that English has, and no other', (locale) => {
    expect(keysOf(readTexts(locale))).toEqual(keysOf(english));
  });

  it.each(LOCALES)('%s names the same values in each text', (locale) => {
    const texts = readTexts(locale);
    const plain = [...english].filter(([key]) => pluralGroup(key, english) === undefined && !OWN_CHOICE.has(key));
    const wrong = plain.filter(([key, text]) => valuesIn(text) !== valuesIn(texts.get(key) ?? ''));

    expect(wrong.map(([key]) => key)).toEqual([]);
  });

  it.each(LOCALES)('%s names no value in a plural that English does not know', (locale) => {
    const known = new Map<string, string>();
    for (const [key, text] of english) {
      const base = toNamedKey(key, english);
      known.set(base, `${known.get(base) ?? ''} ${valuesIn(text)} count`);
    }
    const texts = readTexts(locale);
    const isKnown = (key: string, value: string): boolean =>
      (known.get(toNamedKey(key, texts)) ?? '').split(' ').includes(value);
    const wrong = [...texts].filter(
      ([key, text]) =>
        pluralGroup(key, texts) !== undefined &&
        valuesIn(text)
          .split(' ')
          .some((value) => !isKnown(key, value)),
    );

    expect(wrong.map(([key]) => key)).toEqual([]);
  });

  it.each(LOCALES)('%s has each plural that it needs', (locale) => {
    const texts = readTexts(locale);
    const plurals = new Set(
      [...texts.keys()].map((key) => pluralGroup(key, texts)).filter((group) => group !== undefined),
    );
    const missing = [...plurals].flatMap((group) => {
      const rules = new Intl.PluralRules(locale, { type: group.endsWith('_ordinal') ? 'ordinal' : 'cardinal' });
      return rules
        .resolvedOptions()
        .pluralCategories.map((category) => `${group}_${category}`)
        .filter((key) => !texts.has(key));
    });

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
