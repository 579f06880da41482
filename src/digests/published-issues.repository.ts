import { sql } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { IssueId, NewsletterId } from '../shared/ids.ts';
import type { IssueContent } from './issue.ts';

export interface PublishedIssue {
  readonly id: IssueId;
  readonly newsletterId: NewsletterId;
  readonly number: number;
  readonly title: string;
  readonly publishedAt: Date;
}

export interface WholeIssue extends PublishedIssue {
  readonly content: IssueContent;
}

export interface OpenedIssue extends WholeIssue {
  readonly previous: PublishedIssue | undefined;
  readonly next: PublishedIssue | undefined;
}

/** A year by the newsletter's own calendar. */
export interface IssueYear {
  readonly year: number;
  readonly count: number;
}

/**
 * Approved ahead of its time, an issue is not out before its campaign starts; one whose campaign was taken back or cancelled
 * before it had an audience never is.
 */
const isOut = sql<boolean>`not (
  coalesce(c.status, '') = 'scheduled' and i.published_at > coalesce(i.decided_at, i.created_at)
  or coalesce(c.status, '') = 'draft'
  or coalesce(c.status, '') = 'cancelled' and c.frozen_at is null
)`;

function published(db: DbOrTx) {
  return db
    .selectFrom('issues as i')
    .leftJoin('campaigns as c', 'c.issue_id', 'i.id')
    .select(['i.id', 'i.newsletter_id', 'i.number', 'i.title', 'i.published_at'])
    .where('i.status', '=', 'approved')
    .where('i.number', 'is not', null)
    .where('i.published_at', 'is not', null)
    .where(isOut);
}

interface PublishedRow {
  readonly id: IssueId;
  readonly newsletter_id: NewsletterId;
  readonly number: number | null;
  readonly title: string;
  readonly published_at: Date | null;
}

function toPublished(row: PublishedRow): PublishedIssue[] {
  const { id, newsletter_id: newsletterId, number, title, published_at: publishedAt } = row;
  return number === null || publishedAt === null ? [] : [{ id, newsletterId, number, title, publishedAt }];
}

/** An issue as readers got it, with its neighbours: those between may never have gone out. */
export async function selectPublishedIssue(
  db: DbOrTx,
  newsletterId: NewsletterId,
  number: number,
): Promise<OpenedIssue | undefined> {
  const ofNewsletter = published(db).select('i.content').where('i.newsletter_id', '=', newsletterId);
  const from = ofNewsletter.where('i.number', '<=', number).orderBy('i.number', 'desc').limit(2);
  const after = ofNewsletter.where('i.number', '>', number).orderBy('i.number').limit(1);
  const rows = await db
    .selectFrom(from.as('from'))
    .selectAll()
    .unionAll(db.selectFrom(after.as('after')).selectAll())
    .execute();
  const content = rows.find((row) => row.number === number)?.content;
  const issues = rows.flatMap(toPublished);
  const issue = issues.find((one) => one.number === number);
  return issue === undefined || content === undefined
    ? undefined
    : {
        ...issue,
        // Written by insertIssue; nobody can edit it any more.
        content: content as unknown as IssueContent,
        previous: issues.find((one) => one.number < number),
        next: issues.find((one) => one.number > number),
      };
}

/** The newest, each with all it says. */
export async function listWholeIssues(
  db: DbOrTx,
  newsletterId: NewsletterId,
  limit: number,
): Promise<readonly WholeIssue[]> {
  const rows = await published(db)
    .select('i.content')
    .where('i.newsletter_id', '=', newsletterId)
    .orderBy('i.number', 'desc')
    .limit(limit)
    .execute();
  return rows.flatMap((row) =>
    toPublished(row).map((issue) => ({ ...issue, content: row.content as unknown as IssueContent })),
  );
}

/** Newest first; `year` by the clock of `timeZone`. */
export async function listPublishedIssues(
  db: DbOrTx,
  newsletterId: NewsletterId,
  limit: number,
  page: { readonly offset?: number; readonly year?: number; readonly timeZone?: string } = {},
): Promise<readonly PublishedIssue[]> {
  const { offset = 0, year, timeZone = 'UTC' } = page;
  const rows = await published(db)
    .where('i.newsletter_id', '=', newsletterId)
    .$if(year !== undefined, (query) => query.where(yearIn(timeZone), '=', year ?? 0))
    .orderBy('i.number', 'desc')
    .limit(limit)
    .offset(offset)
    .execute();
  return rows.flatMap(toPublished);
}

/** Newest first. */
export async function countPublishedByYear(
  db: DbOrTx,
  newsletterId: NewsletterId,
  timeZone: string,
): Promise<readonly IssueYear[]> {
  return db
    .selectFrom(
      published(db).select(yearIn(timeZone).as('year')).where('i.newsletter_id', '=', newsletterId).as('issue'),
    )
    .select((eb) => ['issue.year', eb.fn.countAll<number>().as('count')])
    .groupBy('issue.year')
    .orderBy('issue.year', 'desc')
    .execute();
}

function yearIn(timeZone: string) {
  return sql<number>`extract(year from i.published_at at time zone ${timeZone})::int`;
}

/** The newest so many of each of these, newest first. */
export async function listNewestOfEach(
  db: DbOrTx,
  newsletterIds: readonly NewsletterId[],
  limit: number,
): Promise<ReadonlyMap<NewsletterId, readonly PublishedIssue[]>> {
  const rows = await db
    .selectFrom('newsletters as n')
    .innerJoinLateral(
      published(db)
        .whereRef('i.newsletter_id', '=', sql.ref('n.id'))
        .orderBy('i.number', 'desc')
        .limit(limit)
        .as('newest'),
      (join) => join.onTrue(),
    )
    .selectAll('newest')
    .where('n.id', '=', sql<NewsletterId>`any(${newsletterIds}::bigint[])`)
    .execute();
  return Map.groupBy(rows.flatMap(toPublished), (issue) => issue.newsletterId);
}

/** Of these newsletters together. */
export async function countPublished(db: DbOrTx, newsletterIds: readonly NewsletterId[]): Promise<number> {
  const { count } = await db
    .selectFrom(publishedOf(db, newsletterIds).as('issue'))
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

/** Of these newsletters together, oldest first, so that the pages before the last never change. */
export async function listPublishedOf(
  db: DbOrTx,
  newsletterIds: readonly NewsletterId[],
  page: { readonly limit: number; readonly offset: number },
): Promise<readonly PublishedIssue[]> {
  const rows = await publishedOf(db, newsletterIds).orderBy('i.id').limit(page.limit).offset(page.offset).execute();
  return rows.flatMap(toPublished);
}

function publishedOf(db: DbOrTx, newsletterIds: readonly NewsletterId[]) {
  return published(db).where('i.newsletter_id', '=', sql<NewsletterId>`any(${newsletterIds}::bigint[])`);
}
