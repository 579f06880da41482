import { leaveOutArticles, lockContent } from '../content/index.ts';
import type { Doorbell } from '../jobs/index.ts';
import { recordNotices } from '../legal/index.ts';
import { computeNextRun, requireNewsletter, selectDigestRules, takeNextIntro } from '../newsletters/index.ts';
import type { Logger } from '../platform/logging/index.ts';
import type { Db, Tx } from '../platform/postgres/index.ts';
import { SYSTEM_ACTOR } from '../shared/actor.ts';
import type { Clock } from '../shared/clock.ts';
import { passFailPoint } from '../shared/fail-points.ts';
import type { CampaignId, IssueId, NewsletterId } from '../shared/ids.ts';
import { closesFrequencies } from './closing-issue.ts';
import { composeIssue } from './compose-issue.ts';
import type { ComposedIssue } from './compose-issue.ts';
import { lockHealed } from './heal-clock.ts';
import type { IssueContent, WaitReason } from './issue.ts';
import { lastClosingPeriods } from './issue-calendar.repository.ts';
import {
  hasApprovedIssue,
  insertIssue,
  insertIssueArticles,
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
  | { readonly kind: 'published'; readonly issueId: IssueId; readonly campaignId: CampaignId; readonly startAt: Date }
  | { readonly kind: 'awaiting-approval'; readonly issueId: IssueId }
  | { readonly kind: 'skipped'; readonly issueId: IssueId }
  /** Another issue holds this period: the schedule only moves on. */
  | { readonly kind: 'already-built' }
  | { readonly kind: 'not-due' }
  /** Somebody builds it right now, or edits the newsletter; the sweep rings again. */
  | { readonly kind: 'busy' };

const HOUR_MS = 3_600_000;

const NOTHING: IssueContent = { title: 'Nothing new', preheader: '', sections: [] };

/**
 * Builds the scheduled issue of a newsletter if it is due, or its hours of preparation have begun. One transaction moves the schedule, freezes the issue and hands
 * it on, so that a crash anywhere leaves all of it or nothing; the row lock and the unique period make it one issue
 * whatever rings twice (T8). After a downtime there is one issue for the first missed time, not one for each.
 */
export async function buildIssue(deps: BuildDeps, newsletterId: NewsletterId): Promise<BuildOutcome> {
  const outcome = await deps.db.transaction().execute((tx) => buildInTransaction(tx, deps, newsletterId));
  passFailPoint('issue-commit');
  // One built ahead is rung for when its time has come.
  if (outcome.kind === 'published' && outcome.startAt <= deps.clock.now()) {
    deps.doorbell.ring('start-campaign', { campaignId: outcome.campaignId });
  }
  deps.log.info({ newsletterId, outcome: outcome.kind }, 'issue build');
  return outcome;
}

async function buildInTransaction(
  tx: Tx,
  deps: Pick<BuildDeps, 'clock' | 'log'>,
  newsletterId: NewsletterId,
): Promise<BuildOutcome> {
  const locked = await lockHealed(tx, deps, newsletterId, 'skip');
  if (locked === undefined) {
    return { kind: 'busy' };
  }
  const periodAt = locked.nextRunAt;
  const { prepareHours } = await selectDigestRules(tx, newsletterId);
  if (periodAt === null || periodAt.getTime() - prepareHours * HOUR_MS > deps.clock.now().getTime()) {
    return { kind: 'not-due' };
  }
  await lockContent(tx, newsletterId);
  // Read under the lock: whatever was stored before is seen, whatever comes after belongs to the next issue.
  const now = deps.clock.now();
  const cutoffAt = laterOf(now, locked.cutoffAt);
  const nextRunAt = computeNextRun(locked.cron, locked.timeZone, laterOf(now, periodAt));
  await updateSchedule(tx, newsletterId, { next_run_at: nextRunAt });
  passFailPoint('issue-schedule');
  const outcome = await freezeIssue(tx, newsletterId, {
    cron: locked.cron,
    timeZone: locked.timeZone,
    nextRunAt,
    periodAt,
    fromAt: locked.cutoffAt,
    cutoffAt,
    now,
  });
  // What was too little for an issue waits for the next one.
  if (outcome.kind !== 'already-built' && outcome.kind !== 'skipped') {
    await updateSchedule(tx, newsletterId, { cutoff_at: cutoffAt });
  }
  return outcome;
}

interface Run {
  readonly cron: string;
  readonly timeZone: string;
  readonly nextRunAt: Date;
  readonly periodAt: Date;
  readonly fromAt: Date;
  readonly cutoffAt: Date;
  readonly now: Date;
}

async function freezeIssue(tx: Tx, newsletterId: NewsletterId, run: Run): Promise<BuildOutcome> {
  const newsletter = await requireNewsletter(tx, { id: newsletterId });
  const composed = await composeIssue(tx, newsletter, { from: run.fromAt, to: run.cutoffAt, now: run.now });
  const { content, articles, notices, remarks } = composed;
  const waitsBecause = content === undefined ? null : await findWaitReason(tx, composed, run);
  const number = content === undefined || waitsBecause !== null ? null : await nextIssueNumber(tx, newsletterId);
  const startAt = laterOf(run.now, run.periodAt);
  const issueId = await insertIssue(tx, {
    ...run,
    newsletterId,
    kind: 'scheduled',
    status: content === undefined ? 'skipped' : waitsBecause === null ? 'approved' : 'awaiting_approval',
    number,
    content: content ?? NOTHING,
    startAt,
    waitsBecause,
    remarks,
    closesFrequencies:
      content === undefined
        ? []
        : closesFrequencies(run, run, await lastClosingPeriods(tx, newsletterId, run.periodAt)),
  });
  if (issueId === undefined) {
    return { kind: 'already-built' };
  }
  passFailPoint('issue-row');
  await leaveOutArticles(tx, composed.broken);
  if (content === undefined) {
    return { kind: 'skipped', issueId };
  }
  await insertIssueArticles(tx, issueId, newsletterId, articles);
  passFailPoint('issue-articles');
  await recordNotices(tx, notices, { newsletterId, issueId });
  await takeNextIntro(tx, newsletterId);
  if (number === null) {
    return { kind: 'awaiting-approval', issueId };
  }
  const issue = { id: issueId, newsletterId, number, content, timeZone: run.timeZone };
  const campaignId = await publishIssue(tx, issue, { createdBy: SYSTEM_ACTOR.label, now: run.now, startAt });
  return { kind: 'published', issueId, campaignId, startAt };
}

/** Overdue comes before the rule, whose deadline would else send it at once. */
async function findWaitReason(tx: Tx, { rules }: ComposedIssue, run: Run): Promise<WaitReason | null> {
  if (!(await hasApprovedIssue(tx, rules.newsletterId))) {
    return 'first';
  }
  if (run.now.getTime() - run.periodAt.getTime() > rules.catchUpHours * HOUR_MS) {
    return 'overdue';
  }
  return rules.approval === 'required' ? 'required' : null;
}

/** A clock that was set back must move neither a cut-off nor a schedule back. */
function laterOf(a: Date, b: Date): Date {
  return a > b ? a : b;
}
