import type { Fetcher } from '../platform/http-fetch/index.ts';
import type { Clock } from '../shared/clock.ts';
import { decodeText } from './decode-text.ts';
import type { FeedReader } from './feed-reader.ts';
import type { NotAFeedReason } from './feed-reading.ts';
import { findFeedLinks } from './find-feed-links.ts';
import type { FeedLink } from './find-feed-links.ts';
import { MAX_FEED_BYTES } from './read-feed.ts';

/** Where the usual publishing software has its feed, when a page names none. */
const USUAL_PATHS = ['/feed', '/rss', '/atom.xml', '/feed.xml', '/index.xml', '/feed.json'] as const;
/** Somebody waits for the answer. */
const FETCH_TIMEOUT_MS = 8000;
const SEARCH_TIMEOUT_MS = 15_000;

export interface DiscoverDeps {
  readonly fetcher: Fetcher;
  readonly feedReader: FeedReader;
  readonly clock: Clock;
}

export type Discovery =
  | { readonly kind: 'is-feed'; readonly title: string | null }
  /** It is a web page, and these are its feeds; none when it names none and the usual paths hold none. */
  | { readonly kind: 'page'; readonly feeds: readonly FeedLink[] }
  | { readonly kind: 'not-a-feed'; readonly code: NotAFeedReason; readonly message: string }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  /** Its server does not answer, or not as it should; perhaps later. */
  | { readonly kind: 'unreachable'; readonly code: string; readonly message: string };

/** Looks at an address that a person gave: a feed, or a page that has feeds. Stores nothing and never throws for what it finds. */
export async function discoverFeeds(deps: DiscoverDeps, url: string): Promise<Discovery> {
  const fetched = await deps.fetcher(url, { maxBytes: MAX_FEED_BYTES, totalTimeoutMs: FETCH_TIMEOUT_MS });
  switch (fetched.kind) {
    case 'refused':
      return { kind: 'refused', code: fetched.reason, message: fetched.message };
    case 'failed':
      return { kind: 'unreachable', code: fetched.reason, message: fetched.message };
    case 'not-modified':
      return { kind: 'unreachable', code: 'bad_response', message: 'it says that nothing has changed' };
    case 'ok':
      break;
    default:
      return fetched satisfies never;
  }
  const { body: bytes, contentType, finalUrl } = fetched;
  const reading = await deps.feedReader.read({ bytes, contentType, url: finalUrl, now: deps.clock.now() });
  if (reading.kind === 'feed') {
    return { kind: 'is-feed', title: reading.title };
  }
  if (reading.reason !== 'feed_is_html' && contentType?.toLowerCase().includes('html') !== true) {
    return { kind: 'not-a-feed', code: reading.reason, message: reading.message };
  }
  const named = findFeedLinks(decodeText(bytes, contentType).text, finalUrl);
  return { kind: 'page', feeds: named.length > 0 ? named : await tryUsualPaths(deps, finalUrl) };
}

/** One after the other, the first that reads as a feed: the others are usually the same one by another name. */
async function tryUsualPaths(deps: DiscoverDeps, pageUrl: string): Promise<readonly FeedLink[]> {
  const signal = AbortSignal.timeout(SEARCH_TIMEOUT_MS);
  for (const path of USUAL_PATHS) {
    const url = new URL(path, pageUrl).href;
    const fetched = await deps.fetcher(url, { maxBytes: MAX_FEED_BYTES, totalTimeoutMs: FETCH_TIMEOUT_MS, signal });
    if (fetched.kind !== 'ok') {
      continue;
    }
    const { body: bytes, contentType, finalUrl } = fetched;
    const reading = await deps.feedReader.read({ bytes, contentType, url: finalUrl, now: deps.clock.now() });
    if (reading.kind === 'feed') {
      return [{ url, title: reading.title }];
    }
  }
  return [];
}
