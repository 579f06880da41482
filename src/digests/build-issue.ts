import { lockContent, selectFreshArticles } from '../content/index.ts';
import type { Doorbell } from '../jobs/index.ts';
import { findPendingNotices, recordNotices } from '../legal/index.ts';
import { computeNextRun, requireNewsletter } from '../newsletters/index.ts';
import type { Logger } from '../platform/logging/index.ts';
import type { Db, Tx } from '../platform/postgres/index.ts';
import { SYSTEM_ACTOR } from '../shared/actor.ts';
import type { Clock } from '../shared/clock.ts';
import type { CampaignId, IssueId, NewsletterId } from '../shared/ids.ts';
import { assembleIssue, withNotices } from './assemble-issue.ts';
import type { IssueContent } from './issue.ts';
import {
  hasApprovedIssue,
  insertIssue,
  insertIssueArticles,
  lockNewsletterRow,
  nextIssueNumber,
  updateSchedule,
} from './issues.repository.ts';
import { publishIssue } from './publish-issue.ts';

export interface BuildDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Logger;
  readonly doorbell: Doorbell;
}

export type BuildOutcome =
  | { readonly kind: 'published'; readonly issueId: IssueId; readonly campaignId: CampaignId }
  | { readonly kind: 'awaiting-approval'; readonly issueId: IssueId }
  | { readonly kind: 'skipped'; readonly issueId: IssueId }
  /** Another issue holds this period: the schedule only moves on. */
  | { readonly kind: 'already-built' }
  | { readonly kind: 'not-due' }
  /** Somebody builds it right now, or edits the newsletter; the sweep rings again. */
  | { readonly kind: 'busy' };

const NOTHING: IssueContent = { title: 'Nothing new', preheader: '', sections: [] };

/**
 * Builds the scheduled issue of a newsletter if it is due. One transaction moves the schedule, freezes the issue and hands
 * it on, so that a crash anywhere leaves all of it or nothing; the row lock and the unique period make it one issue
 * whatever rings twice (T8). After a downtime there is one issue for the first missed time, not one for each.
 */
export async function buildIssue(deps: BuildDeps, newsletterId: NewsletterId): Promise<BuildOutcome> {
  const outcome = await deps.db.transaction().execute((tx) => buildInTransaction(tx, deps, newsletterId));
  if (outcome.kind === 'published') {
    deps.doorbell.ring('start-campaign', { campaignId: outcome.campaignId });
  }
  deps.log.info({ newsletterId, outcome: outcome.kind }, 'issue build');
  return outcome;
}

async function buildInTransaction(
  tx: Tx,
  deps: Pick<BuildDeps, 'clock'>,
  newsletterId: NewsletterId,
): Promise<BuildOutcome> {
  const locked = await lockNewsletterRow(tx, newsletterId, 'skip');
  if (locked === undefined) {
    return { kind: 'busy' };
  }
  const periodAt = locked.nextRunAt;
  if (periodAt === null || periodAt > deps.clock.now()) {
    return { kind: 'not-due' };
  }
  await lockContent(tx, newsletterId);
  // Read under the lock: whatever was stored before is seen, whatever comes after belongs to the next issue.
  const now = deps.clock.now();
  const cutoffAt = laterOf(now, locked.cutoffAt);
  await updateSchedule(tx, newsletterId, {
    next_run_at: computeNextRun(locked.cron, locked.timeZone, laterOf(now, periodAt)),
  });
  const outcome = await freezeIssue(tx, newsletterId, {
    timeZone: locked.timeZone,
    periodAt,
    fromAt: locked.cutoffAt,
    cutoffAt,
    now,
  });
  if (outcome.kind !== 'already-built') {
    await updateSchedule(tx, newsletterId, { cutoff_at: cutoffAt });
  }
  return outcome;
}

async function freezeIssue(
  tx: Tx,
  newsletterId: NewsletterId,
  run: {
    readonly timeZone: string;
    readonly periodAt: Date;
    readonly fromAt: Date;
    readonly cutoffAt: Date;
    readonly now: Date;
  },
): Promise<BuildOutcome> {
  const newsletter = await requireNewsletter(tx, { id: newsletterId });
  const articles = await selectFreshArticles(tx, { newsletterId, from: run.fromAt, to: run.cutoffAt });
  const notices = await findPendingNotices(tx, newsletter, run.now);
  const content = withNotices(assembleIssue(newsletter.sections, articles), notices.lines);
  const mayPublish = content !== undefined && (await hasApprovedIssue(tx, newsletterId));
  const number = mayPublish ? await nextIssueNumber(tx, newsletterId) : null;
  const issueId = await insertIssue(tx, {
    ...run,
    newsletterId,
    kind: 'scheduled',
    status: content === undefined ? 'skipped' : mayPublish ? 'approved' : 'awaiting_approval',
    number,
    content: content ?? NOTHING,
  });
  if (issueId === undefined) {
    return { kind: 'already-built' };
  }
  if (content === undefined) {
    return { kind: 'skipped', issueId };
  }
  await insertIssueArticles(tx, issueId, newsletterId, articles);
  await recordNotices(tx, notices, { newsletterId, issueId });
  if (number === null) {
    return { kind: 'awaiting-approval', issueId };
  }
  const issue = { id: issueId, newsletterId, number, content, timeZone: run.timeZone };
  const campaignId = await publishIssue(tx, issue, { createdBy: SYSTEM_ACTOR.label, now: run.now });
  return { kind: 'published', issueId, campaignId };
}

/** A clock that was set back must move neither a cut-off nor a schedule back. */
function laterOf(a: Date, b: Date): Date {
  return a > b ? a : b;
}
