import { recordAudit } from '../audit/index.ts';
import type { Doorbell } from '../jobs/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import { conflict, inputError, notFound } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { FeedId, NewsletterId } from '../shared/ids.ts';
import { canonicalUrl } from './canonical-url.ts';
import { deleteFeeds, insertFeed, lockContent, selectFeed, selectSampleFeeds } from './feeds.repository.ts';
import { requireSection } from './find-section.ts';
import type { SectionChoice } from './find-section.ts';

const MAX_URL_LENGTH = 2000;

export interface NewFeed {
  readonly newsletterId: NewsletterId;
  readonly section: SectionChoice;
  readonly url: string;
}

export interface AddFeedDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly doorbell: Doorbell;
}

/**
 * Adds a feed, to be polled at once. The first real feed of a newsletter ends its example.
 * @throws AppError `feed_url_invalid`, `section_unknown`, `feed_exists`.
 */
export async function addFeed(deps: AddFeedDeps, input: NewFeed, actor: Actor): Promise<FeedId> {
  const url = readFeedUrl(input.url);
  const feedId = await deps.db.transaction().execute(async (tx) => {
    await lockContent(tx, input.newsletterId);
    const sectionId = await requireSection(tx, input.newsletterId, input.section, 'section');
    const now = deps.clock.now();
    const { newsletterId } = input;
    const id = await insertFeed(tx, { newsletterId, sectionId, url, isSample: false, now });
    if (id === undefined) {
      throw conflict('feed_exists', 'The newsletter has this feed already.');
    }
    const samples = await selectSampleFeeds(tx, newsletterId);
    if (samples.length > 0) {
      await deleteFeeds(tx, samples);
    }
    await recordAudit(tx, {
      actor,
      action: 'feed.added',
      subjectKind: 'feed',
      subjectId: id,
      details: { newsletterId },
    });
    return id;
  });
  deps.doorbell.ring('poll-feed', { feedId });
  return feedId;
}

/**
 * Removes a feed and its articles that no issue holds: who removes a feed does not want it in the next issue.
 * @throws AppError `feed_not_found`.
 */
export async function removeFeed(deps: { readonly db: Db }, feedId: FeedId, actor: Actor): Promise<void> {
  await deps.db.transaction().execute(async (tx) => {
    const feed = await selectFeed(tx, feedId);
    if (feed === undefined) {
      throw notFound('feed_not_found', 'There is no such feed.');
    }
    await lockContent(tx, feed.newsletterId);
    await deleteFeeds(tx, [feedId]);
    const details = { newsletterId: feed.newsletterId };
    await recordAudit(tx, { actor, action: 'feed.removed', subjectKind: 'feed', subjectId: feedId, details });
  });
}

/** @throws AppError `feed_url_invalid`. */
export function readFeedUrl(input: string): string {
  const given = URL.parse(input.trim());
  const url = given === null ? undefined : canonicalUrl(given.href);
  if (
    given === null ||
    url === undefined ||
    url.length > MAX_URL_LENGTH ||
    given.username !== '' ||
    given.password !== ''
  ) {
    throw invalid(
      'url',
      'feed_url_invalid',
      'Give the http or https address of a feed, without user name or password.',
    );
  }
  return url;
}

function invalid(field: string, code: string, message: string): Error {
  return inputError(code, message, { fields: [{ field, code, message }] });
}
