import type { FeedId, NewsletterId, SectionId } from '../shared/ids.ts';

export const FEED_STATUSES = ['new', 'ok', 'failing'] as const;
export type FeedStatus = (typeof FEED_STATUSES)[number];

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

const MINUTE_MS = 60_000;
const POLL_EVERY_MS = 15 * MINUTE_MS;
const LONGEST_PAUSE_MS = 24 * 60 * MINUTE_MS;

/** Feeds of one publisher are spread over a minute, each at its own second, so that nobody is hit by all at once. */
function spreadMs(feedId: FeedId): number {
  return ((feedId * 7919) % 60) * 1000;
}

export function nextPollAfterSuccess(feedId: FeedId, now: Date): Date {
  return new Date(now.getTime() + POLL_EVERY_MS + spreadMs(feedId));
}

/**
 * Doubles from 15 minutes to a day; what the server asks for (Retry-After) counts when it is longer. A feed is never given
 * up: sites come back, and the admin sees it failing.
 */
export function nextPollAfterFailure(
  feedId: FeedId,
  failureCount: number,
  retryAfterSeconds: number | undefined,
  now: Date,
): Date {
  const backoffMs = POLL_EVERY_MS * 2 ** Math.min(failureCount - 1, 10);
  const pauseMs = Math.min(Math.max(backoffMs, (retryAfterSeconds ?? 0) * 1000), LONGEST_PAUSE_MS);
  return new Date(now.getTime() + pauseMs + spreadMs(feedId));
}
