import { createGuardedThread } from '../platform/threads/index.ts';
import type { FeedReading, NotAFeed } from './feed-reading.ts';
import type { FeedInput } from './read-feed.ts';

/** Real feeds take milliseconds, the largest ones two seconds; on a machine that has other things to do. */
const DEADLINE_MS = 15_000;
/** A document of 5 MB is held as bytes, text, tree and items at once. */
const MAX_HEAP_MB = 192;

export interface FeedReader {
  /** As `readFeed`, but off the event loop; what takes too long, too much memory or too deep a stack is `feed_too_costly`. */
  read(input: FeedInput): Promise<FeedReading | NotAFeed>;
  close(): Promise<void>;
}

interface ReaderOptions {
  readonly deadlineMs?: number;
  readonly idleMs?: number;
  readonly maxHeapMb?: number;
}

/** Where feeds are read (S17): a thread that is ended when a document is made to be expensive, and costs nothing while idle. */
export function createFeedReader(options: ReaderOptions = {}): FeedReader {
  const thread = createGuardedThread<FeedInput, FeedReading | NotAFeed>({
    file: new URL('feed-thread.ts', import.meta.url),
    name: 'feed-reader',
    deadlineMs: options.deadlineMs ?? DEADLINE_MS,
    maxHeapMb: options.maxHeapMb ?? MAX_HEAP_MB,
    idleMs: options.idleMs,
  });
  return {
    read: async (input) => {
      try {
        return await thread.ask(input);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        return { kind: 'not-a-feed', reason: 'feed_too_costly', message: `it is too expensive to read: ${message}` };
      }
    },
    close: () => thread.close(),
  };
}
