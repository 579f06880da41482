import { sql } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { ArticleId, NewsletterId, SectionId } from '../shared/ids.ts';

/** Where an article comes from and what has become of it so far. */
export interface ArticleOrigin {
  readonly id: ArticleId;
  readonly title: string;
  readonly sectionId: SectionId;
  readonly section: string;
  /** Title or address of its feed; null: by API or by hand. */
  readonly feed: string | null;
  readonly firstSeenAt: Date;
  /** What put it into its section. */
  readonly sectionBy: 'person' | 'category' | 'feed';
  readonly isPinned: boolean;
  readonly weight: number;
  readonly isEligible: boolean;
  /** Of the issue that holds it: its number, `0` while it has none; null: no issue does. */
  readonly issueNumber: number | null;
}

/** The newest so many of a newsletter, and these: not all, since there may be very many. */
export async function selectOrigins(
  db: DbOrTx,
  newsletterId: NewsletterId,
  { limit, ids }: { readonly limit: number; readonly ids: readonly ArticleId[] },
): Promise<readonly ArticleOrigin[]> {
  const { rows } = await sql<ArticleOrigin>`
    select a.id, a.title, a.section_id as "sectionId", s.name as section, coalesce(f.title, f.url) as feed, a.first_seen_at as "firstSeenAt",
      case when a.section_is_chosen or f.id is null then 'person' when f.section_id = a.section_id then 'feed' else 'category' end as "sectionBy",
      a.is_pinned as "isPinned", a.weight + coalesce(f.weight, 0) as weight, a.is_eligible as "isEligible",
      (select coalesce(i.number, 0) from issue_articles h join issues i on i.id = h.issue_id
        where h.newsletter_id = a.newsletter_id and h.article_id = a.id limit 1) as "issueNumber"
    from articles a
    join newsletter_sections s on s.id = a.section_id
    left join feeds f on f.id = a.feed_id
    where a.newsletter_id = ${newsletterId} and a.removed_at is null and (a.id = any(${[...ids]}::bigint[]) or a.id in (
      select id from articles where newsletter_id = ${newsletterId} order by id desc limit ${limit}))
    order by a.id desc`.execute(db);
  return rows;
}
