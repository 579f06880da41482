import { describe, expect, it } from 'vitest';
import { judgeIssue } from '../../../src/issue-alerts/judge-issue.ts';
import type { NewestIssue } from '../../../src/issue-alerts/newest-issues.repository.ts';
import type { IssueId, NewsletterId } from '../../../src/shared/ids.ts';

const AT = new Date('2026-11-23T07:00:00Z');
const MINUTE_MS = 60_000;

const healthy: NewestIssue = {
  newsletterId: 1 as NewsletterId,
  newsletterName: 'The Weekly',
  newsletterSlug: 'the-weekly',
  locale: 'en',
  timeZone: 'Europe/Berlin',
  periodAt: AT,
  issueId: 5 as IssueId,
  status: 'approved',
  createdAt: AT,
  decidedAt: null,
  revision: 0,
  remarks: [],
  fillTo: 0,
  minArticles: 1,
  articleCount: 9,
  sectionIds: [1, 2],
  earlier: Array.from({ length: 4 }, () => ({ count: 10, sections: [1, 2] })),
  sections: [
    { id: 1, name: 'Insights' },
    { id: 2, name: 'Opinion' },
  ],
};

function judge(changes: Partial<NewestIssue>, now = AT) {
  return judgeIssue({ ...healthy, ...changes }, now);
}

function codesOf(changes: Partial<NewestIssue>, now = AT) {
  return judge(changes, now).map(({ code }) => code);
}

it('finds nothing to say about an issue like those before it', () => {
  expect(judge({})).toEqual([]);
});

describe('short', () => {
  it('is what has fewer articles than it is filled up to, however few there usually are', () => {
    expect(judge({ fillTo: 12, earlier: [] })).toEqual([{ code: 'short_of_fill', facts: { count: 9, wanted: 12 } }]);
    expect(codesOf({ fillTo: 9 })).toEqual([]);
  });

  it('is what has less than half of the usual number, once three issues tell what is usual', () => {
    expect(judge({ articleCount: 4 })).toEqual([{ code: 'short_of_usual', facts: { count: 4, wanted: 10 } }]);
    expect(codesOf({ articleCount: 5 })).toEqual([]);
    expect(codesOf({ articleCount: 4, earlier: healthy.earlier.slice(0, 2) })).toEqual([]);
  });

  it('is not measured by one odd issue', () => {
    const odd = [...healthy.earlier.slice(0, 3), { count: 60, sections: [1, 2] }];

    expect(codesOf({ earlier: odd })).toEqual([]);
  });

  it('is what lacks a section that each of the last ones had, unless the section is gone', () => {
    expect(judge({ sectionIds: [2] })).toEqual([{ code: 'short_of_sections', facts: { names: ['Insights'] } }]);
    expect(codesOf({ sectionIds: [2], sections: [{ id: 2, name: 'Opinion' }] })).toEqual([]);
    const once = [{ count: 10, sections: [2] }, ...healthy.earlier];
    expect(codesOf({ sectionIds: [2], earlier: once })).toEqual([]);
  });

  it('is never what editors made of it, nor what does not go out', () => {
    expect(codesOf({ articleCount: 1, revision: 1 })).toEqual([]);
    expect(codesOf({ articleCount: 1, status: 'dropped' })).toEqual([]);
    expect(codesOf({ articleCount: 1, status: 'awaiting_approval' })).toEqual(['short_of_usual']);
  });
});

it('tells that an issue was built late for a day, and only if it went out by itself', () => {
  const late = { createdAt: new Date(AT.getTime() + 45 * MINUTE_MS) };

  expect(judge(late, late.createdAt)).toEqual([{ code: 'late_done', facts: { minutes: 45 } }]);
  expect(codesOf(late, new Date(late.createdAt.getTime() + 24 * 60 * MINUTE_MS))).toEqual([]);
  expect(codesOf({ ...late, decidedAt: late.createdAt }, late.createdAt)).toEqual([]);
  expect(codesOf({ ...late, status: 'skipped' }, late.createdAt)).toEqual(['skipped']);
  expect(codesOf({ createdAt: new Date(AT.getTime() + 30 * MINUTE_MS) })).toEqual([]);
});

it('counts the articles that were left out and gives the words of the first, but not for other remarks', () => {
  const leftOut = { message: '“Storm” has no address.', articleId: 4 };

  expect(judge({ remarks: [{ message: 'odd' }, leftOut, leftOut] })).toEqual([
    { code: 'left_out', facts: { count: 2, reason: '“Storm” has no address.' } },
  ]);
  expect(codesOf({ remarks: [{ message: 'odd' }] })).toEqual([]);
});
