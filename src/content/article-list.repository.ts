import { sql } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { ArticleId, FeedId, IssueId, NewsletterId } from '../shared/ids.ts';
import type { Article, ArticleState } from './article.ts';

export interface ArticleFilter {
  readonly newsletterId: NewsletterId;
  readonly state?: ArticleState | undefined;
  readonly section?: string | undefined;
  readonly feedId?: FeedId | undefined;
  /** Part of a title, an address or an author's name. */
  readonly search?: string | undefined;
  /** The id after which the page begins. */
  readonly before?: ArticleId | undefined;
  readonly limit: number;
}

/** Newest first, without what was removed. */
export async function listArticles(db: DbOrTx, filter: ArticleFilter): Promise<readonly Article[]> {
  let query = articlesOf(db)
    .where('a.newsletter_id', '=', filter.newsletterId)
    .where('a.removed_at', 'is', null)
    .orderBy('a.id', 'desc')
    .limit(filter.limit);
  if (filter.before !== undefined) {
    query = query.where('a.id', '<', filter.before);
  }
  if (filter.section !== undefined) {
    query = query.where('s.slug', '=', filter.section);
  }
  if (filter.feedId !== undefined) {
    query = query.where('a.feed_id', '=', filter.feedId);
  }
  if (filter.state !== undefined) {
    query = query.where(IN_STATE[filter.state]);
  }
  if (filter.search !== undefined) {
    const pattern = `%${filter.search.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
    query = query.where((eb) =>
      eb.or([eb('a.title', 'ilike', pattern), eb('a.url', 'ilike', pattern), eb('a.author', 'ilike', pattern)]),
    );
  }
  return (await query.execute()).map(toArticle);
}

export async function selectArticle(db: DbOrTx, id: ArticleId): Promise<Article | undefined> {
  const row = await articlesOf(db).where('a.id', '=', id).where('a.removed_at', 'is', null).executeTakeFirst();
  return row === undefined ? undefined : toArticle(row);
}

const IS_HELD = sql<boolean>`exists (select from issue_articles i where i.newsletter_id = a.newsletter_id and i.article_id = a.id)`;
const IN_STATE = {
  unsent: sql<boolean>`a.is_eligible and not ${IS_HELD}`,
  left_out: sql<boolean>`not a.is_eligible and not ${IS_HELD}`,
  used: IS_HELD,
} as const;

function articlesOf(db: DbOrTx) {
  return db
    .selectFrom('articles as a')
    .innerJoin('newsletter_sections as s', 's.id', 'a.section_id')
    .selectAll('a')
    .select('s.slug as section_slug')
    .select(
      sql<IssueId | null>`(select i.issue_id from issue_articles i where i.newsletter_id = a.newsletter_id and i.article_id = a.id limit 1)`.as(
        'issue_id',
      ),
    );
}

type ArticleRow = Awaited<ReturnType<ReturnType<typeof articlesOf>['execute']>>[number];

function toArticle(row: ArticleRow): Article {
  return {
    id: row.id,
    newsletterId: row.newsletter_id,
    sectionId: row.section_id,
    sectionSlug: row.section_slug,
    sectionIsChosen: row.section_is_chosen,
    feedId: row.feed_id,
    url: row.url,
    title: row.title,
    summary: row.summary_text,
    author: row.author,
    sourceName: row.source_name,
    imageUrl: row.image_url,
    imageAlt: row.image_alt,
    language: row.language,
    categories: row.categories,
    publishedAt: row.published_at,
    firstSeenAt: row.first_seen_at,
    weight: row.weight,
    isPinned: row.is_pinned,
    isEligible: row.is_eligible,
    isEdited: row.is_edited,
    isSample: row.is_sample,
    state: stateOf(row),
    issueId: row.issue_id,
  };
}

function stateOf(row: ArticleRow): ArticleState {
  if (row.issue_id !== null) {
    return 'used';
  }
  return row.is_eligible ? 'unsent' : 'left_out';
}
