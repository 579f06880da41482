import type { FetchOutcome, Fetcher } from '../platform/http-fetch/index.ts';
import type { Logger } from '../platform/logging/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { FeedId } from '../shared/ids.ts';
import { canonicalUrl } from './canonical-url.ts';
import { exampleSectionOf, readExampleFeed } from './example-feed.ts';
import { nextPollAfterFailure, nextPollAfterSuccess } from './feed.ts';
import type { PolledFeed } from './feed.ts';
import type { FeedReading } from './feed-reading.ts';
import { claimFeed, moveFeed, selectFeed, updateFeed } from './feeds.repository.ts';
import { MAX_FEED_BYTES, readFeed } from './read-feed.ts';
import { storeReading } from './store-reading.ts';

export interface PollDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Logger;
  readonly fetcher: Fetcher;
}

export type PollOutcome =
  | { readonly kind: 'read'; readonly itemCount: number; readonly newCount: number; readonly warningCount: number }
  | { readonly kind: 'not-modified' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'not-due' }
  | { readonly kind: 'gone' };

const ACCEPT =
  'application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.5';

/**
 * Asks one feed for news and records how it went; trouble with a feed is a state of its row, never an error of the job.
 * `force`: also when it is not due.
 */
export async function pollFeed(
  deps: PollDeps,
  feedId: FeedId,
  options: { readonly force?: boolean; readonly signal?: AbortSignal } = {},
): Promise<PollOutcome> {
  const feed = await claimFeed(deps.db, feedId, deps.clock.now(), { force: options.force ?? false });
  if (feed === undefined) {
    return { kind: (await selectFeed(deps.db, feedId)) === undefined ? 'gone' : 'not-due' };
  }
  if (feed.isSample) {
    return keep(deps, feed, readExampleFeed(deps.clock.now()), {});
  }
  const fetched = await deps.fetcher(feed.url, {
    accept: ACCEPT,
    maxBytes: MAX_FEED_BYTES,
    etag: feed.etag ?? undefined,
    lastModified: feed.lastModified ?? undefined,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  return settle(deps, feed, fetched);
}

async function settle(deps: PollDeps, feed: PolledFeed, fetched: FetchOutcome): Promise<PollOutcome> {
  switch (fetched.kind) {
    case 'ok': {
      const reading = readFeed({
        bytes: fetched.body,
        contentType: fetched.contentType,
        url: fetched.finalUrl,
        now: deps.clock.now(),
      });
      return reading.kind === 'feed'
        ? keep(deps, feed, reading, fetched)
        : fail(deps, feed, { code: reading.reason, message: reading.message });
    }
    case 'not-modified':
      await updateFeed(deps.db, feed.id, success(deps, feed));
      return { kind: 'not-modified' };
    case 'refused':
      return fail(deps, feed, { code: fetched.reason, message: fetched.message });
    case 'failed':
      if (fetched.reason === 'cancelled') {
        await updateFeed(deps.db, feed.id, { next_poll_at: deps.clock.now() });
        return { kind: 'cancelled' };
      }
      return fail(deps, feed, {
        code: fetched.reason,
        message: fetched.message,
        retryAfterSeconds: fetched.retryAfterSeconds,
      });
    default:
      return fetched satisfies never;
  }
}

/** One transaction: the articles and the validators that say "we have them" are stored together or not at all. */
async function keep(
  deps: PollDeps,
  feed: PolledFeed,
  reading: FeedReading,
  response: {
    readonly etag?: string | undefined;
    readonly lastModified?: string | undefined;
    readonly permanentUrl?: string | undefined;
  },
): Promise<PollOutcome> {
  const sectionOf = feed.isSample ? await exampleSectionOf(deps.db, feed) : undefined;
  const newCount = await deps.db.transaction().execute(async (tx) => {
    const stored = await storeReading({ tx, clock: deps.clock }, feed, reading, sectionOf);
    await updateFeed(tx, feed.id, {
      ...success(deps, feed),
      title: reading.title ?? feed.title,
      etag: response.etag ?? null,
      last_modified: response.lastModified ?? null,
      first_polled_at: feed.firstPolledAt ?? deps.clock.now(),
    });
    const movedTo = response.permanentUrl === undefined ? undefined : canonicalUrl(response.permanentUrl);
    if (movedTo !== undefined && movedTo !== feed.url) {
      await moveFeed(tx, feed, movedTo);
    }
    return stored;
  });
  deps.log.info({ feedId: feed.id, itemCount: reading.items.length, newCount }, 'feed read');
  return { kind: 'read', itemCount: reading.items.length, newCount, warningCount: reading.warnings.length };
}

function success(deps: PollDeps, feed: PolledFeed) {
  const now = deps.clock.now();
  return {
    status: 'ok',
    last_success_at: now,
    next_poll_at: nextPollAfterSuccess(feed.id, now),
    failure_code: null,
    failure_message: null,
    failure_count: 0,
  } as const;
}

async function fail(
  deps: PollDeps,
  feed: PolledFeed,
  failure: { readonly code: string; readonly message: string; readonly retryAfterSeconds?: number | undefined },
): Promise<PollOutcome> {
  const failureCount = feed.failureCount + 1;
  await updateFeed(deps.db, feed.id, {
    status: 'failing',
    failure_code: failure.code,
    failure_message: failure.message,
    failure_count: failureCount,
    next_poll_at: nextPollAfterFailure(feed.id, failureCount, failure.retryAfterSeconds, deps.clock.now()),
  });
  deps.log.warn({ feedId: feed.id, code: failure.code, failureCount }, 'feed failed');
  return { kind: 'failed', code: failure.code, message: failure.message };
}
