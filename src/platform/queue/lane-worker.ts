import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'bullmq';
import type { BackendFactory, IQueueBackend, Job, JobProgress, WorkerOptions } from 'bullmq';
import type { Lane } from '../../jobs/index.ts';
import { asError } from '../../shared/app-error.ts';
import type { OutageLog } from '../logging/index.ts';
import type { JobProcessor } from './queue-link.ts';

type LaneJob = Job<unknown, void>;

/** What is the same for every lane on both backends. A job stays far under the lock: it rings, the engine works. */
export const WORKER_SETTINGS = {
  autorun: false,
  lockDuration: 30_000,
  stalledInterval: 30_000,
  // A job that took the process down twice is left to the sweep, which rings at its own pace.
  maxStalledCount: 2,
  // BullMQ's default of 15 s is how long a lane would stay deaf after its database came back.
  runRetryDelay: 1000,
} as const satisfies Partial<WorkerOptions<unknown>>;

/**
 * The longest a lane sleeps without looking. BullMQ allows an hour on Postgres and takes it after a failed wait: with one
 * lost look at the table (a restarted server still short of connections) the lane would sleep through that hour.
 */
const LONGEST_SLEEP_SECONDS = 15;
const FAILED_FETCH_PAUSE_MS = 500;

/** A BullMQ worker that reports its outages and cannot spin: BullMQ retries at once after an error that is no ECONNREFUSED. */
export class LaneWorker<Backend extends IQueueBackend = IQueueBackend, Connection = unknown> extends Worker<
  unknown,
  void,
  string,
  Backend,
  JobProgress,
  Connection
> {
  readonly #outage: OutageLog;

  constructor(
    lane: Lane,
    processor: JobProcessor,
    options: WorkerOptions<Connection>,
    backend: BackendFactory<Backend, Connection>,
    outage: OutageLog,
  ) {
    super(lane, processor, options, backend);
    this.#outage = outage;
    this.on('error', (error) => outage.failed(error));
  }

  override get maximumBlockTimeout(): number {
    return Math.min(super.maximumBlockTimeout, LONGEST_SLEEP_SECONDS);
  }

  protected override async moveToActive(token: string, name?: string): Promise<LaneJob> {
    try {
      const job = await super.moveToActive(token, name);
      this.#outage.succeeded();
      return job;
    } catch (error) {
      await delay(this.closing === undefined ? FAILED_FETCH_PAUSE_MS : 0);
      throw asError(error);
    }
  }
}
