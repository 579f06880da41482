export { archiveRoutes } from './archive.routes.ts';
export { buildIssue } from './build-issue.ts';
export { approveIssue, decideWaitingIssues, dropIssue } from './decide-issue.ts';
export { digestMailOf } from './digest-mail.ts';
export { digestsRoutes } from './digests.routes.ts';
export { issueUrl } from './issue.ts';
export { listDueNewsletters, listIssues, listPublishedIssues, selectPublishedIssue } from './issues.repository.ts';
export { nextRuns, previewNextIssue } from './preview-issue.ts';
export { runDigestNow } from './run-digest-now.ts';
