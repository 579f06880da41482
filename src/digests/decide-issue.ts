import { recordAudit } from '../audit/index.ts';
import { releaseNotices } from '../legal/index.ts';
import type { Tx } from '../platform/postgres/index.ts';
import { SYSTEM_ACTOR } from '../shared/actor.ts';
import type { Actor } from '../shared/actor.ts';
import { AppError, conflict } from '../shared/app-error.ts';
import { passFailPoint } from '../shared/fail-points.ts';
import type { CampaignId, IssueId } from '../shared/ids.ts';
import type { BuildDeps } from './build-issue.ts';
import { refuseOtherRevision } from './edit-issue.ts';
import { toDigest } from './issue.ts';
import type { Issue } from './issue.ts';
import { listPastDeadline } from './issue-calendar.repository.ts';
import { nextIssueNumber, releaseArticles, updateIssue, updateSchedule } from './issues.repository.ts';
import { lockIssue } from './lock-issue.ts';
import { publishIssue } from './publish-issue.ts';
import { lockUnstartedCampaign, rescheduleCampaign } from './unstarted-campaign.repository.ts';

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
      if (error instanceof AppError && error.code === 'issue_already_decided') {
        deps.log.info({ issueId: id }, 'issue decided meanwhile');
      } else {
        // One that cannot be decided must not hold up the others.
        deps.log.error({ issueId: id, err: error }, 'issue not decided');
      }
    }
  }
}

export interface Approval {
  /** Approves only what its editor has seen. */
  readonly seenRevision?: number;
  /** `at_time`: or at once, if its time has passed. */
  readonly when?: 'at_time' | 'now';
}

/**
 * Lets a waiting issue go out. Of one that is approved already it is the same campaign again, so that a second click or a
 * repeated request does no harm; `now` brings it forward while it has not started.
 * @throws AppError `issue_not_found`, `issue_already_decided`, `issue_changed`.
 */
export async function approveIssue(
  deps: Pick<BuildDeps, 'db' | 'clock' | 'doorbell'>,
  issueId: IssueId,
  actor: Actor,
  approval: Approval = {},
): Promise<CampaignId> {
  const { campaignId, startAt } = await deps.db.transaction().execute(async (tx) => {
    const { issue, newsletter } = await lockIssue(tx, issueId);
    if (approval.seenRevision !== undefined) {
      await refuseOtherRevision(tx, issueId, approval.seenRevision);
    }
    const now = deps.clock.now();
    const isLater = issue.periodAt > now && approval.when !== 'now';
    const order = { actor, now, startAt: isLater ? issue.periodAt : now, timeZone: newsletter.timeZone };
    return approveAgain(tx, issue, order, approval.when) ?? approveWaiting(tx, issue, order);
  });
  passFailPoint('approve-commit');
  if (startAt <= deps.clock.now()) {
    deps.doorbell.ring('start-campaign', { campaignId });
  }
  return campaignId;
}

interface Order {
  readonly actor: Actor;
  readonly now: Date;
  readonly startAt: Date;
  readonly timeZone: string;
}
interface Start {
  readonly campaignId: CampaignId;
  readonly startAt: Date;
}

async function approveWaiting(tx: Tx, issue: Issue, { actor, now, startAt, timeZone }: Order): Promise<Start> {
  refuseDecided(issue);
  const number = await nextIssueNumber(tx, issue.newsletterId);
  await updateIssue(tx, issue.id, { status: 'approved', number, decided_at: now, published_at: startAt });
  passFailPoint('approve-row');
  await recordAudit(tx, { actor, action: 'issue.approved', subjectKind: 'issue', subjectId: issue.id });
  const ready = { ...issue, number, timeZone };
  return { campaignId: await publishIssue(tx, ready, { createdBy: actor.label, now, startAt }), startAt };
}

/** Undefined: it is not approved yet. */
function approveAgain(tx: Tx, issue: Issue, order: Order, when: Approval['when']): Promise<Start> | undefined {
  const { status, campaignId, number, publishedAt } = issue;
  if (status !== 'approved' || campaignId === null || number === null || publishedAt === null) {
    return undefined;
  }
  return when === 'now' && publishedAt > order.now
    ? bringForward(tx, { ...issue, campaignId, number, publishedAt }, order)
    : Promise.resolve({ campaignId, startAt: publishedAt });
}

async function bringForward(
  tx: Tx,
  issue: Issue & { readonly campaignId: CampaignId; readonly number: number; readonly publishedAt: Date },
  { actor, now, timeZone }: Order,
): Promise<Start> {
  const { campaignId, publishedAt, number } = issue;
  if ((await lockUnstartedCampaign(tx, issue.id)) === undefined) {
    return { campaignId, startAt: publishedAt };
  }
  const source = JSON.stringify(toDigest(issue.content, number, now, timeZone));
  if (!(await rescheduleCampaign(tx, campaignId, { startAt: now, source, now }))) {
    return { campaignId, startAt: publishedAt };
  }
  await updateIssue(tx, issue.id, { published_at: now });
  await recordAudit(tx, { actor, action: 'issue.brought_forward', subjectKind: 'issue', subjectId: issue.id });
  return { campaignId, startAt: now };
}

/**
 * Keeps a waiting issue from going out; one that is dropped already stays so. Its articles are free again; unless another
 * issue was built since, the cut-off goes back as well, so that the next issue may take them.
 * @throws AppError `issue_not_found`, `issue_already_decided`.
 */
export async function dropIssue(deps: Pick<BuildDeps, 'db' | 'clock'>, issueId: IssueId, actor: Actor): Promise<void> {
  await deps.db.transaction().execute(async (tx) => {
    const { issue, newsletter } = await lockIssue(tx, issueId);
    if (issue.status === 'dropped') {
      return;
    }
    refuseDecided(issue);
    await updateIssue(tx, issueId, { status: 'dropped', decided_at: deps.clock.now() });
    passFailPoint('drop-row');
    await releaseArticles(tx, issueId);
    passFailPoint('drop-articles');
    await releaseNotices(tx, issueId);
    if (newsletter.cutoffAt.getTime() === issue.cutoffAt.getTime()) {
      await updateSchedule(tx, issue.newsletterId, { cutoff_at: issue.fromAt });
    }
    await recordAudit(tx, { actor, action: 'issue.dropped', subjectKind: 'issue', subjectId: issueId });
  });
}

function refuseDecided({ status }: Issue): void {
  if (status !== 'awaiting_approval') {
    throw conflict('issue_already_decided', `This issue is ${status}; only a waiting one can be decided.`, {
      details: { issueStatus: status },
    });
  }
}
