import { cleanItem } from './clean-item.ts';
import type { CleanContext } from './clean-item.ts';
import { canonicalUrl } from './canonical-url.ts';
import { toPlainText } from './clean-text.ts';
import { decodeText } from './decode-text.ts';
import { readFeedDate } from './feed-date.ts';
import type { FeedItem, FeedReading, FeedWarning, NotAFeed } from './feed-reading.ts';
import { nameBytes } from './name-document.ts';
import { parseFeed } from './parse-feed.ts';
import type { RawItem } from './raw-feed.ts';

export const MAX_FEED_BYTES = 5 * 1024 * 1024;
const MAX_ITEMS = 1000;
/**
 * Real feeds take a tenth of this; what takes so long was made to, and the event loop waits meanwhile. Processor time of
 * this thread, because a busy machine must not turn good feeds away.
 */
const CLEANING_BUDGET_MS = 4000;

export interface FeedInput {
  readonly bytes: Buffer;
  readonly contentType: string | undefined;
  /** Where it came from; relative links of a feed that names no home are resolved against it. */
  readonly url: string | undefined;
  readonly now: Date;
  /** Whether the items' texts are wanted too; ten thousand feeds are read without. */
  readonly isFull?: boolean;
}

/**
 * Reads RSS 0.9x to 2.0, RDF, Atom and JSON Feed in any encoding and the usual degrees of brokenness. The Content-Type
 * decides nothing but the charset: servers label feeds as they like.
 */
export function readFeed(input: FeedInput): FeedReading | NotAFeed {
  if (input.bytes.length > MAX_FEED_BYTES) {
    return { kind: 'not-a-feed', reason: 'feed_too_large', message: `it is larger than ${MAX_FEED_BYTES / 1024} kB` };
  }
  const other = nameBytes(input.bytes);
  if (other !== undefined) {
    return { kind: 'not-a-feed', reason: 'feed_unrecognised', message: other };
  }
  const decoded = decodeText(input.bytes, input.contentType);
  const parsed = parseFeed(decoded.text);
  if (parsed.kind === 'not-a-feed') {
    return parsed;
  }
  const { feed } = parsed;
  const baseUrl = feed.baseUrl === undefined ? undefined : canonicalUrl(feed.baseUrl, input.url);
  const homeUrl = feed.homeUrl === undefined ? undefined : canonicalUrl(feed.homeUrl, baseUrl ?? input.url);
  const warnings = [...decoded.warnings, ...parsed.warnings];
  const context = { baseUrl: baseUrl ?? homeUrl ?? input.url, now: input.now, isFull: input.isFull === true, warnings };
  const items = cleanItems(newest(feed.items, warnings), context);
  if (items === undefined) {
    return { kind: 'not-a-feed', reason: 'feed_too_costly', message: 'its texts take too long to clean' };
  }
  return {
    kind: 'feed',
    format: feed.format,
    title: toPlainText(feed.title).slice(0, 200) || null,
    homeUrl: homeUrl ?? null,
    language: feed.language?.trim().slice(0, 35) || null,
    ttlSeconds: feed.ttlMinutes === undefined ? undefined : feed.ttlMinutes * 60,
    items,
    warnings,
  };
}

/** Undefined when it would take too long. */
function cleanItems(items: readonly RawItem[], context: CleanContext): readonly FeedItem[] | undefined {
  const before = process.threadCpuUsage();
  const cleaned: FeedItem[] = [];
  for (const item of items) {
    const spent = process.threadCpuUsage(before);
    if (spent.user + spent.system > CLEANING_BUDGET_MS * 1000) {
      return undefined;
    }
    cleaned.push(cleanItem(item, context));
  }
  return cleaned;
}

/** A flood is cut to its newest items, in the order of the document; undated items count as old. */
function newest(items: readonly RawItem[], warnings: FeedWarning[]): readonly RawItem[] {
  if (items.length <= MAX_ITEMS) {
    return items;
  }
  warnings.push({ code: 'item_cap_reached', message: `${items.length} items; only the newest ${MAX_ITEMS} are read` });
  const dated = items.map((item, index) => ({ index, at: readFeedDate(item.dates[0] ?? '')?.getTime() ?? 0 }));
  const kept = new Set(
    dated
      .sort((a, b) => b.at - a.at || a.index - b.index)
      .slice(0, MAX_ITEMS)
      .map(({ index }) => index),
  );
  return items.filter((_, index) => kept.has(index));
}
