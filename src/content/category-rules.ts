import { recordAudit } from '../audit/index.ts';
import { requireNewsletter } from '../newsletters/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import { inputError } from '../shared/app-error.ts';
import type { NewsletterId, SectionId } from '../shared/ids.ts';
import { listCategoryRules, placeArticles, replaceCategoryRows } from './category-rules.repository.ts';
import type { CategoryRule } from './category-rules.repository.ts';
import { lockContent } from './feeds.repository.ts';
import { requireSection } from './find-section.ts';

/**
 * Makes these the newsletter's rules, and moves its unsent articles that nobody placed by hand. Returns how many moved.
 * @throws AppError `newsletter_not_found`, `section_unknown`, `category_twice`.
 */
export async function replaceCategoryRules(
  deps: { readonly db: Db },
  newsletterId: NewsletterId,
  rules: readonly CategoryRule[],
  actor: Actor,
): Promise<{ readonly rules: readonly CategoryRule[]; readonly movedCount: number }> {
  return deps.db.transaction().execute(async (tx) => {
    await requireNewsletter(tx, { id: newsletterId });
    await lockContent(tx, newsletterId);
    const rows: { readonly category: string; readonly sectionId: SectionId }[] = [];
    for (const [index, { category, sectionSlug }] of rules.entries()) {
      const field = `rules.${index}.sectionSlug`;
      rows.push({ category, sectionId: await requireSection(tx, newsletterId, { slug: sectionSlug }, field) });
    }
    const twice = await replaceCategoryRows(tx, newsletterId, rows);
    if (twice !== undefined) {
      const field = `rules.${rules.findLastIndex(({ category }) => category === twice)}.category`;
      const message = `"${twice}" is there twice. A category leads to one section.`;
      throw inputError('category_twice', message, { fields: [{ field, code: 'category_twice', message }] });
    }
    const movedCount = await placeArticles(tx, newsletterId);
    const after = await listCategoryRules(tx, newsletterId);
    await recordAudit(tx, {
      actor,
      action: 'newsletter.category_rules_replaced',
      subjectKind: 'newsletter',
      subjectId: newsletterId,
      details: { rules: after, movedCount },
    });
    return { rules: after, movedCount };
  });
}
