import { describe, expect, it } from 'vitest';
import { leaveOutBroken, tryCleaning } from '../../../src/digests/leave-out-broken.ts';
import type { IssueArticle, IssueSection } from '../../../src/digests/issue.ts';
import type { ArticleId } from '../../../src/shared/ids.ts';

function article(id: number, changes: Partial<IssueArticle> = {}): IssueArticle {
  return {
    id: id as ArticleId,
    title: `Article ${id}`,
    url: `https://paper.example/${id}`,
    summaryText: 'Words.',
    ...changes,
  };
}

function titles(sections: readonly IssueSection[]): readonly string[][] {
  return sections.map(({ articles }) => articles.map(({ title }) => title));
}

describe('leaveOutBroken', () => {
  it('tries everything together, once, when nothing is broken', async () => {
    const tried: number[] = [];
    const sections = [{ name: 'A', articles: [article(1), article(2)] }];
    const outcome = await leaveOutBroken(sections, (those) => {
      tried.push(those.flatMap(({ articles }) => articles).length);
      return Promise.resolve(undefined);
    });
    expect(outcome).toEqual({ sections, remarks: [] });
    expect(tried).toEqual([2]);
  });

  it('leaves out those that fail alone, with a section that has nothing else, and says which and why', async () => {
    const sections = [
      { name: 'A', articles: [article(1), article(2, { imageWidth: 0 })] },
      { name: 'B', articles: [article(3, { readingMinutes: 1.5 })] },
    ];
    const { sections: left, remarks } = await leaveOutBroken(sections, tryCleaning);
    expect(titles(left)).toEqual([['Article 1']]);
    expect(remarks).toMatchObject([
      { code: 'article_broken', articleId: 2 },
      { code: 'article_broken', articleId: 3 },
    ]);
    expect(remarks[0]?.message).toMatch(/^“Article 2” cannot be shown and is left out: imageWidth: /);
  });

  it('leaves out an address so long that it would push the others out of the mail', async () => {
    const long = `https://paper.example/${'x'.repeat(100_000)}`;
    const sections = [{ name: 'A', articles: [article(1, { url: long, title: 'y'.repeat(1000) }), article(2)] }];
    const { sections: left, remarks } = await leaveOutBroken(sections, tryCleaning);
    expect(titles(left)).toEqual([['Article 2']]);
    expect(remarks).toHaveLength(1);
    expect(remarks[0]?.message.length).toBeLessThan(200);
  });

  it('keeps what only looks odd: lone surrogates, controls, markup, bad addresses, endless words', async () => {
    const sections = [
      {
        name: 'A',
        articles: [
          article(1, { title: '\uD800\u0000\u0008', url: 'http://[::1', summaryText: '\uDFFF' }),
          article(2, { title: '</mj-text>{{ x }}{% if %}', url: 'javascript:alert(1)', imageUrl: 'not one' }),
          article(3, { title: 'x'.repeat(100_000), summaryText: '\u0301'.repeat(100_000) }),
        ],
      },
    ];
    expect(await leaveOutBroken(sections, tryCleaning)).toEqual({ sections, remarks: [] });
  });

  it('leaves all as it is when it fails without any article too', async () => {
    const sections = [{ name: 'A', articles: [article(1)] }];
    const outcome = await leaveOutBroken(sections, () => Promise.resolve('the newsletter has no address'));
    expect(outcome).toEqual({ sections, remarks: [] });
  });
});
