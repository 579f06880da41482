import { sql } from 'kysely';
import type { Frequency } from '../newsletters/index.ts';
import type { DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { ArticleId, CampaignId, NewsletterId } from '../shared/ids.ts';
import type { IssueRemark } from './issue.ts';
import type { IssueDigest, IssueSpan, IssueText } from './variants.ts';
import { articleIdsOf } from './variants.ts';

/** How far before the first digest of a frequency its issues go back; a day more, since the last issue of a week may be skipped. */
const FIRST_SPAN: Readonly<Record<Frequency, string>> = { weekly: '8 days', monthly: '32 days' };

interface SpanRow {
  readonly id: CampaignId;
  readonly source: string;
  readonly preheader: string | null;
  readonly compiled_mail_id: number | null;
}

/**
 * The issue of a campaign with those before it that its slower readers have not had: whatever was frozen since the last issue that
 * closed their week or month was, so that each issue is in exactly one span. Undefined when the campaign is gone.
 */
export async function selectIssueSpan(db: DbOrTx, campaignId: CampaignId, now: Date): Promise<IssueSpan | undefined> {
  const issue = await issueRows(db)
    .select(['i.newsletter_id', 'i.closes_frequencies'])
    .where('c.id', '=', campaignId)
    .executeTakeFirst();
  if (issue === undefined) {
    return undefined;
  }
  const spans: [Frequency, readonly (SpanRow & { readonly status: string })[]][] = [];
  for (const frequency of issue.closes_frequencies) {
    spans.push([frequency, await selectEarlier(db, issue.newsletter_id, frequency, now)]);
  }
  const earlier = new Map(spans.flatMap(([, rows]) => rows.map((row) => [row.id, row])));
  const sent = await selectSentArticles(db, [...earlier.values()]);
  return {
    issue: toText(issue),
    // What an editor stopped goes to nobody else; who got it all the same is not sent its articles again.
    closes: new Map(
      spans.map(([frequency, rows]) => [frequency, rows.filter(({ status }) => status !== 'cancelled').map(toText)]),
    ),
    campaignIds: [...earlier.keys()],
    articlesOf: (id, mailId) => sent.get(`${id}:${mailId}`) ?? [],
  };
}

/**
 * Only one issue of a newsletter is frozen at a time, until the transaction ends.
 * @returns whether no other has been since the span was selected: it would belong to it
 */
export async function lockSpan(
  tx: Tx,
  issue: {
    readonly newsletterId: NewsletterId;
    readonly closes: readonly Frequency[];
    readonly campaignIds: readonly CampaignId[];
  },
  now: Date,
): Promise<boolean> {
  await sql`select pg_advisory_xact_lock(hashtext('issue-span'), ${issue.newsletterId}::int)`.execute(tx);
  const found = new Set<CampaignId>();
  for (const frequency of issue.closes) {
    for (const { id } of await selectEarlier(tx, issue.newsletterId, frequency, now)) {
      found.add(id);
    }
  }
  return found.size === issue.campaignIds.length && issue.campaignIds.every((id) => found.has(id));
}

function issueRows(db: DbOrTx) {
  return db
    .selectFrom('campaigns as c')
    .innerJoin('issues as i', 'i.id', 'c.issue_id')
    .select(['c.id', 'c.source', 'c.preheader', 'c.compiled_mail_id', 'c.status']);
}

/** Newest first. A closing issue that was cancelled closed nothing: the next one brings what it would have. What a wrong clock has put into the future does not count at all. */
function selectEarlier(
  db: DbOrTx,
  newsletterId: NewsletterId,
  frequency: Frequency,
  now: Date,
): Promise<readonly (SpanRow & { readonly status: string })[]> {
  return issueRows(db)
    .where('i.newsletter_id', '=', newsletterId)
    .where('c.frozen_at', '<=', now)
    .where(
      sql<boolean>`c.frozen_at > coalesce(
        (select max(cc.frozen_at) from campaigns cc join issues ci on ci.id = cc.issue_id
          where ci.newsletter_id = ${newsletterId} and ${frequency}::text = any(ci.closes_frequencies) and cc.status <> 'cancelled' and cc.frozen_at <= ${now}),
        (select min(ci.period_at) - ${FIRST_SPAN[frequency]}::interval from issues ci
          where ci.newsletter_id = ${newsletterId} and ${frequency}::text = any(ci.closes_frequencies)))`,
    )
    .orderBy('c.frozen_at', 'desc')
    .orderBy('c.id', 'desc')
    .execute();
}

/** By `campaign:mail`. An issue from before there were variants was sent whole. */
async function selectSentArticles(
  db: DbOrTx,
  campaigns: readonly SpanRow[],
): Promise<ReadonlyMap<string, readonly ArticleId[]>> {
  const rows = await db
    .selectFrom('issue_variants')
    .selectAll()
    .where('campaign_id', '=', sql<CampaignId>`any(${campaigns.map(({ id }) => id)}::bigint[])`)
    .execute();
  const whole = campaigns.map((row) => [`${row.id}:${row.compiled_mail_id}`, articleIdsOf(toText(row))] as const);
  return new Map([
    ...whole,
    ...rows.map((row) => [`${row.campaign_id}:${row.compiled_mail_id}`, row.article_ids] as const),
  ]);
}

function toText({ source, preheader }: SpanRow): IssueText {
  // Written by publishIssue.
  return { digest: JSON.parse(source) as IssueDigest, preheader };
}

export async function insertVariants(
  db: DbOrTx,
  campaignId: CampaignId,
  variants: readonly { readonly compiledMailId: number; readonly articleIds: readonly ArticleId[] }[],
): Promise<void> {
  if (variants.length === 0) {
    return;
  }
  await db
    .insertInto('issue_variants')
    .values(
      variants.map(({ compiledMailId, articleIds }) => ({
        campaign_id: campaignId,
        compiled_mail_id: compiledMailId,
        article_ids: [...articleIds],
      })),
    )
    .execute();
}

/** What came up when the mails of an issue were made, for its editors. */
export async function addRemarks(db: DbOrTx, campaignId: CampaignId, remarks: readonly IssueRemark[]): Promise<void> {
  if (remarks.length === 0) {
    return;
  }
  await sql`update issues set remarks = remarks || ${JSON.stringify(remarks)}::jsonb
    where id = (select issue_id from campaigns where id = ${campaignId})`.execute(db);
}
