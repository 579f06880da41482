import type { Tx } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { ArticleId, NewsletterId, SectionId } from '../shared/ids.ts';
import { articleKeys } from './article-keys.ts';
import { findByKeys, insertArticles, insertKeys, refreshUnsentArticles, selectCutoff } from './articles.repository.ts';
import type { NewArticle } from './articles.repository.ts';
import { placeArticles } from './category-rules.repository.ts';
import type { PolledFeed } from './feed.ts';
import type { FeedItem, FeedReading } from './feed-reading.ts';
import { lockContent } from './feeds.repository.ts';

/** Of a feed's first reading only the newest are news; the rest is its past, known but never sent. */
const FIRST_READING_ELIGIBLE = 10;
/** More items at once, all dated long before we last read the feed, are an archive that was moved or published again. */
const ARCHIVE_ITEMS = 25;
const ARCHIVE_AGE_MS = 14 * 24 * 3_600_000;
/** Dates in the future are read as now; our clock may have run a little since. */
const SETTLED_MS = 10 * 60_000;

type LinkedItem = FeedItem & { readonly url: string };

interface KnownItem {
  readonly item: LinkedItem;
  readonly keys: readonly Buffer[];
  readonly articleId: ArticleId | undefined;
}

/**
 * Stores each article of a reading once (T9) and returns how many were new. Runs under the newsletter's content lock, so
 * that a second poll of the same feed, or another feed with the same articles, finds what this one stored.
 */
export async function storeReading(
  deps: { readonly tx: Tx; readonly clock: Clock },
  feed: PolledFeed,
  reading: FeedReading,
  sectionOf: (item: FeedItem) => SectionId = () => feed.sectionId,
): Promise<number> {
  const { tx } = deps;
  await lockContent(tx, feed.newsletterId);
  const items = await recognise(deps, feed, reading);
  const fresh = items.filter(({ articleId }) => articleId === undefined);
  const known = items.filter((found): found is KnownItem & { articleId: ArticleId } => found.articleId !== undefined);
  const firstSeenAt = await seenAt(deps, feed.newsletterId);
  const isEligible = eligibility(feed, fresh);
  const ids = await insertArticles(
    tx,
    fresh.map((found) => ({
      ...toRow(found.item, feed, reading),
      section_id: sectionOf(found.item),
      first_seen_at: firstSeenAt,
      is_eligible: isEligible(found),
    })),
  );
  const owned = [
    ...known.flatMap(({ keys, articleId }) => keys.map((key) => ({ key, articleId }))),
    ...fresh.flatMap(({ keys }, index) => withId(keys, ids[index])),
  ];
  await insertKeys(tx, feed.newsletterId, owned);
  await placeArticles(tx, feed.newsletterId, ids);
  await refreshUnsentArticles(
    tx,
    feed.id,
    known.map(({ item, articleId }) => ({ ...item, id: articleId })),
  );
  return ids.length;
}

/** Items that link somewhere, each once, with the article they are if we have seen it. */
async function recognise(
  { tx, clock }: { readonly tx: Tx; readonly clock: Clock },
  feed: PolledFeed,
  reading: FeedReading,
): Promise<readonly KnownItem[]> {
  const items = reading.items.filter((item): item is LinkedItem => item.url !== null);
  const keysOfItems = articleKeys(items, {
    feedScope: `feed ${feed.id}`,
    homeUrl: reading.homeUrl,
    settledBefore: new Date(clock.now().getTime() - SETTLED_MS),
  });
  const articles = await findByKeys(tx, feed.newsletterId, keysOfItems.flat());
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const keys = keysOfItems[index] ?? [];
    const names = keys.map((key) => key.toString('hex'));
    if (names.length === 0 || names.some((name) => seen.has(name))) {
      return [];
    }
    for (const name of names) {
      seen.add(name);
    }
    return [{ item, keys, articleId: names.map((name) => articles.get(name)).find((id) => id !== undefined) }];
  });
}

/** Later than the cut-off in any case: clocks of two machines differ, and an article from before it would be lost. */
export async function seenAt(
  deps: { readonly tx: Tx; readonly clock: Clock },
  newsletterId: NewsletterId,
): Promise<Date> {
  const cutoffAt = await selectCutoff(deps.tx, newsletterId);
  return new Date(Math.max(deps.clock.now().getTime(), (cutoffAt?.getTime() ?? 0) + 1));
}

function eligibility(feed: PolledFeed, fresh: readonly KnownItem[]): (found: KnownItem) => boolean {
  if (feed.isSample) {
    return () => true;
  }
  if (feed.firstPolledAt !== null) {
    const archive = archiveOf(feed, fresh);
    return (found) => !archive.has(found);
  }
  const newestFirst = fresh.toSorted((a, b) => timeOf(b.item) - timeOf(a.item));
  const newest = new Set(newestFirst.slice(0, FIRST_READING_ELIGIBLE));
  return (found) => newest.has(found);
}

function archiveOf(feed: PolledFeed, fresh: readonly KnownItem[]): ReadonlySet<KnownItem> {
  const before = (feed.lastSuccessAt?.getTime() ?? 0) - ARCHIVE_AGE_MS;
  const old = fresh.filter(({ item }) => item.publishedAt !== null && item.publishedAt.getTime() < before);
  return new Set(old.length > ARCHIVE_ITEMS ? old : []);
}

function timeOf(item: FeedItem): number {
  return item.publishedAt?.getTime() ?? 0;
}

function toRow(
  item: LinkedItem,
  feed: PolledFeed,
  reading: FeedReading,
): Omit<NewArticle, 'section_id' | 'first_seen_at'> {
  return {
    newsletter_id: feed.newsletterId,
    feed_id: feed.id,
    url: item.url,
    title: item.title,
    summary_text: item.summaryText,
    author: item.author,
    source_name: reading.title,
    image_url: item.imageUrl,
    image_alt: item.imageAlt,
    image_width: item.imageWidth,
    image_height: item.imageHeight,
    language: item.language ?? reading.language,
    word_count: item.wordCount,
    published_at: item.publishedAt,
    categories: [...item.categories],
    is_sample: feed.isSample,
  };
}

function withId(keys: readonly Buffer[], articleId: ArticleId | undefined): { key: Buffer; articleId: ArticleId }[] {
  return articleId === undefined ? [] : keys.map((key) => ({ key, articleId }));
}
