import type { DbOrTx } from '../platform/postgres/index.ts';
import { notFound } from '../shared/app-error.ts';
import type { ArticleId } from '../shared/ids.ts';
import { selectArticle } from './article-list.repository.ts';
import type { Article } from './article.ts';

/** @throws AppError `article_not_found`. */
export async function requireArticle(db: DbOrTx, id: ArticleId): Promise<Article> {
  const article = await selectArticle(db, id);
  if (article === undefined) {
    throw notFound('article_not_found', 'There is no such article.');
  }
  return article;
}
