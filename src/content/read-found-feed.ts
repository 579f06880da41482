import { inputError, unavailable } from '../shared/app-error.ts';
import { chooseFeed } from './add-found-feed.ts';
import { readFeedUrl } from './add-feed.ts';
import { discoverFeeds } from './discover-feeds.ts';
import type { DiscoverDeps } from './discover-feeds.ts';
import type { FeedReading, NotAFeed } from './feed-reading.ts';
import { MAX_FEED_BYTES } from './read-feed.ts';

export interface FoundReading {
  /** Where the feed was: the address given, or the one that its page names. */
  readonly url: string;
  readonly reading: FeedReading;
}

/**
 * Reads the feed at an address, or the only one of a page, as adding it would, and in full. Stores nothing.
 * @throws AppError as `addFoundFeed`, and the fetcher's reason when its server does not answer.
 */
export async function readFoundFeed(deps: DiscoverDeps, address: string): Promise<FoundReading> {
  const given = readFeedUrl(address);
  const first = await readAt(deps, given);
  if (first.kind === 'feed') {
    return { url: given, reading: first };
  }
  const { url } = chooseFeed(given, await discoverFeeds(deps, given));
  const reading = await readAt(deps, url);
  if (reading.kind === 'not-a-feed') {
    throw inputError(reading.reason, reading.message);
  }
  return { url, reading };
}

async function readAt(deps: DiscoverDeps, address: string): Promise<FeedReading | NotAFeed> {
  const fetched = await deps.fetcher(address, { maxBytes: MAX_FEED_BYTES });
  switch (fetched.kind) {
    case 'ok': {
      const { body: bytes, contentType, finalUrl: url } = fetched;
      return deps.feedReader.read({ bytes, contentType, url, now: deps.clock.now(), isFull: true });
    }
    case 'refused':
      throw inputError(fetched.reason, fetched.message);
    case 'failed':
      throw unavailable(fetched.reason, fetched.message);
    case 'not-modified':
      throw unavailable('bad_response', 'it says that nothing has changed, though nobody asked that');
    default:
      return fetched satisfies never;
  }
}
