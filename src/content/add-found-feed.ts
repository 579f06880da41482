import { inputError } from '../shared/app-error.ts';
import type { Actor } from '../shared/actor.ts';
import type { FeedId } from '../shared/ids.ts';
import { addFeed, readFeedUrl } from './add-feed.ts';
import type { AddFeedDeps, NewFeed } from './add-feed.ts';
import { discoverFeeds } from './discover-feeds.ts';
import type { DiscoverDeps, Discovery } from './discover-feeds.ts';
import { requireSection } from './find-section.ts';
import type { FeedLink } from './find-feed-links.ts';

export interface AddedFeed {
  readonly feedId: FeedId;
  readonly url: string;
  /** Words for whoever added it: its server did not answer. Null when the feed was seen. */
  readonly warning: string | null;
}

/**
 * Adds a feed by its address, or by that of a page which has exactly one. A feed whose server is down now is added all the
 * same: it is asked again and again.
 * @throws AppError as `addFeed`, and `feed_ambiguous` (its details list the feeds), `feed_not_found_on_page`, or the reason
 *   why the document is no feed.
 */
export async function addFoundFeed(deps: AddFeedDeps & DiscoverDeps, input: NewFeed, actor: Actor): Promise<AddedFeed> {
  const given = readFeedUrl(input.url);
  await requireSection(deps.db, input.newsletterId, input.section, 'section');
  const { url, warning } = chooseFeed(given, await discoverFeeds(deps, given));
  return { feedId: await addFeed(deps, { ...input, url }, actor), url, warning };
}

/** The address to take of what was found. @throws AppError as `addFoundFeed`. */
export function chooseFeed(given: string, found: Discovery): { readonly url: string; readonly warning: string | null } {
  switch (found.kind) {
    case 'is-feed':
      return { url: given, warning: null };
    case 'unreachable':
      return { url: given, warning: `The feed could not be read now: ${found.message}. It will be tried again.` };
    case 'page':
      return { url: theOnly(found.feeds), warning: null };
    case 'refused':
    case 'not-a-feed':
      throw wrongUrl(found.code, `This address cannot be a feed: ${found.message}.`);
    default:
      return found satisfies never;
  }
}

function theOnly(feeds: readonly FeedLink[]): string {
  const [first, ...others] = feeds;
  if (first === undefined) {
    throw wrongUrl(
      'feed_not_found_on_page',
      'This is a web page that names no feed. Give the address of the feed itself.',
    );
  }
  if (others.length > 0) {
    const list = feeds.map(({ url, title }) => (title === null ? url : `${title}: ${url}`)).join('; ');
    const details = { feeds: Object.fromEntries(feeds.map(({ url, title }) => [url, title])) };
    throw wrongUrl('feed_ambiguous', `This page has several feeds; give the address of one. ${list}`, details);
  }
  return first.url;
}

function wrongUrl(
  code: string,
  message: string,
  details: Readonly<Record<string, Record<string, unknown>>> = {},
): Error {
  return inputError(code, message, { fields: [{ field: 'url', code, message }], details });
}
