import { z } from 'zod';
import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import type { Doorbell } from '../jobs/index.ts';
import type { Fetcher } from '../platform/http-fetch/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { SYSTEM_ACTOR } from '../shared/actor.ts';
import type { Clock } from '../shared/clock.ts';
import type { FeedId, NewsletterId, SectionId } from '../shared/ids.ts';
import { removeFeed } from './add-feed.ts';
import { addFoundFeed } from './add-found-feed.ts';
import { articlesRoutes } from './articles.routes.ts';
import type { FeedReader } from './feed-reader.ts';
import { listPolls } from './feed-polls.repository.ts';
import { listFeeds, updateFeed } from './feeds.repository.ts';
import type { FeedHealth } from './feeds.repository.ts';
import { changeFeed, requireFeed } from './update-feed.ts';

const id = z.coerce.number().int().positive();
const newsletterParams = z.strictObject({ id: id.transform((value) => value as NewsletterId) });
const sectionId = z
  .number()
  .int()
  .positive()
  .transform((value) => value as SectionId);
const feedParams = z.strictObject({ id: id.transform((value) => value as FeedId) });

interface ContentRoutesDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly doorbell: Doorbell;
  readonly fetcher: Fetcher;
  readonly feedReader: FeedReader;
}

export function contentRoutes(deps: ContentRoutesDeps): readonly ApiRoute[] {
  return [...feedsRoutes(deps), ...feedRoutes(deps), ...articlesRoutes(deps)];
}

function feedsRoutes(deps: ContentRoutesDeps): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'get',
      path: '/newsletters/:id/feeds',
      access: 'newsletters:read',
      summary: 'Feeds of a newsletter and how they are',
      params: newsletterParams,
      handle: async ({ params }) => ({ feeds: (await listFeeds(deps.db, params.id)).map(toJson) }),
    }),
    apiRoute({
      method: 'post',
      path: '/newsletters/:id/feeds',
      access: 'newsletters:write',
      summary: 'Adds a feed, or the one feed of a web page, to a section; it is polled at once',
      status: 201,
      params: newsletterParams,
      body: z.strictObject({
        url: z.string().max(2000),
        sectionId,
      }),
      handle: async ({ params, body, actor }) => {
        const feed = { newsletterId: params.id, section: { id: body.sectionId }, url: body.url };
        const { feedId, warning } = await addFoundFeed(deps, feed, actor ?? SYSTEM_ACTOR);
        const added = (await listFeeds(deps.db, params.id)).find((candidate) => candidate.id === feedId);
        return added === undefined ? undefined : { ...toJson(added), warning };
      },
    }),
  ];
}

function feedRoutes(deps: ContentRoutesDeps): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'patch',
      path: '/feeds/:id',
      access: 'newsletters:write',
      summary: 'Moves a feed with its unsent articles to another section, or gives it weight',
      params: feedParams,
      body: z.strictObject({ sectionId: sectionId.optional(), weight: z.int().min(-10).max(10).optional() }),
      handle: async ({ params, body, actor }) => {
        const { newsletterId } = await changeFeed(deps, params.id, body, actor ?? SYSTEM_ACTOR);
        const changed = (await listFeeds(deps.db, newsletterId)).find((candidate) => candidate.id === params.id);
        return changed === undefined ? undefined : toJson(changed);
      },
    }),
    apiRoute({
      method: 'get',
      path: '/feeds/:id/polls',
      access: 'newsletters:read',
      summary: 'What came of the last polls of a feed, newest first',
      params: feedParams,
      handle: async ({ params }) => {
        await requireFeed(deps.db, params.id);
        return { polls: await listPolls(deps.db, params.id) };
      },
    }),
    apiRoute({
      method: 'delete',
      path: '/feeds/:id',
      access: 'newsletters:write',
      summary: 'Removes a feed and its articles that were never sent',
      status: 204,
      params: feedParams,
      handle: ({ params, actor }) => removeFeed(deps, params.id, actor ?? SYSTEM_ACTOR),
    }),
    apiRoute({
      method: 'post',
      path: '/feeds/:id/poll',
      access: 'newsletters:write',
      summary: 'Polls a feed as soon as a worker is free',
      status: 202,
      params: feedParams,
      handle: async ({ params }) => {
        await requireFeed(deps.db, params.id);
        await updateFeed(deps.db, params.id, { next_poll_at: deps.clock.now() });
        deps.doorbell.ring('poll-feed', { feedId: params.id });
        return { queued: true };
      },
    }),
  ];
}

function toJson(feed: FeedHealth) {
  return {
    id: feed.id,
    url: feed.url,
    title: feed.title,
    sectionId: feed.sectionId,
    isSample: feed.isSample,
    status: feed.status,
    failureCode: feed.failureCode,
    failureMessage: feed.failureMessage,
    failureCount: feed.failureCount,
    weight: feed.weight,
    pollEverySeconds: feed.pollEverySeconds,
    lastPolledAt: feed.lastPolledAt,
    lastSuccessAt: feed.lastSuccessAt,
    nextPollAt: feed.nextPollAt,
    lastNewsAt: feed.lastNewsAt,
    articleCount: feed.articleCount,
  };
}
