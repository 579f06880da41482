import type { Tx } from '../platform/postgres/index.ts';
import type { CampaignId, IssueId, NewsletterId } from '../shared/ids.ts';
import { insertIssueCampaign } from './issues.repository.ts';
import { toDigest } from './issue.ts';
import type { IssueContent } from './issue.ts';

/**
 * Hands an approved issue on: its campaign, in the transaction that approves it, to start at its time (`startAt`; now
 * without one). Ring `start-campaign` after the commit when that time has come.
 */
export async function publishIssue(
  tx: Tx,
  issue: {
    readonly id: IssueId;
    readonly newsletterId: NewsletterId;
    readonly number: number;
    readonly content: IssueContent;
    readonly timeZone: string;
  },
  by: { readonly createdBy: string; readonly now: Date; readonly startAt?: Date },
): Promise<CampaignId> {
  const startAt = by.startAt ?? by.now;
  return insertIssueCampaign(tx, {
    issueId: issue.id,
    newsletterId: issue.newsletterId,
    subject: issue.content.title,
    preheader: issue.content.preheader,
    source: JSON.stringify(toDigest(issue.content, issue.number, startAt, issue.timeZone)),
    createdBy: by.createdBy,
    now: by.now,
    startAt,
  });
}
