import type { Tx } from '../platform/postgres/index.ts';
import { notFound } from '../shared/app-error.ts';
import type { IssueId } from '../shared/ids.ts';
import type { Issue } from './issue.ts';
import { lockNewsletterRow, selectIssue } from './issues.repository.ts';
import type { LockedNewsletter } from './issues.repository.ts';

/**
 * The newsletter's row is locked first, as by everything that builds, edits or decides, and the issue read after it: of two
 * who do something to an issue, the second sees what the first has done.
 * @throws AppError `issue_not_found`.
 */
export async function lockIssue(
  tx: Tx,
  issueId: IssueId,
): Promise<{ readonly issue: Issue; readonly newsletter: LockedNewsletter }> {
  const found = await selectIssue(tx, issueId);
  const newsletter = found === undefined ? undefined : await lockNewsletterRow(tx, found.newsletterId, 'wait');
  const issue = newsletter === undefined ? undefined : await selectIssue(tx, issueId);
  if (newsletter === undefined || issue === undefined) {
    throw notFound('issue_not_found', 'There is no such issue.');
  }
  return { issue, newsletter };
}
