import { sql } from 'kysely';
import type { Frequency } from '../newsletters/index.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { ArticleId, CampaignId, NewsletterId } from '../shared/ids.ts';
import type { IssueRemark } from './issue.ts';
import type { IssueDigest, IssueSpan, IssueText } from './variants.ts';
import { articleIdsOf } from './variants.ts';

/** Of the first digest of a frequency, before which there is none to begin after; a day more, since the last issue of a week may be skipped. */
const FIRST_SPAN: Readonly<Record<Frequency, string>> = { weekly: '8 days', monthly: '32 days' };

interface SpanRow {
  readonly id: CampaignId;
  readonly source: string;
  readonly preheader: string | null;
  readonly compiled_mail_id: number | null;
}

/**
 * The issue of a campaign with those before it that its slower readers have not had. An issue that was taken back, or cancelled
 * before it had an audience, went to nobody and belongs to none. Undefined for a campaign without an issue.
 */
export async function selectIssueSpan(db: DbOrTx, campaignId: CampaignId): Promise<IssueSpan | undefined> {
  const issue = await sentIssues(db)
    .select(['i.newsletter_id', 'i.number', 'i.published_at', 'i.closes_frequencies'])
    .where('c.id', '=', campaignId)
    .executeTakeFirst();
  if (issue === undefined) {
    return undefined;
  }
  const spans: [Frequency, readonly SpanRow[]][] = [];
  for (const frequency of issue.closes_frequencies) {
    spans.push([frequency, await selectEarlier(db, issue, frequency)]);
  }
  const earlier = new Map(spans.flatMap(([, rows]) => rows.map((row) => [row.id, row])));
  const sent = await selectSentArticles(db, [...earlier.values()]);
  return {
    issue: toText(issue),
    closes: new Map(spans.map(([frequency, rows]) => [frequency, rows.map(toText)])),
    campaignIds: [...earlier.keys()],
    articlesOf: (id, mailId) => sent.get(`${id}:${mailId}`) ?? [],
  };
}

function sentIssues(db: DbOrTx) {
  return db
    .selectFrom('campaigns as c')
    .innerJoin('issues as i', 'i.id', 'c.issue_id')
    .select(['c.id', 'c.source', 'c.preheader', 'c.compiled_mail_id'])
    .where('i.status', '=', 'approved')
    .where(sql<boolean>`not (c.status = 'draft' or c.status = 'cancelled' and c.frozen_at is null)`);
}

/** Numbers follow each other as issues were approved, so that each issue is in exactly one span. */
async function selectEarlier(
  db: DbOrTx,
  issue: { readonly newsletter_id: NewsletterId; readonly number: number | null; readonly published_at: Date | null },
  frequency: Frequency,
): Promise<readonly SpanRow[]> {
  const before = sentIssues(db)
    .where('i.newsletter_id', '=', issue.newsletter_id)
    .where('i.number', '<', issue.number ?? 0);
  const last = await before
    .select('i.number')
    .where(sql<boolean>`${frequency}::text = any(i.closes_frequencies)`)
    .orderBy('i.number', 'desc')
    .limit(1)
    .executeTakeFirst();
  const since =
    last === undefined
      ? before.where(
          'i.published_at',
          '>',
          sql<Date>`${issue.published_at}::timestamptz - ${FIRST_SPAN[frequency]}::interval`,
        )
      : before.where('i.number', '>', last.number ?? 0);
  return since.orderBy('i.number', 'desc').execute();
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
