import { z } from 'zod';
import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import { requireNewsletter } from '../newsletters/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { SYSTEM_ACTOR } from '../shared/actor.ts';
import type { Clock } from '../shared/clock.ts';
import type { ArticleId, FeedId, NewsletterId } from '../shared/ids.ts';
import { articleChangesSchema, articleSchema } from './article-input.ts';
import { listArticles } from './article-list.repository.ts';
import { ARTICLE_STATES } from './article.ts';
import { listCategoryRules } from './category-rules.repository.ts';
import { replaceCategoryRules } from './category-rules.ts';
import { requireArticle } from './find-article.ts';
import { removeArticle, updateArticle } from './update-article.ts';
import { upsertArticle } from './upsert-article.ts';

const PAGE_SIZE = 50;
const MAX_RULES = 200;

interface RouteDeps {
  readonly db: Db;
  readonly clock: Clock;
}

const id = z.coerce.number().int().positive();
const newsletterParams = z.strictObject({ id: id.transform((value) => value as NewsletterId) });
const articleParams = z.strictObject({ id: id.transform((value) => value as ArticleId) });
const query = z.strictObject({
  state: z.enum(ARTICLE_STATES).optional(),
  /** Short name of a section. */
  section: z.string().max(60).optional(),
  feed: id.transform((value) => value as FeedId).optional(),
  q: z.string().trim().max(200).optional(),
  cursor: id.transform((value) => value as ArticleId).optional(),
});
const rules = z
  .array(z.strictObject({ category: z.string().trim().min(1).max(100), sectionSlug: z.string().max(60) }))
  .max(MAX_RULES);

export function articlesRoutes(deps: RouteDeps): readonly ApiRoute[] {
  return [...listRoutes(deps), ...changeRoutes(deps), ...ruleRoutes(deps)];
}

function listRoutes({ db }: RouteDeps): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'get',
      path: '/newsletters/:id/articles',
      access: 'newsletters:read',
      summary: 'Articles of a newsletter, newest first; q is part of a title, an address or an author',
      params: newsletterParams,
      query,
      handle: async ({ params, query: { state, section, feed, q, cursor } }) => {
        await requireNewsletter(db, params);
        const search = q === '' ? undefined : q;
        const filter = { newsletterId: params.id, state, section, feedId: feed, search, before: cursor };
        const found = await listArticles(db, { ...filter, limit: PAGE_SIZE + 1 });
        const articles = found.slice(0, PAGE_SIZE);
        return { articles, nextCursor: found.length > PAGE_SIZE ? (articles.at(-1)?.id ?? null) : null };
      },
    }),
    apiRoute({
      method: 'get',
      path: '/articles/:id',
      access: 'newsletters:read',
      summary: 'One article',
      params: articleParams,
      handle: ({ params }) => requireArticle(db, params.id),
    }),
  ];
}

function changeRoutes(deps: RouteDeps): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'post',
      path: '/newsletters/:id/articles',
      access: 'newsletters:write',
      summary:
        'Adds an article (201), or changes the one of this address (200); scheme and tracking parameters do not count',
      status: 201,
      params: newsletterParams,
      body: articleSchema,
      handle: async ({ params, body, actor, res }) => {
        const { article, isNew } = await upsertArticle(deps, params.id, body, actor ?? SYSTEM_ACTOR);
        res.status(isNew ? 201 : 200).json(article);
      },
    }),
    apiRoute({
      method: 'patch',
      path: '/articles/:id',
      access: 'newsletters:write',
      summary: 'Changes an article that no issue holds; its feed no longer changes what was changed here',
      params: articleParams,
      body: articleChangesSchema,
      handle: ({ params, body, actor }) => updateArticle(deps, params.id, body, actor ?? SYSTEM_ACTOR),
    }),
    apiRoute({
      method: 'delete',
      path: '/articles/:id',
      access: 'newsletters:write',
      summary: 'Removes an article that no issue holds, also when its feed still offers it',
      status: 204,
      params: articleParams,
      handle: ({ params, actor }) => removeArticle(deps, params.id, actor ?? SYSTEM_ACTOR),
    }),
  ];
}

function ruleRoutes(deps: RouteDeps): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'get',
      path: '/newsletters/:id/category-rules',
      access: 'newsletters:read',
      summary: 'Which categories of articles go into which section, whatever their feed',
      params: newsletterParams,
      handle: async ({ params }) => {
        await requireNewsletter(deps.db, params);
        return { rules: await listCategoryRules(deps.db, params.id) };
      },
    }),
    apiRoute({
      method: 'put',
      path: '/newsletters/:id/category-rules',
      access: 'newsletters:write',
      summary: 'Replaces the rules; unsent articles that nobody placed by hand move at once',
      params: newsletterParams,
      body: z.strictObject({ rules }),
      handle: ({ params, body, actor }) => replaceCategoryRules(deps, params.id, body.rules, actor ?? SYSTEM_ACTOR),
    }),
  ];
}
