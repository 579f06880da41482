import { describe, expect, it } from 'vitest';
import { writeSubject } from '../../../src/rendering/index.ts';

const ISSUE = { newsletterName: 'The Weekly', locale: 'en', dateIso: '2026-11-23' };

function subject(...headlines: readonly string[]): string {
  return writeSubject(headlines, ISSUE);
}

describe('writeSubject', () => {
  it.each([
    '',
    '   ',
    '2026',
    '— … !!',
    'ab',
    'https://paper.example/x',
    'WWW.paper.example',
    'Untitled',
    '(ohne Titel)',
    'the weekly!',
    '\u0000\u0007',
  ])('passes over %j for the next headline', (unfit) => {
    expect(subject(unfit, 'The bridge holds')).toBe('The bridge holds');
  });

  it('says name and day, in the language of the newsletter, when no headline says anything', () => {
    expect(subject('', '1')).toBe('The Weekly: November 23, 2026');
    expect(writeSubject([], { ...ISSUE, locale: 'de' })).toBe('The Weekly: 23. November 2026');
    expect(writeSubject([], { ...ISSUE, locale: 'ar' })).toContain('The Weekly: ');
  });

  it('takes a headline about an address, and short words of scripts that write a word with two letters', () => {
    expect(subject('https://paper.example is down')).toBe('https://paper.example is down');
    expect(subject('東京')).toBe('東京');
  });

  it('cuts at a word when it is longer than 70 letters, and not one that fits', () => {
    const fits = `${'word '.repeat(13)}fives`;
    expect(fits).toHaveLength(70);
    expect(subject(fits)).toBe(fits);
    expect(subject(`${fits} more`)).toBe(`${'word '.repeat(13).trim()}…`);
    expect(subject('x'.repeat(100))).toBe(`${'x'.repeat(69)}…`);
  });

  it('keeps emoji whole and right-to-left marks in place, and no control characters', () => {
    const family = '👨‍👩‍👧‍👦';
    expect(subject(`${family}\u0007 News\u200F`)).toBe(`${family} News\u200F`);
    expect(subject(`abc${family.repeat(20)}`)).toBe(`abc${family.repeat(6)}…`);
  });
});
