import { describe, expect, it } from 'vitest';
import { chooseText } from '../../../src/digests/variants.ts';
import type { IssueText } from '../../../src/digests/variants.ts';
import type { ArticleId, CampaignId, SectionId } from '../../../src/shared/ids.ts';

const NEWS = 1 as SectionId;
const SPORTS = 2 as SectionId;
const ORDER = [{ id: NEWS }, { id: SPORTS }];

const article = (id: number, title: string) => ({
  id: id as ArticleId,
  title,
  url: `https://paper.example/${id}`,
  summaryText: '',
});

function issue(number: number, more: Partial<IssueText['digest']> = {}): IssueText {
  return {
    preheader: 'By an editor',
    digest: {
      number,
      dateIso: '2026-11-23',
      title: `Lead ${number}`,
      notices: [],
      sections: [
        {
          id: NEWS,
          name: 'News',
          articles: [article(number * 10, `Lead ${number}`), article(number * 10 + 1, `Second ${number}`)],
        },
        { id: SPORTS, name: 'Sports', articles: [article(number * 10 + 2, `Match ${number}`)] },
      ],
      ...more,
    },
  };
}

function spanOf(own: IssueText, ...earlier: readonly IssueText[]) {
  return {
    issue: own,
    closes: new Map([['weekly' as const, earlier]]),
    campaignIds: [7 as CampaignId],
    articlesOf: (): readonly ArticleId[] => [20, 21].map((id) => id as ArticleId),
  };
}

const everything = { sectionIds: null, frequency: null, sent: [] };

describe('what readers get of an issue', () => {
  it('is the issue itself, with its editor’s words, for who chose nothing', () => {
    const own = issue(3);
    expect(chooseText(spanOf(own), ORDER, everything)).toBe(own);
  });

  it('keeps an editor’s title while the article it stands for is there, else takes the first headline', () => {
    const own = issue(3, { title: 'What an editor wrote' });
    const text = (sectionIds: readonly SectionId[]) => chooseText(spanOf(own), ORDER, { ...everything, sectionIds });
    expect(text([NEWS])).toMatchObject({ digest: { title: 'What an editor wrote' }, preheader: 'Second 3' });
    expect(text([SPORTS])).toMatchObject({ digest: { title: 'Match 3' }, preheader: '' });
    expect(text([99 as SectionId])).toBeUndefined();
  });

  it('brings the notices of all issues that it brings, each once', () => {
    const terms = { text: 'New terms', readText: 'Read', path: '/terms/en/2' };
    const privacy = { text: 'New notice', readText: 'Read', path: '/privacy/en/2' };
    const span = spanOf(issue(3, { notices: [terms] }), issue(2, { notices: [terms, privacy] }), issue(1));
    const text = chooseText(span, ORDER, { ...everything, frequency: 'weekly' });
    expect(text?.digest.notices).toEqual([terms, privacy]);
    expect(text?.digest.issueCount).toBe(3);
    expect(chooseText(span, ORDER, { ...everything, frequency: 'monthly' })).toBeUndefined();
  });

  it('leaves out what was sent, and goes by the newsletter’s order of sections', () => {
    const mail = { campaignId: 7, compiledMailId: 1 };
    const text = chooseText(spanOf(issue(3), issue(2)), [{ id: SPORTS }, { id: NEWS }], {
      ...everything,
      frequency: 'weekly',
      sent: [mail],
    });
    const shown = text?.digest.sections.map(({ name, articles }) => [name, articles.map(({ title }) => title)]);
    expect(shown).toEqual([
      ['Sports', ['Match 3', 'Match 2']],
      ['News', ['Lead 3', 'Second 3']],
    ]);
  });
});
