import { setTimeout as delay } from 'node:timers/promises';
import type { JobName } from '../../jobs/index.ts';

export interface RungJob {
  readonly name: JobName;
  readonly payload: object;
}

export interface LaneBell {
  ring(job: RungJob): void;
  /** Sends what was rung and takes no more. */
  close(): Promise<void>;
}

export interface LaneBellOptions {
  /** Adds the jobs to the queue; may reject. */
  readonly send: (jobs: readonly RungJob[]) => Promise<void>;
  readonly onDropped: (count: number, error: unknown) => void;
}

/** 20 adds a second and process at most, however many rows are committed; far below what a reader would notice. */
const GAP_MS = 50;
/** After a failure; what is rung meanwhile goes with the next try. */
const OUTAGE_GAP_MS = 1000;
const BATCH_SIZE = 500;
/** A sweep over 10,000 feeds fits; beyond that the next sweep rings again. */
const MAX_PENDING = 20_000;

/**
 * Coalesces the rings of a lane. One send is under way at a time; the same job rung again while it waits is one job, and
 * rung again while it is being sent is exactly one more afterwards: the worker that took the first one may have looked at
 * the table before the second row was committed.
 */
export function createLaneBell(options: LaneBellOptions): LaneBell {
  const pending = new Map<string, RungJob>();
  const closing = new AbortController();
  let sending: Promise<void> | undefined;

  async function sendAll(): Promise<void> {
    while (pending.size > 0) {
      const batch = takeBatch(pending);
      const isSent = await options.send(batch).then(
        () => true,
        (error: unknown) => {
          options.onDropped(batch.length, error);
          return false;
        },
      );
      const gapMs = isSent ? GAP_MS : OUTAGE_GAP_MS;
      await delay(gapMs, undefined, { signal: closing.signal, ref: false }).catch(() => undefined);
    }
    sending = undefined;
  }

  return {
    ring(job) {
      if (closing.signal.aborted) {
        return;
      }
      const key = `${job.name} ${JSON.stringify(job.payload)}`;
      if (pending.size >= MAX_PENDING && !pending.has(key)) {
        options.onDropped(1, undefined);
        return;
      }
      pending.set(key, job);
      sending ??= sendAll();
    },
    async close() {
      closing.abort();
      await sending;
    },
  };
}

function takeBatch(pending: Map<string, RungJob>): RungJob[] {
  const batch = [...pending].slice(0, BATCH_SIZE);
  for (const [key] of batch) {
    pending.delete(key);
  }
  return batch.map(([, job]) => job);
}
