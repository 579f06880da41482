import type { FetchOutcome, Fetcher } from '../platform/http-fetch/index.ts';
import type { Logger } from '../platform/logging/index.ts';
import type { Db, Tx } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { FeedId } from '../shared/ids.ts';
import { canonicalUrl } from './canonical-url.ts';
import { exampleSectionOf, readExampleFeed } from './example-feed.ts';
import { FEED_GONE } from './feed.ts';
import type { ClaimedFeed } from './feed.ts';
import { insertPoll } from './feed-polls.repository.ts';
import type { FeedPoll } from './feed-polls.repository.ts';
import type { FeedReader } from './feed-reader.ts';
import type { FeedReading } from './feed-reading.ts';
import { claimFeed, moveFeed, selectFeed, updateFeed } from './feeds.repository.ts';
import type { HostGate } from './host-gate.ts';
import { nextPollAfterFailure, paceAfterSuccess } from './poll-pace.ts';
import { MAX_FEED_BYTES } from './read-feed.ts';
import { storeReading } from './store-reading.ts';

export interface PollDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Logger;
  readonly fetcher: Fetcher;
  readonly feedReader: FeedReader;
}

export type PollOutcome =
  | { readonly kind: 'read'; readonly itemCount: number; readonly newCount: number; readonly warningCount: number }
  | { readonly kind: 'not-modified' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'host-busy' }
  | { readonly kind: 'not-due' }
  | { readonly kind: 'gone' };

const ACCEPT =
  'application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.5';

/** A host that was busy is tried again with the next sweep. */
const BUSY_PAUSE_MS = 20_000;
const HTTP_GONE = 410;

/** What a poll took with it on its way. */
interface Poll {
  readonly feed: ClaimedFeed;
  readonly startedAtMs: number;
}

interface Success {
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
  readonly permanentUrl?: string | undefined;
  readonly freshForSeconds?: number | undefined;
}

/**
 * Asks one feed for news and records how it went; trouble with a feed is a state of its row, never an error of the job.
 * `force`: also when it is not due.
 */
export async function pollFeed(
  deps: PollDeps,
  feedId: FeedId,
  options: { readonly force?: boolean; readonly signal?: AbortSignal; readonly gate?: HostGate } = {},
): Promise<PollOutcome> {
  const feed = await claimFeed(deps.db, feedId, deps.clock.now(), { force: options.force ?? false });
  if (feed === undefined) {
    return { kind: (await selectFeed(deps.db, feedId)) === undefined ? 'gone' : 'not-due' };
  }
  if (feed.isSample) {
    return keep(deps, { feed, startedAtMs: performance.now() }, readExampleFeed(deps.clock.now()), {});
  }
  const pass = options.gate === undefined ? NO_GATE : await options.gate.enter(feed.url, options.signal);
  if (pass === undefined) {
    await updateFeed(deps.db, feed.id, { next_poll_at: new Date(deps.clock.now().getTime() + BUSY_PAUSE_MS) });
    return { kind: 'host-busy' };
  }
  const startedAtMs = performance.now();
  const fetched = await deps
    .fetcher(feed.url, {
      accept: ACCEPT,
      maxBytes: MAX_FEED_BYTES,
      etag: feed.etag ?? undefined,
      lastModified: feed.lastModified ?? undefined,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    })
    .finally(() => pass.leave());
  return settle(deps, { feed, startedAtMs }, fetched);
}

const NO_GATE = { leave: () => undefined } as const;

async function settle(deps: PollDeps, poll: Poll, fetched: FetchOutcome): Promise<PollOutcome> {
  switch (fetched.kind) {
    case 'ok': {
      const reading = await deps.feedReader.read({
        bytes: fetched.body,
        contentType: fetched.contentType,
        url: fetched.finalUrl,
        now: deps.clock.now(),
      });
      return reading.kind === 'feed'
        ? keep(deps, poll, reading, fetched)
        : fail(deps, poll, { code: reading.reason, message: reading.message });
    }
    case 'not-modified':
      return keepUnchanged(deps, poll, fetched);
    case 'refused':
      return fail(deps, poll, { code: fetched.reason, message: fetched.message });
    case 'failed':
      if (fetched.reason === 'cancelled') {
        await updateFeed(deps.db, poll.feed.id, { next_poll_at: deps.clock.now() });
        return { kind: 'cancelled' };
      }
      return fail(deps, poll, describeFailure(fetched));
    default:
      return fetched satisfies never;
  }
}

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly retryAfterSeconds?: number | undefined;
}

function describeFailure(fetched: Extract<FetchOutcome, { kind: 'failed' }>): Failure {
  return fetched.status === HTTP_GONE
    ? { code: FEED_GONE, message: 'it answered 410: its publisher says that this feed is gone for good' }
    : { code: fetched.reason, message: fetched.message, retryAfterSeconds: fetched.retryAfterSeconds };
}

/** One transaction: the articles and the validators that say "we have them" are stored together or not at all. */
async function keep(deps: PollDeps, poll: Poll, reading: FeedReading, response: Success): Promise<PollOutcome> {
  const { feed } = poll;
  const sectionOf = feed.isSample ? await exampleSectionOf(deps.db, feed) : undefined;
  const counts = { itemCount: reading.items.length, warningCount: reading.warnings.length };
  const newCount = await deps.db.transaction().execute(async (tx) => {
    const stored = await storeReading({ tx, clock: deps.clock }, feed, reading, sectionOf);
    const freshForSeconds = Math.max(response.freshForSeconds ?? 0, reading.ttlSeconds ?? 0);
    await recordSuccess(deps, tx, poll, { ...response, freshForSeconds, outcome: 'read', ...counts, newCount: stored });
    await updateFeed(tx, feed.id, {
      title: reading.title ?? feed.title,
      etag: response.etag ?? null,
      last_modified: response.lastModified ?? null,
      first_polled_at: feed.firstPolledAt ?? deps.clock.now(),
    });
    return stored;
  });
  deps.log.info({ feedId: feed.id, itemCount: counts.itemCount, newCount }, 'feed read');
  return { kind: 'read', ...counts, newCount };
}

async function keepUnchanged(deps: PollDeps, poll: Poll, response: Success): Promise<PollOutcome> {
  await deps.db.transaction().execute((tx) => recordSuccess(deps, tx, poll, { ...response, outcome: 'not_modified' }));
  return { kind: 'not-modified' };
}

async function recordSuccess(
  deps: PollDeps,
  tx: Tx,
  { feed, startedAtMs }: Poll,
  seen: Success & Partial<FeedPoll> & { readonly outcome: FeedPoll['outcome'] },
): Promise<void> {
  const now = deps.clock.now();
  const pace = paceAfterSuccess(feed, { newCount: seen.newCount ?? 0, freshForSeconds: seen.freshForSeconds }, now);
  await updateFeed(tx, feed.id, {
    status: 'ok',
    last_polled_at: now,
    last_success_at: now,
    next_poll_at: pace.nextPollAt,
    poll_every_seconds: pace.pollEverySeconds,
    failure_code: null,
    failure_message: null,
    failure_count: 0,
  });
  await insertPoll(tx, feed.id, {
    ...NOTHING_COUNTED,
    ...countsOf(seen),
    outcome: seen.outcome,
    polledAt: now,
    tookMs: msSince(startedAtMs),
  });
  const movedTo = seen.permanentUrl === undefined ? undefined : canonicalUrl(seen.permanentUrl);
  if (movedTo !== undefined && movedTo !== feed.url) {
    await moveFeed(tx, feed, movedTo);
  }
}

const NOTHING_COUNTED = { itemCount: null, newCount: null, warningCount: null, code: null, message: null } as const;

function countsOf({ itemCount = null, newCount = null, warningCount = null }: Partial<FeedPoll>) {
  return { itemCount, newCount, warningCount };
}

async function fail(deps: PollDeps, { feed, startedAtMs }: Poll, failure: Failure): Promise<PollOutcome> {
  const now = deps.clock.now();
  const { code, message, retryAfterSeconds } = failure;
  const count = feed.failureCount + 1;
  await deps.db.transaction().execute(async (tx) => {
    await updateFeed(tx, feed.id, {
      status: 'failing',
      last_polled_at: now,
      failure_code: code,
      failure_message: message,
      failure_count: count,
      next_poll_at: nextPollAfterFailure(feed.id, { count, retryAfterSeconds, isGone: code === FEED_GONE }, now),
    });
    const poll = { ...NOTHING_COUNTED, outcome: 'failed', code, message, polledAt: now } as const;
    await insertPoll(tx, feed.id, { ...poll, tookMs: msSince(startedAtMs) });
  });
  deps.log.warn({ feedId: feed.id, code, failureCount: count }, 'feed failed');
  return { kind: 'failed', code, message };
}

function msSince(startedAtMs: number): number {
  return Math.round(performance.now() - startedAtMs);
}
