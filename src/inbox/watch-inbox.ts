import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 1000;

export interface InboxWatch {
  /** Calls with the state once, then whenever it changes. Returns how to stop. */
  subscribe(listener: (state: string) => void): () => void;
  close(): void;
}

/**
 * One poll a second for all viewers together, none while nobody looks: a burst of a thousand mails makes one event.
 * While the database is away viewers hear nothing, and then the news.
 */
export function watchInbox(readState: () => Promise<string>): InboxWatch {
  /** What each viewer heard last. */
  const listeners = new Map<(state: string) => void, string | undefined>();
  let isPolling = false;

  const poll = async (): Promise<void> => {
    isPolling = true;
    while (listeners.size > 0) {
      const state = await readState().catch(() => undefined);
      for (const [listener, heard] of listeners) {
        if (state !== undefined && state !== heard) {
          listeners.set(listener, state);
          listener(state);
        }
      }
      await delay(POLL_MS, undefined, { ref: false });
    }
    isPolling = false;
  };

  return {
    subscribe(listener) {
      listeners.set(listener, undefined);
      if (!isPolling) {
        void poll();
      }
      return () => {
        listeners.delete(listener);
      };
    },
    close() {
      listeners.clear();
    },
  };
}
