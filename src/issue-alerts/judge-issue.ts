import type { AlertCode, AlertFacts } from './alert.ts';
import type { NewestIssue } from './newest-issues.repository.ts';

/** An issue is late when so much more has passed. */
export const LATE_AFTER_MS = 30 * 60_000;
/** That an issue came late is told for so long. */
const TOLD_FOR_MS = 24 * 60 * 60_000;
/** With fewer issues before it nothing is usual. */
const USUAL_FROM = 3;

export interface Judgement {
  readonly code: AlertCode;
  readonly facts: AlertFacts;
}

/** What is the matter with an issue that was built: nothing, or several things. */
export function judgeIssue(issue: NewestIssue, now: Date): readonly Judgement[] {
  return [judgeBuilding(issue, now), judgeSkipping(issue), judgeThickness(issue), judgeRemarks(issue)].filter(
    (judgement) => judgement !== undefined,
  );
}

function judgeBuilding(issue: NewestIssue, now: Date): Judgement | undefined {
  const lateMs = issue.createdAt.getTime() - issue.periodAt.getTime();
  const isRecent = now.getTime() - issue.createdAt.getTime() < TOLD_FOR_MS;
  const wentByItself = issue.status === 'approved' && issue.decidedAt === null;
  return lateMs > LATE_AFTER_MS && isRecent && wentByItself
    ? { code: 'late_done', facts: { minutes: Math.round(lateMs / 60_000) } }
    : undefined;
}

function judgeSkipping(issue: NewestIssue): Judgement | undefined {
  return issue.status === 'skipped' ? { code: 'skipped', facts: { count: issue.minArticles } } : undefined;
}

/**
 * Short: fewer articles than the newsletter is filled up to; fewer than half of what its last issues had (the median of up to
 * eight, of three at least); or without a section that each of those had. What editors made of an issue is their own choice.
 */
function judgeThickness(issue: NewestIssue): Judgement | undefined {
  const isJudged = (issue.status === 'approved' || issue.status === 'awaiting_approval') && issue.revision === 0;
  if (!isJudged) {
    return undefined;
  }
  const count = issue.articleCount;
  if (count < issue.fillTo) {
    return { code: 'short_of_fill', facts: { count, wanted: issue.fillTo } };
  }
  if (issue.earlier.length < USUAL_FROM) {
    return undefined;
  }
  const usual = medianOf(issue.earlier.map((earlier) => earlier.count));
  if (count * 2 < usual) {
    return { code: 'short_of_usual', facts: { count, wanted: usual } };
  }
  const names = issue.sections
    .filter(({ id }) => !issue.sectionIds.includes(id) && issue.earlier.every(({ sections }) => sections.includes(id)))
    .map(({ name }) => name);
  return names.length === 0 ? undefined : { code: 'short_of_sections', facts: { names } };
}

/** A remark that names an article is about one that should be in the issue. */
function judgeRemarks(issue: NewestIssue): Judgement | undefined {
  const leftOut = issue.remarks.filter(({ articleId }) => articleId !== undefined);
  const [first] = leftOut;
  return first === undefined || issue.status === 'dropped'
    ? undefined
    : { code: 'left_out', facts: { count: leftOut.length, reason: first.message } };
}

function medianOf(counts: readonly number[]): number {
  return counts.toSorted((a, b) => a - b)[Math.floor(counts.length / 2)] ?? 0;
}
