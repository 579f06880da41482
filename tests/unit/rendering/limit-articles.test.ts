import fc from 'fast-check';
import { expect, it } from 'vitest';
import { limitArticles } from '../../../src/rendering/limit-articles.ts';

function sectionsOf(lengths: readonly number[]): { name: string; articles: number[] }[] {
  return lengths.map((length, index) => ({ name: `${index}`, articles: Array.from({ length }, (_, at) => at) }));
}

it('takes from the longest sections first, and of each the last', () => {
  const { sections, leftOut } = limitArticles(sectionsOf([10, 2, 4]), 8);

  expect(sections.map((section) => section.articles)).toEqual([
    [0, 1, 2],
    [0, 1],
    [0, 1, 2],
  ]);
  expect(leftOut).toBe(8);
});

it('never shows more than it may, and loses none from its count', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 500 }),
      (lengths, most) => {
        const { sections, leftOut } = limitArticles(sectionsOf(lengths), most);
        const shown = sections.reduce((sum, section) => sum + section.articles.length, 0);

        expect(shown).toBeLessThanOrEqual(most);
        expect(shown).toBeGreaterThan(0);
        expect(shown + leftOut).toBe(lengths.reduce((sum, length) => sum + length, 0));
      },
    ),
  );
});
