import type { Logger } from '../platform/logging/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import { writeUntrustedProxy } from './notices.repository.ts';

interface WatchDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What is written down is read as "within a day"; once an hour keeps it true. */
const WRITE_EVERY_MS = 3_600_000;

/**
 * To be called for each request that came with X-Forwarded-For or Forwarded from a peer that TRUST_PROXY does not name: one
 * warning in the log of this process, and a row for the admin home and `doctor`.
 */
export function watchProxy({ db, clock, log }: WatchDeps): () => void {
  let writtenAtMs: number | undefined;
  return () => {
    const nowMs = clock.monotonicMs();
    if (writtenAtMs !== undefined && nowMs - writtenAtMs < WRITE_EVERY_MS) {
      return;
    }
    if (writtenAtMs === undefined) {
      log.warn({ code: 'untrusted_proxy' }, PROXY_ADVICE);
    }
    writtenAtMs = nowMs;
    writeUntrustedProxy(db, clock.now()).catch((error: unknown) => {
      log.warn({ err: error }, 'the notice about TRUST_PROXY could not be kept');
    });
  };
}

/** One sentence for log, admin and `doctor`. */
export const PROXY_ADVICE =
  'Requests come with X-Forwarded-For from a proxy that TRUST_PROXY does not name, so that nobody knows where readers come from. ' +
  'Set TRUST_PROXY to your proxy: loopback, its CIDR or a hop count.';
