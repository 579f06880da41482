import { sql } from 'kysely';
import type { Insertable } from 'kysely';
import type { Database, DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { ArticleId, FeedId, NewsletterId, SectionId } from '../shared/ids.ts';

export type NewArticle = Insertable<Database['articles']>;

/** Which of these keys are known, and whose they are. */
export async function findByKeys(
  tx: Tx,
  newsletterId: NewsletterId,
  keys: readonly Buffer[],
): Promise<ReadonlyMap<string, ArticleId>> {
  const rows = await tx
    .selectFrom('article_keys')
    .select(['key', 'article_id'])
    .where('newsletter_id', '=', newsletterId)
    .where(sql<boolean>`key = any(${[...keys]}::bytea[])`)
    .execute();
  return new Map(rows.map((row) => [row.key.toString('hex'), row.article_id]));
}

/** Ids in the order of the rows: PostgreSQL returns the rows of a VALUES list as it inserts them. */
export async function insertArticles(tx: Tx, rows: readonly NewArticle[]): Promise<readonly ArticleId[]> {
  if (rows.length === 0) {
    return [];
  }
  const inserted = await tx
    .insertInto('articles')
    .values([...rows])
    .returning('id')
    .execute();
  return inserted.map((row) => row.id);
}

export async function insertKeys(
  tx: Tx,
  newsletterId: NewsletterId,
  pairs: readonly { readonly key: Buffer; readonly articleId: ArticleId }[],
): Promise<void> {
  if (pairs.length === 0) {
    return;
  }
  await tx
    .insertInto('article_keys')
    .values(pairs.map(({ key, articleId }) => ({ newsletter_id: newsletterId, key, article_id: articleId })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Headlines get corrected: an article that no issue holds yet follows its feed. */
export async function refreshUnsentArticles(
  tx: Tx,
  feedId: FeedId,
  articles: readonly {
    readonly id: ArticleId;
    readonly title: string;
    readonly summaryText: string;
    readonly publishedAt: Date | null;
  }[],
): Promise<void> {
  await sql`
    update articles a
       set title = v.title, summary_text = v.summary_text, published_at = v.published_at
      from unnest(
             ${articles.map(({ id }) => id)}::bigint[],
             ${articles.map(({ title }) => title)}::text[],
             ${articles.map(({ summaryText }) => summaryText)}::text[],
             ${articles.map(({ publishedAt }) => publishedAt)}::timestamptz[]
           ) as v (id, title, summary_text, published_at)
     where a.id = v.id
       and a.feed_id = ${feedId}
       and (a.title, a.summary_text, a.published_at) is distinct from (v.title, v.summary_text, v.published_at)
       and not exists (select from issue_articles i where i.article_id = a.id)
  `.execute(tx);
}

export async function selectCutoff(tx: Tx, newsletterId: NewsletterId): Promise<Date | undefined> {
  const row = await tx.selectFrom('newsletters').select('cutoff_at').where('id', '=', newsletterId).executeTakeFirst();
  return row?.cutoff_at;
}

export interface FreshArticle {
  readonly id: ArticleId;
  readonly sectionId: SectionId;
  readonly url: string;
  readonly title: string;
  readonly summaryText: string;
  readonly author: string | null;
  readonly sourceName: string | null;
  readonly imageUrl: string | null;
  readonly imageAlt: string | null;
  readonly wordCount: number | null;
}

/**
 * What an issue may take: eligible, first seen after `from` and up to `to`, in no other issue of the newsletter; of each
 * section the newest, up to its limit. In the order of the sections, newest first.
 */
export async function selectFreshArticles(
  db: DbOrTx,
  window: { readonly newsletterId: NewsletterId; readonly from: Date; readonly to: Date },
): Promise<readonly FreshArticle[]> {
  const ranked = db
    .selectFrom('articles as a')
    .innerJoin('newsletter_sections as s', 's.id', 'a.section_id')
    .innerJoin('newsletters as n', 'n.id', 'a.newsletter_id')
    .selectAll('a')
    .select([
      's.position as section_position',
      sql<number>`coalesce(s.max_items, n.max_per_section)`.as('section_limit'),
      sql<number>`row_number() over (partition by a.section_id
        order by coalesce(a.published_at, a.first_seen_at) desc, a.id desc)`.as('rank'),
    ])
    .where('a.newsletter_id', '=', window.newsletterId)
    .where('a.is_eligible', '=', true)
    .where('a.first_seen_at', '>', window.from)
    .where('a.first_seen_at', '<=', window.to)
    .where((eb) =>
      eb.not(
        eb.exists(eb.selectFrom('issue_articles as i').select('i.issue_id').whereRef('i.article_id', '=', 'a.id')),
      ),
    );
  const rows = await db
    .selectFrom(ranked.as('ranked'))
    .selectAll()
    .whereRef('rank', '<=', 'section_limit')
    .orderBy('section_position')
    .orderBy('section_id')
    .orderBy('rank')
    .execute();
  return rows.map((row) => ({
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
  }));
}
