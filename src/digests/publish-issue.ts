import { requireNewsletter } from '../newsletters/index.ts';
import type { Tx } from '../platform/postgres/index.ts';
import { writeSubject } from '../rendering/index.ts';
import { passFailPoint } from '../shared/fail-points.ts';
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
  const newsletter = await requireNewsletter(tx, { id: issue.newsletterId });
  const digest = toDigest(issue.content, issue.number, startAt, issue.timeZone);
  const headlines = digest.sections.flatMap(({ articles }) => articles.map(({ title }) => title));
  const campaignId = await insertIssueCampaign(tx, {
    issueId: issue.id,
    newsletterId: issue.newsletterId,
    // As its mails will say it.
    subject: writeSubject([digest.title, ...headlines], {
      newsletterName: newsletter.name,
      locale: newsletter.locale,
      dateIso: digest.dateIso,
    }),
    preheader: issue.content.preheader,
    source: JSON.stringify(digest),
    createdBy: by.createdBy,
    now: by.now,
    startAt,
  });
  passFailPoint('issue-campaign');
  return campaignId;
}
