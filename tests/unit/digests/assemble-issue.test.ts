import { expect, test } from 'vitest';
import type { FreshArticle } from '../../../src/content/index.ts';
import { assembleIssue } from '../../../src/digests/assemble-issue.ts';
import { toDigest } from '../../../src/digests/issue.ts';
import type { ArticleId, SectionId } from '../../../src/shared/ids.ts';

const SECTIONS = [10, 20, 30].map((id, position) => ({
  id: id as SectionId,
  slug: `s${id}`,
  name: `Section ${id}`,
  position,
  maxItems: null,
  minItems: null,
  ranking: 'newest' as const,
}));

function article(id: number, sectionId: number, title = `Article ${id}`): FreshArticle {
  return {
    id: id as ArticleId,
    sectionId: sectionId as SectionId,
    url: `https://paper.example/${id}`,
    title,
    summaryText: 'A summary.',
    author: null,
    sourceName: null,
    imageUrl: null,
    imageAlt: null,
    wordCount: null,
  };
}

test('articles stand in the order of the sections, empty sections are left out', () => {
  const content = assembleIssue(SECTIONS, [article(1, 30), article(2, 10), article(3, 30)]);
  expect(content?.sections.map(({ name, articles }) => [name, articles.map(({ title }) => title)])).toEqual([
    ['Section 10', ['Article 2']],
    ['Section 30', ['Article 1', 'Article 3']],
  ]);
  expect(content).toMatchObject({ title: 'Article 2', preheader: 'Article 1 · Article 3' });
});

test('without an article there is no issue', () => {
  expect(assembleIssue(SECTIONS, [])).toBeUndefined();
});

test('long headlines are cut for subject and preheader', () => {
  const content = assembleIssue(SECTIONS, [article(1, 10, 'word '.repeat(90)), article(2, 10, 'next '.repeat(90))]);
  expect(content?.title.length).toBeLessThanOrEqual(200);
  expect(content?.preheader.length).toBeLessThanOrEqual(140);
  expect(content?.title.endsWith('word…')).toBe(true);
});

test('what an article lacks is left out, and reading time is in whole minutes', () => {
  const full = {
    ...article(2, 10),
    author: 'Ada',
    sourceName: 'The Paper',
    imageUrl: 'https://i.example/a.jpg',
    wordCount: 700,
  };
  const articles = assembleIssue(SECTIONS, [article(1, 10), full])?.sections[0]?.articles;
  expect(articles).toEqual([
    { id: 1, title: 'Article 1', url: 'https://paper.example/1', summaryText: 'A summary.' },
    {
      id: 2,
      title: 'Article 2',
      url: 'https://paper.example/2',
      summaryText: 'A summary.',
      author: 'Ada',
      source: 'The Paper',
      imageUrl: 'https://i.example/a.jpg',
      imageAlt: '',
      readingMinutes: 3,
    },
  ]);
});

test('the date of an issue is the day in its own zone', () => {
  const content = { title: 'T', preheader: '', sections: [] };
  const lateOnSunday = new Date('2026-11-22T23:30:00Z');
  expect(toDigest(content, 1, lateOnSunday, 'Europe/Berlin').dateIso).toBe('2026-11-23');
  expect(toDigest(content, 1, lateOnSunday, 'America/New_York').dateIso).toBe('2026-11-22');
});
