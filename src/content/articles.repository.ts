import { sql } from 'kysely';
import type { Insertable, Updateable } from 'kysely';
import type { Database, Tx } from '../platform/postgres/index.ts';
import type { ArticleId, FeedId, NewsletterId } from '../shared/ids.ts';

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
  await sql`
    insert into article_keys (newsletter_id, key, article_id)
    select ${newsletterId}, key, article_id
      from unnest(${pairs.map(({ key }) => key)}::bytea[], ${pairs.map(({ articleId }) => articleId)}::bigint[])
        as k (key, article_id)
    on conflict do nothing
  `.execute(tx);
}

/**
 * Headlines get corrected: an article that no issue holds yet follows its feed, unless a person wrote its words. Its date
 * never moves past the moment we first saw it: a date in the future is read as now each time, and would stay the newest.
 */
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
      from (
             select u.id, u.title, u.summary_text,
                    case when o.is_sample then u.published_at else least(u.published_at, o.first_seen_at) end as published_at
               from unnest(
                      ${articles.map(({ id }) => id)}::bigint[],
                      ${articles.map(({ title }) => title)}::text[],
                      ${articles.map(({ summaryText }) => summaryText)}::text[],
                      ${articles.map(({ publishedAt }) => publishedAt)}::timestamptz[]
                    ) as u (id, title, summary_text, published_at)
               join articles o on o.id = u.id
           ) as v
     where a.id = v.id
       and a.feed_id = ${feedId}
       and not a.is_edited
       and (a.title, a.summary_text, a.published_at) is distinct from (v.title, v.summary_text, v.published_at)
       and not exists (select from issue_articles i where i.newsletter_id = a.newsletter_id and i.article_id = a.id)
  `.execute(tx);
}

export async function selectCutoff(tx: Tx, newsletterId: NewsletterId): Promise<Date | undefined> {
  const row = await tx.selectFrom('newsletters').select('cutoff_at').where('id', '=', newsletterId).executeTakeFirst();
  return row?.cutoff_at;
}

export async function updateArticleRow(
  tx: Tx,
  id: ArticleId,
  changes: Updateable<Database['articles']>,
): Promise<void> {
  await tx.updateTable('articles').set(changes).where('id', '=', id).execute();
}

/** Only for one that no feed offers: a feed's next reading would bring it back. */
export async function deleteArticleRow(tx: Tx, id: ArticleId): Promise<void> {
  await tx.deleteFrom('articles').where('id', '=', id).execute();
}

/** Of these articles those that came from a feed. */
export async function selectFromFeeds(tx: Tx, ids: readonly ArticleId[]): Promise<readonly ArticleId[]> {
  const rows = await tx
    .selectFrom('articles')
    .select('id')
    .where(sql<boolean>`id = any(${[...ids]}::bigint[])`)
    .where('feed_id', 'is not', null)
    .execute();
  return rows.map((row) => row.id);
}

export async function isRemoved(tx: Tx, id: ArticleId): Promise<boolean> {
  const row = await tx.selectFrom('articles').select('removed_at').where('id', '=', id).executeTakeFirst();
  return row !== undefined && row.removed_at !== null;
}
