import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { ArticleId, NewsletterId, SectionId } from '../shared/ids.ts';

export interface CategoryRule {
  readonly category: string;
  readonly sectionSlug: string;
}

/** What a category is compared by. Always PostgreSQL's work, so that rules and articles fold their letters alike. */
function categoryKey(category: RawBuilder<string>): RawBuilder<string> {
  return sql<string>`lower(normalize(btrim(regexp_replace(${category}, '\\s+', ' ', 'g')), NFKC))`;
}

export async function listCategoryRules(db: DbOrTx, newsletterId: NewsletterId): Promise<readonly CategoryRule[]> {
  return db
    .selectFrom('category_rules as r')
    .innerJoin('newsletter_sections as s', 's.id', 'r.section_id')
    .select(['r.category', 's.slug as sectionSlug'])
    .where('r.newsletter_id', '=', newsletterId)
    .orderBy('r.id')
    .execute();
}

/** Returns the category that is there twice, if one is; then the transaction has to go back. */
export async function replaceCategoryRows(
  tx: Tx,
  newsletterId: NewsletterId,
  rules: readonly { readonly category: string; readonly sectionId: SectionId }[],
): Promise<string | undefined> {
  await tx.deleteFrom('category_rules').where('newsletter_id', '=', newsletterId).execute();
  for (const { category, sectionId } of rules) {
    const inserted = await tx
      .insertInto('category_rules')
      .values({
        newsletter_id: newsletterId,
        category,
        category_key: categoryKey(sql`${category}::text`),
        section_id: sectionId,
      })
      .onConflict((conflict) => conflict.columns(['newsletter_id', 'category_key']).doNothing())
      .returning('id')
      .executeTakeFirst();
    if (inserted === undefined) {
      return category;
    }
  }
  return undefined;
}

/**
 * Puts articles that no issue holds and nobody placed by hand where they belong: by the first of their categories that
 * has a rule, else into the section of their feed. All of the newsletter's, or those named. Returns how many moved.
 */
export async function placeArticles(tx: Tx, newsletterId: NewsletterId, ids?: readonly ArticleId[]): Promise<number> {
  if (ids?.length === 0) {
    return 0;
  }
  const these = ids === undefined ? sql`` : sql`and a.id = any(${[...ids]}::bigint[])`;
  const moved = await sql`
    update articles a
       set section_id = placed.section_id
      from (
             select a.id, coalesce(by_rule.section_id, f.section_id, a.section_id) as section_id
               from articles a
               left join feeds f on f.id = a.feed_id
               left join lateral (
                      select r.section_id
                        from unnest(a.categories) with ordinality as c (name, place)
                        join category_rules r
                          on r.newsletter_id = a.newsletter_id and r.category_key = ${categoryKey(sql`c.name`)}
                       order by c.place
                       limit 1
                    ) by_rule on true
              where a.newsletter_id = ${newsletterId} and not a.section_is_chosen and not a.is_sample ${these}
           ) placed
     where a.id = placed.id
       and a.section_id <> placed.section_id
       and not exists (select from issue_articles i where i.newsletter_id = a.newsletter_id and i.article_id = a.id)
  `.execute(tx);
  return Number(moved.numAffectedRows ?? 0);
}
