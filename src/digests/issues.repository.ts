import { sql } from 'kysely';
import type { Database, DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { Selectable, Updateable } from 'kysely';
import type { FreshArticle } from '../content/index.ts';
import type { Frequency } from '../newsletters/index.ts';
import type { CampaignId, IssueId, NewsletterId } from '../shared/ids.ts';
import type { Issue, IssueContent, IssueKind, IssueRemark, IssueStatus, IssueSummary, WaitReason } from './issue.ts';

export interface LockedNewsletter {
  readonly cron: string;
  readonly timeZone: string;
  readonly nextRunAt: Date | null;
  readonly cutoffAt: Date;
}

/**
 * Only one builds or decides at a time. `no key update`, because a plain `for update` would wait for every signup and
 * article that refers to the newsletter, and `skip locked` would then never get it. Undefined: gone, or taken (`skip`).
 */
export async function lockNewsletterRow(
  tx: Tx,
  id: NewsletterId,
  whenTaken: 'skip' | 'wait',
): Promise<LockedNewsletter | undefined> {
  const query = tx
    .selectFrom('newsletters')
    .select(['cron', 'time_zone as timeZone', 'next_run_at as nextRunAt', 'cutoff_at as cutoffAt'])
    .where('id', '=', id)
    .forNoKeyUpdate();
  return (whenTaken === 'skip' ? query.skipLocked() : query).executeTakeFirst();
}

/** Those whose issue is to be built by now: at its time, or so long before it as their rules say. */
export async function listDueNewsletters(db: DbOrTx, now: Date): Promise<readonly NewsletterId[]> {
  const rows = await db
    .selectFrom('newsletters as n')
    .leftJoin('digest_rules as r', 'r.newsletter_id', 'n.id')
    .select('n.id')
    .where('n.next_run_at', '<=', sql<Date>`${now}::timestamptz + coalesce(r.prepare_hours, 0) * interval '1 hour'`)
    .orderBy('n.next_run_at')
    .execute();
  return rows.map((row) => row.id);
}

export async function updateSchedule(
  tx: Tx,
  id: NewsletterId,
  changes: Pick<Updateable<Database['newsletters']>, 'next_run_at' | 'cutoff_at'>,
): Promise<void> {
  await tx.updateTable('newsletters').set(changes).where('id', '=', id).execute();
}

export interface NewIssue {
  readonly newsletterId: NewsletterId;
  readonly kind: IssueKind;
  readonly status: IssueStatus;
  readonly periodAt: Date;
  readonly number: number | null;
  readonly fromAt: Date;
  readonly cutoffAt: Date;
  readonly content: IssueContent;
  readonly waitsBecause?: WaitReason | null;
  readonly remarks?: readonly IssueRemark[];
  readonly closesFrequencies?: readonly Frequency[];
  /** When an approved one goes out, if not at once. */
  readonly startAt?: Date;
  readonly now: Date;
}

/** Undefined when the period has its issue already (T8). */
export async function insertIssue(tx: Tx, issue: NewIssue): Promise<IssueId | undefined> {
  const row = await tx
    .insertInto('issues')
    .values({
      newsletter_id: issue.newsletterId,
      kind: issue.kind,
      period_at: issue.periodAt,
      number: issue.number,
      status: issue.status,
      from_at: issue.fromAt,
      cutoff_at: issue.cutoffAt,
      title: issue.content.title,
      content: JSON.stringify(issue.content),
      created_at: issue.now,
      published_at: issue.status === 'approved' ? (issue.startAt ?? issue.now) : null,
      waits_because: issue.waitsBecause ?? null,
      remarks: JSON.stringify(issue.remarks ?? []),
      closes_frequencies: [...(issue.closesFrequencies ?? [])],
    })
    .onConflict((conflict) => conflict.columns(['newsletter_id', 'kind', 'period_at']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id;
}

export async function insertIssueArticles(
  tx: Tx,
  issueId: IssueId,
  newsletterId: NewsletterId,
  articles: readonly FreshArticle[],
): Promise<void> {
  const rows = articles.map((article, position) => ({
    issue_id: issueId,
    article_id: article.id,
    newsletter_id: newsletterId,
    section_id: article.sectionId,
    position,
  }));
  await tx.insertInto('issue_articles').values(rows).execute();
}

export async function releaseArticles(tx: Tx, issueId: IssueId): Promise<void> {
  await tx.deleteFrom('issue_articles').where('issue_id', '=', issueId).execute();
}

export async function updateIssue(tx: Tx, id: IssueId, changes: Updateable<Database['issues']>): Promise<void> {
  await tx.updateTable('issues').set(changes).where('id', '=', id).execute();
}

/** The hand-over to sending: a campaign of kind `issue`, due at `startAt`. */
export async function insertIssueCampaign(
  tx: Tx,
  campaign: {
    readonly issueId: IssueId;
    readonly newsletterId: NewsletterId;
    readonly subject: string;
    readonly preheader: string;
    /** The issue as JSON of `DigestContent`. */
    readonly source: string;
    readonly createdBy: string;
    readonly now: Date;
    readonly startAt: Date;
  },
): Promise<CampaignId> {
  const row = await tx
    .insertInto('campaigns')
    .values((eb) => ({
      kind: 'issue',
      newsletter_id: campaign.newsletterId,
      local_time: eb.selectFrom('newsletters').select('local_time').where('id', '=', campaign.newsletterId),
      send_window: eb.selectFrom('newsletters').select('send_window').where('id', '=', campaign.newsletterId),
      issue_id: campaign.issueId,
      subject: campaign.subject,
      preheader: campaign.preheader === '' ? null : campaign.preheader,
      source_format: 'digest',
      source: campaign.source,
      status: 'scheduled',
      start_at: campaign.startAt,
      created_by: campaign.createdBy,
      created_at: campaign.now,
      updated_at: campaign.now,
    }))
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

export async function nextIssueNumber(db: DbOrTx, newsletterId: NewsletterId): Promise<number> {
  const row = await db
    .selectFrom('issues')
    .select(sql<number>`coalesce(max(number), 0) + 1`.as('next'))
    .where('newsletter_id', '=', newsletterId)
    .executeTakeFirstOrThrow();
  return row.next;
}

/** Until a human has approved one, the newsletter's issues wait. */
export async function hasApprovedIssue(db: DbOrTx, newsletterId: NewsletterId): Promise<boolean> {
  const row = await db
    .selectFrom('issues')
    .select('id')
    .where('newsletter_id', '=', newsletterId)
    .where('status', '=', 'approved')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

function selectIssueRows(db: DbOrTx) {
  return db
    .selectFrom('issues as i')
    .leftJoin('campaigns as c', 'c.issue_id', 'i.id')
    .selectAll('i')
    .select(['c.id as campaign_id', 'c.status as campaign_status'])
    .select((eb) =>
      eb
        .selectFrom('issue_articles')
        .whereRef('issue_articles.issue_id', '=', 'i.id')
        .select((article) => article.fn.countAll<number>().as('count'))
        .as('article_count'),
    );
}

type IssueRow = Selectable<Database['issues']> & {
  readonly campaign_id: CampaignId | null;
  readonly campaign_status: string | null;
  readonly article_count: number | null;
};

/** Newest first. */
export async function listIssues(
  db: DbOrTx,
  newsletterId: NewsletterId,
  limit: number,
): Promise<readonly IssueSummary[]> {
  const rows = await selectIssueRows(db)
    .where('i.newsletter_id', '=', newsletterId)
    .orderBy('i.id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(toSummary);
}

export async function selectIssue(db: DbOrTx, id: IssueId): Promise<Issue | undefined> {
  const row = await selectIssueRows(db).where('i.id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : toIssue(row);
}

function toSummary(row: IssueRow): IssueSummary {
  return {
    id: row.id,
    newsletterId: row.newsletter_id,
    kind: row.kind,
    status: row.status,
    number: row.number,
    title: row.title,
    periodAt: row.period_at,
    articleCount: row.article_count ?? 0,
    campaignId: row.campaign_id,
    campaignStatus: row.campaign_status,
    publishedAt: row.published_at,
  };
}

function toIssue(row: IssueRow): Issue {
  return {
    ...toSummary(row),
    // Written by insertIssue and never edited.
    content: row.content as unknown as IssueContent,
    fromAt: row.from_at,
    cutoffAt: row.cutoff_at,
  };
}
