import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import type { Database, DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { ArticleId, NewsletterId, SectionId } from '../shared/ids.ts';

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
  /** In px, where the feed says it. */
  readonly imageWidth?: number | null;
  readonly imageHeight?: number | null;
  readonly wordCount: number | null;
  readonly isPinned?: boolean;
}

/**
 * What an issue may take: eligible, first seen after `from` and up to `to`, in no other issue of the newsletter; of each
 * section the first by its ranking, up to its limit. In the order of the sections, each by rank.
 */
export async function selectFreshArticles(
  db: DbOrTx,
  window: { readonly newsletterId: NewsletterId; readonly from: Date; readonly to: Date },
): Promise<readonly FreshArticle[]> {
  const candidates = db
    .selectFrom('articles as a')
    .selectAll('a')
    .select(
      sql<number>`row_number() over (partition by a.section_id, coalesce(a.source_name, ''), coalesce(a.author, '')
        order by coalesce(a.published_at, a.first_seen_at) desc, a.id desc)`.as('turn'),
    )
    .where('a.newsletter_id', '=', window.newsletterId)
    .where('a.is_eligible', '=', true)
    .where('a.first_seen_at', '>', window.from)
    .where('a.first_seen_at', '<=', window.to)
    .where(isInNoIssue);
  const ranked = db
    .selectFrom(candidates.as('a'))
    .innerJoin('newsletter_sections as s', 's.id', 'a.section_id')
    .innerJoin('newsletters as n', 'n.id', 'a.newsletter_id')
    .leftJoin('feeds as f', 'f.id', 'a.feed_id')
    .selectAll('a')
    .select([
      's.position as section_position',
      sql<number>`coalesce(s.max_items, n.max_per_section)`.as('section_limit'),
      // Pinned ones first; `spread`: each source's newest before any source's second.
      sql<number>`row_number() over (partition by a.section_id
        order by a.is_pinned desc,
          case s.ranking when 'weight' then a.weight + coalesce(f.weight, 0) else 0 end desc,
          case s.ranking when 'spread' then a.turn else 0 end,
          coalesce(a.published_at, a.first_seen_at) desc, a.id desc)`.as('rank'),
    ]);
  const rows = await db
    .selectFrom(ranked.as('ranked'))
    .selectAll()
    .whereRef('rank', '<=', 'section_limit')
    .orderBy('section_position')
    .orderBy('section_id')
    .orderBy('rank')
    .execute();
  return rows.map(toFreshArticle);
}

/**
 * "What you missed": earlier articles for which no issue had room, the newest first. None older than 60 days, which nobody
 * would call news.
 */
export async function selectMissedArticles(
  db: DbOrTx,
  {
    newsletterId,
    before,
    limit,
  }: { readonly newsletterId: NewsletterId; readonly before: Date; readonly limit: number },
): Promise<readonly FreshArticle[]> {
  const rows = await db
    .selectFrom('articles as a')
    .innerJoin('newsletter_sections as s', 's.id', 'a.section_id')
    .selectAll('a')
    .select('s.id as section_id')
    .where('a.newsletter_id', '=', newsletterId)
    .where('a.is_eligible', '=', true)
    .where('a.first_seen_at', '<=', before)
    .where('a.first_seen_at', '>', sql<Date>`${before}::timestamptz - interval '60 days'`)
    .where(isInNoIssue)
    .orderBy(sql`coalesce(a.published_at, a.first_seen_at)`, 'desc')
    .orderBy('a.id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(toFreshArticle);
}

/** No issue takes them any more, until somebody mends one and lets it in again. */
export async function leaveOutArticles(tx: Tx, ids: readonly ArticleId[]): Promise<void> {
  if (ids.length > 0) {
    await tx.updateTable('articles').set({ is_eligible: false }).where('id', 'in', ids).execute();
  }
}

const isInNoIssue = sql<boolean>`not exists (select from issue_articles i where i.article_id = a.id)`;

function toFreshArticle(row: Selectable<Database['articles']>): FreshArticle {
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
    imageWidth: row.image_width,
    imageHeight: row.image_height,
    wordCount: row.word_count,
    isPinned: row.is_pinned,
  };
}
