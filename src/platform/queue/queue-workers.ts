import { setTimeout as delay } from 'node:timers/promises';
import type { Lane } from '../../jobs/index.ts';
import { JOBS, LANES } from '../../jobs/index.ts';
import { AppError } from '../../shared/app-error.ts';
import type { Logger, OutageLog } from '../logging/index.ts';
import { createOutageLog } from '../logging/index.ts';
import { createQueueLink } from './create-link.ts';
import { withDeadline } from './deadline.ts';
import type { JobRegistry } from './process-job.ts';
import { processJob } from './process-job.ts';
import type { JobProcessor, LaneRunner, QueueAddress, QueueLink } from './queue-link.ts';

export interface QueueWorkersOptions {
  readonly lanes?: readonly Lane[];
}

export type LaneStatus = 'starting' | 'running';

export interface QueueWorkers {
  /** `starting` until the lane reached the queue for the first time; it heals by itself from then on. */
  status(): ReadonlyMap<Lane, LaneStatus>;
  /**
   * Takes no more jobs, tells the running ones through their signal, and waits for them until the deadline. `abandoned`
   * is how many were cut off; their locks run out and another worker, or the sweep, does their work again.
   */
  close(deadlineMs: number): Promise<{ readonly abandoned: number }>;
}

/**
 * Jobs of one lane at a time and process. They ring; the engine has its own measure of work. Polls mostly wait for other
 * people's servers: with one slow feed in fifty, eight at once would need all day for 10,000.
 */
const CONCURRENCY = {
  transactional: 4,
  campaigns: 2,
  digests: 2,
  feeds: 24,
  events: 4,
  maintenance: 1,
} as const satisfies Record<Lane, number>;

const RETRY_MS = 500;
/** For the last writes to the queue once no job runs; a queue that is down must not use up the deadline. */
const SETTLE_MS = 1000;

/**
 * Opens one BullMQ worker per lane, in the background: the process starts while the queue is down and joins in when it
 * comes back.
 * @throws AppError `job_without_processor` when the registry lacks a job, `setting_invalid` for a wrong REDIS_URL.
 */
export function startQueueWorkers(
  deps: QueueAddress & { readonly log: Logger },
  registry: JobRegistry,
  options: QueueWorkersOptions = {},
): QueueWorkers {
  assertEveryJobHasProcessor(registry);
  const outage = createOutageLog(deps.log, 'queue');
  const link = createQueueLink(deps, 'worker', outage);
  const draining = new AbortController();
  const running = new Set<Promise<void>>();
  const workers = new Map<Lane, LaneRunner>();
  const lanes = options.lanes ?? LANES;

  const runJob: JobProcessor = async (job) => {
    const run = processJob(registry, job, { log: deps.log, signal: draining.signal });
    running.add(run);
    try {
      await run;
    } finally {
      running.delete(run);
    }
  };

  async function openLane(lane: Lane): Promise<void> {
    const worker = await openWorker(link, lane, runJob, outage, draining.signal);
    if (worker !== undefined) {
      workers.set(lane, worker);
      worker.on('stalled', (jobId) => deps.log.warn({ lane, jobId }, 'job lost its worker and runs again'));
      worker.run().catch((error: unknown) => outage.failed(error));
    }
  }

  const opening = Promise.all(lanes.map(openLane));
  return {
    status: () => new Map(lanes.map((lane) => [lane, workers.has(lane) ? 'running' : 'starting'])),
    async close(deadlineMs) {
      draining.abort();
      const closed = opening.then(() => Promise.all([...workers.values()].map((worker) => worker.close())));
      const settled = Promise.allSettled(running).then(() => withDeadline(closed, SETTLE_MS));
      await withDeadline(settled, deadlineMs);
      const abandoned = running.size;
      await withDeadline(link.close(), SETTLE_MS);
      return { abandoned };
    },
  };
}

/** Tries until the lane has reached its queue; a worker that failed its first contact is thrown away. */
async function openWorker(
  link: QueueLink,
  lane: Lane,
  runJob: JobProcessor,
  outage: OutageLog,
  signal: AbortSignal,
): Promise<LaneRunner | undefined> {
  while (!signal.aborted) {
    let worker: LaneRunner | undefined;
    try {
      await link.ready();
      worker = link.createWorker(lane, CONCURRENCY[lane], runJob);
      await worker.waitUntilReady();
      return worker;
    } catch (error) {
      outage.failed(error);
      await worker?.close(true);
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}

function assertEveryJobHasProcessor(registry: JobRegistry): void {
  const given: Readonly<Record<string, unknown>> = registry;
  const missing = Object.keys(JOBS).filter((name) => typeof given[name] !== 'function');
  if (missing.length > 0) {
    throw new AppError('not_found', 'job_without_processor', `No processor for: ${missing.join(', ')}`);
  }
}
