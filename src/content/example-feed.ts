import type { Db, DbOrTx } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { NewsletterId, SectionId } from '../shared/ids.ts';
import { EXAMPLE_ARTICLES } from './example-articles.ts';
import type { PolledFeed } from './feed.ts';
import type { FeedItem, FeedReading } from './feed-reading.ts';
import {
  deleteFeeds,
  insertFeed,
  lockContent,
  selectFeed,
  selectSampleFeeds,
  selectSections,
} from './feeds.repository.ts';
import { storeReading } from './store-reading.ts';

/** Not an address that anybody could fetch: the poll reads our own module instead. */
const EXAMPLE_FEED_URL = 'courant:example';
const EXAMPLE_TITLE = 'Sample article';
const HOUR_MS = 3_600_000;

/** The bundled feed as a reading, its dates relative to now. Every article says that it is a sample. */
export function readExampleFeed(now: Date): FeedReading {
  return {
    kind: 'feed',
    format: 'json',
    title: EXAMPLE_TITLE,
    homeUrl: null,
    language: 'en',
    items: EXAMPLE_ARTICLES.map((article) => ({
      guid: `${EXAMPLE_FEED_URL}:${article.slug}`,
      url: `https://example.com/${article.section}/${article.slug}`,
      title: article.title,
      summaryText: article.summary,
      author: article.author,
      publishedAt: new Date(now.getTime() - article.hoursAgo * HOUR_MS),
      imageUrl: null,
      imageAlt: null,
      imageWidth: null,
      imageHeight: null,
      language: 'en',
      categories: [article.section],
      wordCount: article.wordCount,
    })),
    warnings: [],
  };
}

/** The section an example article belongs to; the feed's own where the newsletter has renamed its sections. */
export async function exampleSectionOf(
  db: DbOrTx,
  feed: Pick<PolledFeed, 'newsletterId' | 'sectionId'>,
): Promise<(item: FeedItem) => SectionId> {
  const sections = new Map((await selectSections(db, feed.newsletterId)).map(({ slug, id }) => [slug, id]));
  return (item) => sections.get(item.categories[0] ?? '') ?? feed.sectionId;
}

/**
 * Gives a new newsletter something to show while the local inbox is on. Does nothing when it has the example already or
 * has no section.
 */
export async function addExampleFeed(
  deps: { readonly db: Db; readonly clock: Clock },
  newsletterId: NewsletterId,
): Promise<void> {
  await deps.db.transaction().execute(async (tx) => {
    await lockContent(tx, newsletterId);
    const [first] = await selectSections(tx, newsletterId);
    if (first === undefined) {
      return;
    }
    const now = deps.clock.now();
    const id = await insertFeed(tx, { newsletterId, sectionId: first.id, url: EXAMPLE_FEED_URL, isSample: true, now });
    const feed = id === undefined ? undefined : await selectFeed(tx, id);
    if (feed !== undefined) {
      await storeReading({ tx, clock: deps.clock }, feed, readExampleFeed(now), await exampleSectionOf(tx, feed));
    }
  });
}

/** Ends the example everywhere: with SMTP_URL set no reader may ever get a sample. Returns how many feeds went. */
export async function removeExampleFeeds(deps: { readonly db: Db }): Promise<number> {
  return deps.db.transaction().execute(async (tx) => {
    const ids = await selectSampleFeeds(tx);
    if (ids.length > 0) {
      await deleteFeeds(tx, ids);
    }
    return ids.length;
  });
}
