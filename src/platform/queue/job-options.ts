import type { JobsOptions } from 'bullmq';
import type { JobName } from '../../jobs/index.ts';
import { JOBS } from '../../jobs/index.ts';

const WEEK_SECONDS = 7 * 24 * 3600;

/** Kept short: rows are the record, and what is kept here is only for a look at what the queue did lately. */
export const KEPT_EVENTS = 100;

/** The contract's attempts and backoff; half of each wait is random, so that failed jobs do not come back in step. */
export function jobOptions(name: JobName, payload: object): JobsOptions {
  const job = JOBS[name];
  const { attempts, backoffMs } = job;
  return {
    ...('isOnce' in job ? { deduplication: { id: `${name} ${JSON.stringify(payload)}` } } : {}),
    attempts,
    backoff: { type: 'exponential', delay: backoffMs, jitter: 0.5 },
    removeOnComplete: { count: 100 },
    removeOnFail: { count: 1000, age: WEEK_SECONDS },
    // A stack may quote what a processor worked on; it goes to our log, which is redacted, not into the queue.
    stackTraceLimit: 0,
  };
}
