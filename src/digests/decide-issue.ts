import { recordAudit } from '../audit/index.ts';
import { releaseNotices } from '../legal/index.ts';
import type { Tx } from '../platform/postgres/index.ts';
import { SYSTEM_ACTOR } from '../shared/actor.ts';
import type { Actor } from '../shared/actor.ts';
import { AppError, conflict, notFound } from '../shared/app-error.ts';
import type { CampaignId, IssueId } from '../shared/ids.ts';
import type { BuildDeps } from './build-issue.ts';
import { refuseOtherRevision } from './edit-issue.ts';
import type { Issue } from './issue.ts';
import { listPastDeadline } from './issue-calendar.repository.ts';
import {
  lockNewsletterRow,
  nextIssueNumber,
  releaseArticles,
  selectIssue,
  updateIssue,
  updateSchedule,
} from './issues.repository.ts';
import type { LockedNewsletter } from './issues.repository.ts';
import { publishIssue } from './publish-issue.ts';

/**
 * What the rules say of issues that nobody approved by their time: sent, dropped, or left to wait. The first issue of a
 * newsletter and an overdue one always wait for a human.
 */
export async function decideWaitingIssues(deps: Pick<BuildDeps, 'db' | 'clock' | 'doorbell' | 'log'>): Promise<void> {
  for (const { id, policy } of await listPastDeadline(deps.db, deps.clock.now())) {
    try {
      await (policy === 'send' ? approveIssue(deps, id, SYSTEM_ACTOR) : dropIssue(deps, id, SYSTEM_ACTOR));
    } catch (error) {
      // An editor, or another worker's sweep, was quicker.
      if (!(error instanceof AppError && error.code === 'issue_already_decided')) {
        throw error;
      }
      deps.log.info({ issueId: id }, 'issue decided meanwhile');
    }
  }
}

/**
 * Lets a waiting issue go out, at its time or now if that has passed; with a revision, only as its editor has seen it.
 * @throws AppError `issue_not_found`, `issue_already_decided`, `issue_changed`.
 */
export async function approveIssue(
  deps: Pick<BuildDeps, 'db' | 'clock' | 'doorbell'>,
  issueId: IssueId,
  actor: Actor,
  seenRevision?: number,
): Promise<CampaignId> {
  const { campaignId, startAt } = await deps.db.transaction().execute(async (tx) => {
    const { issue, newsletter } = await lockWaiting(tx, issueId);
    if (seenRevision !== undefined) {
      await refuseOtherRevision(tx, issueId, seenRevision);
    }
    const now = deps.clock.now();
    const number = await nextIssueNumber(tx, issue.newsletterId);
    const startAt = issue.periodAt > now ? issue.periodAt : now;
    await updateIssue(tx, issueId, { status: 'approved', number, decided_at: now, published_at: startAt });
    await recordAudit(tx, { actor, action: 'issue.approved', subjectKind: 'issue', subjectId: issueId });
    const ready = { ...issue, number, timeZone: newsletter.timeZone };
    return { campaignId: await publishIssue(tx, ready, { createdBy: actor.label, now, startAt }), startAt };
  });
  if (startAt <= deps.clock.now()) {
    deps.doorbell.ring('start-campaign', { campaignId });
  }
  return campaignId;
}

/**
 * Keeps a waiting issue from going out. Its articles are free again; unless another issue was built since, the cut-off
 * goes back as well, so that the next issue may take them.
 * @throws AppError `issue_not_found`, `issue_already_decided`.
 */
export async function dropIssue(deps: Pick<BuildDeps, 'db' | 'clock'>, issueId: IssueId, actor: Actor): Promise<void> {
  await deps.db.transaction().execute(async (tx) => {
    const { issue, newsletter } = await lockWaiting(tx, issueId);
    await updateIssue(tx, issueId, { status: 'dropped', decided_at: deps.clock.now() });
    await releaseArticles(tx, issueId);
    await releaseNotices(tx, issueId);
    if (newsletter.cutoffAt.getTime() === issue.cutoffAt.getTime()) {
      await updateSchedule(tx, issue.newsletterId, { cutoff_at: issue.fromAt });
    }
    await recordAudit(tx, { actor, action: 'issue.dropped', subjectKind: 'issue', subjectId: issueId });
  });
}

/** The newsletter's row is locked first, as everywhere, and the issue read after it: two decisions become one. */
async function lockWaiting(
  tx: Tx,
  issueId: IssueId,
): Promise<{ readonly issue: Issue; readonly newsletter: LockedNewsletter }> {
  const found = await selectIssue(tx, issueId);
  const newsletter = found === undefined ? undefined : await lockNewsletterRow(tx, found.newsletterId, 'wait');
  const issue = newsletter === undefined ? undefined : await selectIssue(tx, issueId);
  if (newsletter === undefined || issue === undefined) {
    throw notFound('issue_not_found', 'There is no such issue.');
  }
  if (issue.status !== 'awaiting_approval') {
    throw conflict('issue_already_decided', `This issue is ${issue.status}; only a waiting one can be decided.`);
  }
  return { issue, newsletter };
}
