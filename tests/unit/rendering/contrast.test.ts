import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contrastOf, makeReadable } from '../../../src/rendering/contrast.ts';
import { themeOf } from '../../../src/rendering/theme.ts';

const SHEETS = { light: '#ffffff', dark: '#1a1917' };
const color = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);

describe('contrast', () => {
  it.each([
    ['#000000', '#ffffff', 21],
    ['#ffffff', '#ffffff', 1],
    ['#767676', '#ffffff', 4.54],
  ])('of %s on %s is %d, as WCAG has it', (a, b, expected) => {
    expect(contrastOf(a, b)).toBeCloseTo(expected, 2);
    expect(contrastOf(b, a)).toBeCloseTo(expected, 2);
  });
});

describe('an accent colour', () => {
  it('can be read on any background, whatever was chosen', () => {
    fc.assert(
      fc.property(color, color, (accent, background) => {
        expect(contrastOf(makeReadable(accent, background), background)).toBeGreaterThanOrEqual(4.5);
      }),
      { numRuns: 2000 },
    );
  });

  it('stays as it was chosen where it can be read already', () => {
    fc.assert(
      fc.property(color, (accent) => {
        fc.pre(contrastOf(accent, SHEETS.light) >= 4.5);
        expect(makeReadable(accent, SHEETS.light)).toBe(accent);
      }),
    );
  });

  it('makes buttons and links that can be read in light and dark', () => {
    fc.assert(
      fc.property(color, (accentColor) => {
        const theme = themeOf({ font: 'serif', accentColor }, 'The Weekly');

        expect(contrastOf(theme.accent, SHEETS.light)).toBeGreaterThanOrEqual(4.5);
        expect(contrastOf(theme.accentDark, SHEETS.dark)).toBeGreaterThanOrEqual(4.5);
        expect(contrastOf(theme.onAccent, theme.accent)).toBeGreaterThanOrEqual(4.5);
        expect(contrastOf(theme.onAccentDark, theme.accentDark)).toBeGreaterThanOrEqual(4.5);
      }),
    );
  });
});

describe('a theme', () => {
  it('is ours where nothing is set', () => {
    expect(themeOf(undefined, 'The Weekly')).toMatchObject({ accent: '#8f1d1d', canvas: '#f1ede6', logo: null });
  });

  it('says the name of the newsletter in place of a logo without words', () => {
    const brand = { font: 'sans' as const, logoUrl: 'https://example.org/logo.png', logoAlt: '' };

    expect(themeOf(brand, 'The Weekly').logo).toEqual({
      url: 'https://example.org/logo.png',
      alt: 'The Weekly',
      width: 220,
    });
  });

  it('sets a long name smaller, and counts wide letters double', () => {
    const sizeOf = (name: string): number => Number.parseInt(themeOf(undefined, name).nameSize, 10);

    expect(sizeOf('The Weekly')).toBeGreaterThan(sizeOf('The Harbour Commissioners’ Weekly'));
    expect(sizeOf('港口每周要闻评论报')).toBeLessThan(sizeOf('The Weekly'));
  });
});
