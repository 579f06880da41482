import { z } from 'zod';
import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import type { Doorbell } from '../jobs/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { SYSTEM_ACTOR } from '../shared/actor.ts';
import { notFound } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { FeedId, NewsletterId, SectionId } from '../shared/ids.ts';
import { addFeed, removeFeed } from './add-feed.ts';
import { listFeeds, selectFeed, updateFeed } from './feeds.repository.ts';
import type { FeedHealth } from './feeds.repository.ts';

const id = z.coerce.number().int().positive();
const newsletterParams = z.strictObject({ id: id.transform((value) => value as NewsletterId) });
const feedParams = z.strictObject({ id: id.transform((value) => value as FeedId) });

interface ContentRoutesDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly doorbell: Doorbell;
}

export function contentRoutes(deps: ContentRoutesDeps): readonly ApiRoute[] {
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
      summary: 'Adds a feed to a section; it is polled at once',
      status: 201,
      params: newsletterParams,
      body: z.strictObject({
        url: z.string().max(2000),
        sectionId: z
          .number()
          .int()
          .positive()
          .transform((value) => value as SectionId),
      }),
      handle: async ({ params, body, actor }) => {
        const feed = { newsletterId: params.id, section: { id: body.sectionId }, url: body.url };
        const feedId = await addFeed(deps, feed, actor ?? SYSTEM_ACTOR);
        const added = (await listFeeds(deps.db, params.id)).find((candidate) => candidate.id === feedId);
        return added === undefined ? undefined : toJson(added);
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
        if ((await selectFeed(deps.db, params.id)) === undefined) {
          throw notFound('feed_not_found', 'There is no such feed.');
        }
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
    lastPolledAt: feed.lastPolledAt,
    lastSuccessAt: feed.lastSuccessAt,
    nextPollAt: feed.nextPollAt,
    articleCount: feed.articleCount,
  };
}
