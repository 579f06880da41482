import { recordAudit } from '../audit/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import { notFound } from '../shared/app-error.ts';
import type { FeedId, SectionId } from '../shared/ids.ts';
import { placeArticles } from './category-rules.repository.ts';
import type { PolledFeed } from './feed.ts';
import { lockContent, selectFeed, updateFeed } from './feeds.repository.ts';
import { requireSection } from './find-section.ts';

export interface FeedChanges {
  readonly sectionId?: SectionId | undefined;
  readonly weight?: number | undefined;
}

/**
 * Moves a feed to another section, its unsent articles that nobody placed by hand along with it, or gives it weight.
 * @throws AppError `feed_not_found`, `section_unknown`.
 */
export async function changeFeed(
  deps: { readonly db: Db },
  feedId: FeedId,
  changes: FeedChanges,
  actor: Actor,
): Promise<PolledFeed> {
  return deps.db.transaction().execute(async (tx) => {
    const { newsletterId, ...before } = await requireFeed(tx, feedId);
    await lockContent(tx, newsletterId);
    const sectionId =
      changes.sectionId === undefined
        ? before.sectionId
        : await requireSection(tx, newsletterId, { id: changes.sectionId }, 'sectionId');
    const weight = changes.weight ?? before.weight;
    await updateFeed(tx, feedId, { section_id: sectionId, weight });
    const movedCount = sectionId === before.sectionId ? 0 : await placeArticles(tx, newsletterId);
    const details = { newsletterId, sectionId, weight, movedCount };
    await recordAudit(tx, { actor, action: 'feed.updated', subjectKind: 'feed', subjectId: feedId, details });
    return requireFeed(tx, feedId);
  });
}

/** @throws AppError `feed_not_found`. */
export async function requireFeed(db: Parameters<typeof selectFeed>[0], feedId: FeedId): Promise<PolledFeed> {
  const feed = await selectFeed(db, feedId);
  if (feed === undefined) {
    throw notFound('feed_not_found', 'There is no such feed.');
  }
  return feed;
}
