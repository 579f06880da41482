import type { Selectable } from 'kysely';
import type { FreshArticle } from '../content/index.ts';
import type { Database, DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { ArticleId, IssueId, NewsletterId, SectionId } from '../shared/ids.ts';
import type { IssueContent } from './issue.ts';

export type WaitReason = 'first' | 'required' | 'overdue';

/** What editors need to know of an issue besides what it says. */
export interface IssueDesk {
  /** Counts the editors' changes. */
  readonly revision: number;
  readonly waitsBecause: WaitReason | null;
  /** What was left out or odd when it was built. */
  readonly remarks: unknown;
}

export interface CandidateArticle extends FreshArticle {
  readonly publishedAt: Date | null;
  readonly firstSeenAt: Date;
}

export async function selectIssueDesk(db: DbOrTx, id: IssueId): Promise<IssueDesk | undefined> {
  return db
    .selectFrom('issues')
    .select(['revision', 'waits_because as waitsBecause', 'remarks'])
    .where('id', '=', id)
    .executeTakeFirst();
}

/** Newest first: eligible, and in no issue of the newsletter. */
export async function selectCandidates(
  db: DbOrTx,
  newsletterId: NewsletterId,
  search: { readonly words?: string; readonly ids?: readonly ArticleId[]; readonly limit: number },
): Promise<readonly CandidateArticle[]> {
  let query = db
    .selectFrom('articles as a')
    .selectAll('a')
    .where('a.newsletter_id', '=', newsletterId)
    .where('a.is_eligible', '=', true)
    .where((eb) =>
      eb.not(
        eb.exists(eb.selectFrom('issue_articles as i').select('i.issue_id').whereRef('i.article_id', '=', 'a.id')),
      ),
    );
  if (search.ids !== undefined) {
    query = query.where('a.id', 'in', search.ids);
  }
  if (search.words !== undefined && search.words !== '') {
    query = query.where('a.title', 'ilike', `%${search.words.replace(/[\\%_]/g, String.raw`\$&`)}%`);
  }
  const rows = await query.orderBy('a.id', 'desc').limit(search.limit).execute();
  return rows.map(toCandidate);
}

export async function updateIssueContent(
  tx: Tx,
  id: IssueId,
  issue: { readonly content: IssueContent; readonly revision: number },
): Promise<void> {
  const { content, revision } = issue;
  await tx
    .updateTable('issues')
    .set({ title: content.title, content: JSON.stringify(content), revision })
    .where('id', '=', id)
    .execute();
}

export interface PlacedArticle {
  readonly articleId: ArticleId;
  readonly sectionId: SectionId;
}

/** The articles that an issue holds are these, in this order. */
export async function replaceIssueArticles(
  tx: Tx,
  issue: { readonly id: IssueId; readonly newsletterId: NewsletterId },
  articles: readonly PlacedArticle[],
): Promise<void> {
  await tx.deleteFrom('issue_articles').where('issue_id', '=', issue.id).execute();
  const rows = articles.map(({ articleId, sectionId }, position) => ({
    issue_id: issue.id,
    newsletter_id: issue.newsletterId,
    article_id: articleId,
    section_id: sectionId,
    position,
  }));
  await tx.insertInto('issue_articles').values(rows).execute();
}

function toCandidate(row: Selectable<Database['articles']>): CandidateArticle {
  return {
    id: row.id,
    sectionId: row.section_id,
    url: row.url,
    title: row.title,
    summaryText: row.summary_text,
    author: row.author,
    sourceName: row.source_name,
    imageUrl: row.image_url,
    imageAlt: row.image_alt,
    wordCount: row.word_count,
    publishedAt: row.published_at,
    firstSeenAt: row.first_seen_at,
  };
}
