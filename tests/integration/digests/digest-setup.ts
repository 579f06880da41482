import { addFeed, pollFeed } from '../../../src/content/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { NewsletterId } from '../../../src/shared/ids.ts';
import { openContent } from '../content/content-setup.ts';
import { openFeedSite, rssOf } from '../content/feed-site.ts';
import type { TestItem } from '../content/feed-site.ts';

/** Monday 08:00 in Berlin. */
export const FIRST_RUN = '2026-11-23T07:00:00Z';
export const WEEK_MS = 7 * 86_400_000;

/** Newsletters whose feeds a test can fill: `publish` puts items into the feed of a section and polls it. */
export async function openDigests() {
  const content = await openContent();
  const site = await openFeedSite();
  const feeds = new Map<string, Awaited<ReturnType<typeof addFeed>>>();
  const offered = new Map<string, TestItem[]>();
  site.answer = (req, res) => res.end(rssOf(offered.get(req.url ?? '') ?? [], content.clock.now()));
  return {
    ...content,
    publish: async (newsletterId: NewsletterId, section: string, ...ids: readonly string[]): Promise<void> => {
      const path = `/${newsletterId}/${section}`;
      offered.set(path, [...ids.map((id, index) => ({ id, minutesAgo: index })), ...(offered.get(path) ?? [])]);
      let feedId = feeds.get(path);
      if (feedId === undefined) {
        feedId = await addFeed(
          content,
          { newsletterId, section: { slug: section }, url: `${site.url}${path}` },
          CLI_ACTOR,
        );
        feeds.set(path, feedId);
      }
      content.clock.advance(1000);
      await pollFeed(content, feedId, { force: true });
    },
    close: async () => {
      await site.close();
      await content.close();
    },
  };
}

export type DigestSetup = Awaited<ReturnType<typeof openDigests>>;
