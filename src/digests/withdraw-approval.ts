import { recordAudit } from '../audit/index.ts';
import type { Actor } from '../shared/actor.ts';
import { conflict } from '../shared/app-error.ts';
import type { IssueId } from '../shared/ids.ts';
import type { BuildDeps } from './build-issue.ts';
import { selectIssueDesk } from './edit-issue.repository.ts';
import { updateIssue } from './issues.repository.ts';
import { lockIssue } from './lock-issue.ts';
import { deleteUnstartedCampaign, lockUnstartedCampaign } from './unstarted-campaign.repository.ts';

/**
 * Takes an approved issue back while nothing of it has left: it waits again, with all its articles, and its campaign is gone.
 * Past its time it waits as an overdue one, which no rule sends by itself. One that waits already stays so.
 * @throws AppError `issue_not_found`, `issue_already_decided`, `issue_started`.
 */
export async function withdrawApproval(
  deps: Pick<BuildDeps, 'db' | 'clock'>,
  issueId: IssueId,
  actor: Actor,
): Promise<void> {
  await deps.db.transaction().execute(async (tx) => {
    const { issue } = await lockIssue(tx, issueId);
    if (issue.status === 'awaiting_approval') {
      return;
    }
    if (issue.status !== 'approved') {
      throw conflict('issue_already_decided', `This issue was ${issue.status}; there is no approval to take back.`);
    }
    const campaignId = await lockUnstartedCampaign(tx, issueId);
    if (campaignId === undefined) {
      throw conflict('issue_started', 'This issue has started to leave. Pause or cancel its mailing instead.');
    }
    await deleteUnstartedCampaign(tx, campaignId);
    const desk = await selectIssueDesk(tx, issueId);
    await updateIssue(tx, issueId, {
      status: 'awaiting_approval',
      number: null,
      decided_at: null,
      published_at: null,
      waits_because: issue.periodAt > deps.clock.now() ? (desk?.waitsBecause ?? 'required') : 'overdue',
    });
    const details = { campaignId };
    await recordAudit(tx, { actor, action: 'issue.withdrawn', subjectKind: 'issue', subjectId: issueId, details });
  });
}
