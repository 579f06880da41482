export { buildIssue } from './build-issue.ts';
export { approveIssue, decideWaitingIssues, dropIssue } from './decide-issue.ts';
export { cleanSpan } from './clean-span.ts';
export type { IssueRemark } from './issue.ts';
export { digestMailOf } from './digest-mail.ts';
export { healClocks } from './heal-clock.ts';
export type { IssueReasons } from './explain-issue.ts';
export { digestsRoutes } from './digests.routes.ts';
export { issueUrl, toDigest } from './issue.ts';
export { listDueNewsletters, listIssues } from './issues.repository.ts';
export { selectPreparedIssueAt } from './issue-calendar.repository.ts';
export { nextRuns, previewNextIssue } from './preview-issue.ts';
export {
  countPublished,
  countPublishedByYear,
  listNewestOfEach,
  listPublishedIssues,
  listPublishedOf,
  listWholeIssues,
  selectPublishedIssue,
} from './published-issues.repository.ts';
export type { PublishedIssue, WholeIssue } from './published-issues.repository.ts';
export { runDigestNow } from './run-digest-now.ts';
export { addRemarks, insertVariants, lockSpan, selectIssueSpan } from './issue-span.repository.ts';
export { articleIdsOf, chooseText } from './variants.ts';
export type { IssueText } from './variants.ts';
export { withdrawApproval } from './withdraw-approval.ts';
