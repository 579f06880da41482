import { recordAudit } from '../audit/index.ts';
import type { Db, Tx } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import { conflict } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { ArticleId } from '../shared/ids.ts';
import type { ArticleChanges } from './article-input.ts';
import type { Article } from './article.ts';
import { deleteArticleRow, updateArticleRow } from './articles.repository.ts';
import { lockContent } from './feeds.repository.ts';
import { requireArticle } from './find-article.ts';
import { requireSection } from './find-section.ts';
import { seenAt } from './store-reading.ts';

interface ArticleDeps {
  readonly db: Db;
  readonly clock: Clock;
}

/**
 * Changes an article by hand. One whose words were changed no longer follows its feed; one that was moved no longer
 * follows rules; one that is pinned or brought back is for the next issue, however long it has been known.
 * @throws AppError `article_not_found`, `article_in_issue`, `section_unknown`.
 */
export async function updateArticle(
  deps: ArticleDeps,
  id: ArticleId,
  changes: ArticleChanges,
  actor: Actor,
): Promise<Article> {
  return deps.db.transaction().execute(async (tx) => {
    const before = await lockUnsent(tx, id);
    const { section, isPinned, isEligible } = changes;
    const isForNext = (isPinned === true && !before.isPinned) || (isEligible === true && !before.isEligible);
    await updateArticleRow(tx, id, {
      ...toRow(changes),
      ...(section === undefined
        ? {}
        : {
            section_id: await requireSection(tx, before.newsletterId, { slug: section }, 'section'),
            section_is_chosen: true,
          }),
      ...(isForNext ? { first_seen_at: await seenAt({ tx, clock: deps.clock }, before.newsletterId) } : {}),
      // An update without a column is no statement.
      is_edited: before.isEdited || WORDS.some((name) => changes[name] !== undefined),
    });
    await recordAudit(tx, {
      actor,
      action: 'article.updated',
      subjectKind: 'article',
      subjectId: id,
      details: { newsletterId: before.newsletterId, changed: Object.keys(changes) },
    });
    return requireArticle(tx, id);
  });
}

/**
 * Takes an article out for good, also when its feed still offers it.
 * @throws AppError `article_not_found`, `article_in_issue`.
 */
export async function removeArticle(deps: ArticleDeps, id: ArticleId, actor: Actor): Promise<void> {
  await deps.db.transaction().execute(async (tx) => {
    const { newsletterId, feedId, url } = await lockUnsent(tx, id);
    await (feedId === null
      ? deleteArticleRow(tx, id)
      : updateArticleRow(tx, id, { is_eligible: false, removed_at: deps.clock.now() }));
    const details = { newsletterId, url };
    await recordAudit(tx, { actor, action: 'article.removed', subjectKind: 'article', subjectId: id, details });
  });
}

const WORDS = ['title', 'summary', 'author', 'imageUrl', 'imageAlt'] as const satisfies (keyof ArticleChanges)[];

/** No issue is built meanwhile: what is looked at stays unsent until the commit. */
async function lockUnsent(tx: Tx, id: ArticleId): Promise<Article> {
  await lockContent(tx, (await requireArticle(tx, id)).newsletterId);
  const article = await requireArticle(tx, id);
  if (article.state === 'used') {
    throw conflict('article_in_issue', 'An issue holds this article. While the issue waits, change it there.', {
      details: { issueId: article.issueId },
    });
  }
  return article;
}

/** Undefined values are left out: Kysely does not write them. */
function toRow(changes: ArticleChanges) {
  return {
    title: changes.title,
    summary_text: changes.summary,
    author: changes.author,
    image_url: changes.imageUrl,
    image_alt: changes.imageAlt,
    weight: changes.weight,
    is_pinned: changes.isPinned,
    is_eligible: changes.isEligible,
  };
}
