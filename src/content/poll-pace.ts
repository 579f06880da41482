import type { FeedId } from '../shared/ids.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
/** A feed that nobody knows yet, and the first pause after a failure. */
const USUAL_SECONDS = 15 * 60;
const SHORTEST_SECONDS = 5 * 60;
const LONGEST_SECONDS = 6 * 3600;
const LONGEST_PAUSE_MS = 24 * 3600 * SECOND_MS;
/** A daily paper comes down to about an hour between its articles; a live blog is at the shortest after two polls. */
const FASTER = 0.5;
const SLOWER = 1.25;
/** Before an issue is built its feeds are asked once more, each at its own minute of these. */
const BEFORE_BUILD_MS = { latest: 3 * MINUTE_MS, spread: 12 * MINUTE_MS } as const;

interface PacedFeed {
  readonly id: FeedId;
  readonly pollEverySeconds: number;
  readonly firstPolledAt: Date | null;
  /** When the next issue of its newsletter is built; null without a schedule. */
  readonly nextBuildAt: Date | null;
}

export interface Pace {
  readonly pollEverySeconds: number;
  readonly nextPollAt: Date;
}

/**
 * Follows how often a feed has news. A server that calls its answer fresh for longer (Cache-Control, or `<ttl>` in it) is asked as seldom as
 * it says, up to the longest interval; but whatever the pace, every feed is asked shortly before an issue is built.
 */
export function paceAfterSuccess(
  feed: PacedFeed,
  seen: { readonly newCount: number; readonly freshForSeconds?: number | undefined },
  now: Date,
): Pace {
  const isFirst = feed.firstPolledAt === null;
  const factor = seen.newCount > 0 ? FASTER : SLOWER;
  const pollEverySeconds = isFirst ? USUAL_SECONDS : within(Math.round(feed.pollEverySeconds * factor));
  const pauseMs = Math.max(pollEverySeconds, within(seen.freshForSeconds ?? 0)) * SECOND_MS;
  // Feeds that were added together are drawn apart over a whole interval, and stay apart.
  const nextMs = now.getTime() + pauseMs + spreadMs(feed.id, isFirst ? pauseMs : pauseMs / 10);
  const beforeBuildMs = lastChanceMs(feed);
  const isInTime = beforeBuildMs !== undefined && beforeBuildMs > now.getTime() + SHORTEST_SECONDS * SECOND_MS;
  return { pollEverySeconds, nextPollAt: new Date(isInTime ? Math.min(nextMs, beforeBuildMs) : nextMs) };
}

/**
 * Doubles from 15 minutes to a day; what the server asks for (Retry-After) counts when it is longer. A feed is never given
 * up: sites come back, and the admin sees it failing. One that is gone by its publisher's own word is asked daily.
 */
export function nextPollAfterFailure(
  feedId: FeedId,
  failure: {
    readonly count: number;
    readonly retryAfterSeconds?: number | undefined;
    readonly isGone?: boolean | undefined;
  },
  now: Date,
): Date {
  const backoffMs = USUAL_SECONDS * SECOND_MS * 2 ** Math.min(failure.count - 1, 10);
  const askedMs = (failure.retryAfterSeconds ?? 0) * SECOND_MS;
  const pauseMs = failure.isGone === true ? LONGEST_PAUSE_MS : Math.min(Math.max(backoffMs, askedMs), LONGEST_PAUSE_MS);
  return new Date(now.getTime() + pauseMs + spreadMs(feedId, pauseMs / 10));
}

function within(seconds: number): number {
  return Math.min(Math.max(seconds, SHORTEST_SECONDS), LONGEST_SECONDS);
}

function lastChanceMs(feed: PacedFeed): number | undefined {
  return feed.nextBuildAt === null
    ? undefined
    : feed.nextBuildAt.getTime() - BEFORE_BUILD_MS.latest - spreadMs(feed.id, BEFORE_BUILD_MS.spread);
}

/** Each feed has its own place in a span: nobody is hit by all at once, and an interval is never undercut. */
function spreadMs(feedId: FeedId, overMs: number): number {
  return Math.round((((feedId * 7919) % 1000) / 1000) * overMs);
}
