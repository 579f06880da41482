import { recordAudit } from '../audit/index.ts';
import { lockContent } from '../content/index.ts';
import type { Db, Tx } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import { conflict } from '../shared/app-error.ts';
import type { AppError } from '../shared/app-error.ts';
import type { IssueId } from '../shared/ids.ts';
import { applyChanges, takesOthers } from './apply-changes.ts';
import type { IssueChanges } from './edit-issue-input.ts';
import { replaceIssueArticles, selectIssueDesk, updateIssueContent } from './edit-issue.repository.ts';
import type { Issue } from './issue.ts';
import { lockIssue } from './lock-issue.ts';

/**
 * Changes an issue that waits for approval. What it no longer holds is free for another issue.
 * @throws AppError `issue_not_found`, `issue_already_decided`, `issue_changed`, `issue_too_old`, `issue_empty`,
 *   `section_unknown`, `article_unknown`, `article_twice`.
 */
export async function editIssue(
  deps: { readonly db: Db },
  issueId: IssueId,
  changes: IssueChanges,
  actor: Actor,
): Promise<void> {
  await deps.db.transaction().execute(async (tx) => {
    const issue = await lockEditable(tx, issueId, changes.revision);
    if (takesOthers(issue, changes)) {
      // Nobody takes one of them out of the newsletter before it is in this issue.
      await lockContent(tx, issue.newsletterId);
    }
    const { content, sections } = await applyChanges(tx, issue, changes);
    await updateIssueContent(tx, issueId, { content, revision: changes.revision + 1 });
    if (sections !== undefined) {
      const placed = sections.flatMap(({ id, articles }) =>
        articles.map((article) => ({ articleId: article.id, sectionId: id })),
      );
      await replaceIssueArticles(tx, issue, placed);
    }
    const { revision: _revision, ...changed } = changes;
    const details = { fields: Object.keys(changed), revision: changes.revision + 1 };
    await recordAudit(tx, { actor, action: 'issue.edited', subjectKind: 'issue', subjectId: issueId, details });
  });
}

/**
 * For whoever decides on what they have seen.
 * @throws AppError `issue_changed`.
 */
export async function refuseOtherRevision(tx: Tx, issueId: IssueId, revision: number): Promise<void> {
  const desk = await selectIssueDesk(tx, issueId);
  if (desk !== undefined && desk.revision !== revision) {
    throw changedMeanwhile();
  }
}

async function lockEditable(tx: Tx, issueId: IssueId, revision: number): Promise<Issue> {
  const { issue } = await lockIssue(tx, issueId);
  refuseDecidedEdit(issue);
  await refuseOtherRevision(tx, issueId, revision);
  return issue;
}

/** @throws AppError `issue_already_decided`. */
export function refuseDecidedEdit({ status }: Issue): void {
  if (status === 'approved') {
    throw conflict(
      'issue_already_decided',
      'This issue is approved. Take its approval back, if it has not left yet, or send what is missing as an extra issue.',
    );
  }
  if (status !== 'awaiting_approval') {
    throw conflict('issue_already_decided', `This issue was ${status}; only a waiting one can be changed.`);
  }
}

function changedMeanwhile(): AppError {
  return conflict(
    'issue_changed',
    'Somebody else has changed this issue meanwhile. Load it anew, then make your changes again.',
  );
}
