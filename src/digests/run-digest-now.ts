import { recordAudit } from '../audit/index.ts';
import { leaveOutArticles, lockContent } from '../content/index.ts';
import { recordNotices } from '../legal/index.ts';
import { FREQUENCIES, takeNextIntro } from '../newsletters/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import type { Tx } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import { notFound } from '../shared/app-error.ts';
import type { CampaignId, IssueId } from '../shared/ids.ts';
import type { BuildDeps } from './build-issue.ts';
import { composeIssue } from './compose-issue.ts';
import { lockHealed } from './heal-clock.ts';
import { insertIssue, insertIssueArticles, nextIssueNumber, updateSchedule } from './issues.repository.ts';
import { publishIssue } from './publish-issue.ts';

export type RunOutcome =
  | {
      readonly kind: 'published';
      readonly issueId: IssueId;
      readonly campaignId: CampaignId;
      readonly number: number;
      readonly title: string;
      readonly articleCount: number;
    }
  | { readonly kind: 'nothing-new' };

/**
 * An extra issue now, because a person says so: it needs no further approval and moves the cut-off, so that the scheduled
 * issue begins after it. Writes nothing when there is nothing new. `previewNextIssue` is the dry run.
 */
export async function runDigestNow(deps: BuildDeps, newsletter: Newsletter, actor: Actor): Promise<RunOutcome> {
  const outcome = await deps.db.transaction().execute((tx) => runInTransaction(tx, deps, newsletter, actor));
  if (outcome.kind === 'published') {
    deps.doorbell.ring('start-campaign', { campaignId: outcome.campaignId });
  }
  return outcome;
}

async function runInTransaction(
  tx: Tx,
  deps: Pick<BuildDeps, 'clock' | 'log'>,
  newsletter: Newsletter,
  actor: Actor,
): Promise<RunOutcome> {
  const newsletterId = newsletter.id;
  const locked = await lockHealed(tx, deps, newsletterId, 'wait');
  if (locked === undefined) {
    throw notFound('newsletter_not_found', 'There is no such newsletter.');
  }
  await lockContent(tx, newsletterId);
  const now = deps.clock.now();
  const window = { from: locked.cutoffAt, to: now > locked.cutoffAt ? now : locked.cutoffAt };
  const { content, articles, notices, remarks, broken } = await composeIssue(tx, newsletter, { ...window, now });
  if (content === undefined) {
    return { kind: 'nothing-new' };
  }
  const number = await nextIssueNumber(tx, newsletterId);
  const issueId = await insertIssue(tx, {
    newsletterId,
    kind: 'extra',
    status: 'approved',
    periodAt: now,
    number,
    fromAt: window.from,
    cutoffAt: window.to,
    content,
    remarks,
    // Without a schedule there is no last issue of a week.
    closesFrequencies: locked.cron === '' ? FREQUENCIES : [],
    now,
  });
  if (issueId === undefined) {
    return { kind: 'nothing-new' };
  }
  await leaveOutArticles(tx, broken);
  await insertIssueArticles(tx, issueId, newsletterId, articles);
  await recordNotices(tx, notices, { newsletterId, issueId });
  await takeNextIntro(tx, newsletterId);
  await updateSchedule(tx, newsletterId, { cutoff_at: window.to });
  const issue = { id: issueId, newsletterId, number, content, timeZone: locked.timeZone };
  const campaignId = await publishIssue(tx, issue, { createdBy: actor.label, now });
  const details = { newsletterId, number, articleCount: articles.length };
  await recordAudit(tx, { actor, action: 'issue.run', subjectKind: 'issue', subjectId: issueId, details });
  return { kind: 'published', issueId, campaignId, number, title: content.title, articleCount: articles.length };
}
