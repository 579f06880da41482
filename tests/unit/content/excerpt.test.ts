import { expect, test } from 'vitest';
import { countWords, excerpt } from '../../../src/content/excerpt.ts';

test('keeps a short text, without the tails that software adds', () => {
  expect(excerpt('A story. Continue reading...', 100)).toBe('A story.');
  expect(excerpt('A story. The post A story appeared first on The Paper.', 100)).toBe('A story.');
  expect(excerpt('A story […]', 100)).toBe('A story');
  expect(excerpt('People read more books than ever in winter.', 100)).toBe(
    'People read more books than ever in winter.',
  );
});

test('cuts after a sentence in the last half, else after a word', () => {
  expect(excerpt('One sentence here. Another one follows it', 30)).toBe('One sentence here.');
  expect(excerpt('One. A long second sentence that does not end', 30)).toBe('One. A long second sentence…');
  expect(excerpt('Wait... what a long tale this one is', 12)).toBe('Wait…');
});

test('never cuts a pair of surrogates', () => {
  expect(excerpt('😀'.repeat(30), 11).isWellFormed()).toBe(true);
});

test('counts words, also without spaces between them', () => {
  expect(countWords('Three little words, indeed.')).toBe(4);
  expect(countWords('今日は天気がいい')).toBeGreaterThan(2);
});
