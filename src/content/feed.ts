import type { FeedId, NewsletterId, SectionId } from '../shared/ids.ts';

export const FEED_STATUSES = ['new', 'ok', 'failing'] as const;
export type FeedStatus = (typeof FEED_STATUSES)[number];

/** Failure code of a feed whose server says 410: gone for good, asked daily in case it was a slip. */
export const FEED_GONE = 'feed_gone';

export interface Feed {
  readonly id: FeedId;
  readonly newsletterId: NewsletterId;
  readonly sectionId: SectionId;
  readonly url: string;
  readonly title: string | null;
  readonly isSample: boolean;
  readonly status: FeedStatus;
  /** Stable code and words of the last failure; null while all is well. */
  readonly failureCode: string | null;
  readonly failureMessage: string | null;
  readonly failureCount: number;
  /** For sections that rank by weight: added to that of its articles. */
  readonly weight: number;
  /** While all goes well; follows how often the feed has news. */
  readonly pollEverySeconds: number;
  readonly addedAt: Date;
  readonly lastPolledAt: Date | null;
  readonly lastSuccessAt: Date | null;
  readonly nextPollAt: Date;
}

/** What a poll needs besides. */
export interface PolledFeed extends Feed {
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** Null until the feed was read once: the first reading decides what is old. */
  readonly firstPolledAt: Date | null;
}

/** A feed that a poll has taken. */
export interface ClaimedFeed extends PolledFeed {
  /** When the next issue of its newsletter is built; null without a schedule. */
  readonly nextBuildAt: Date | null;
}
