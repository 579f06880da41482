import type { Processor, Queue } from 'bullmq';
import type { Lane } from '../../jobs/index.ts';

/** Where the queue lives: on Redis when there is one, else on the database. */
export interface QueueAddress {
  readonly databaseUrl: string;
  readonly redisUrl: string | undefined;
}

export type QueueRole = 'producer' | 'worker';

/** The part of a BullMQ queue that is the same on both backends and that we use. */
export type LaneQueue = Pick<Queue, 'add' | 'addBulk' | 'getJobCounts' | 'upsertJobScheduler'>;

export interface LaneRunner {
  waitUntilReady(): Promise<void>;
  run(): Promise<void>;
  close(force?: boolean): Promise<void>;
  on(event: 'stalled', listener: (jobId: string) => void): unknown;
}

export type JobProcessor = Processor<unknown, void>;

/**
 * One process's way to the queue; all its lanes share the connections. Nothing is opened before `ready`, and only after
 * `ready` resolved may queues and workers be made: BullMQ remembers a failed first contact for ever, so it must not see one.
 */
export interface QueueLink {
  /** Resolves when the queue can be used, rejects soon when not. May be called again and again. */
  ready(): Promise<void>;
  ping(): Promise<void>;
  /** The queue of a lane, made at its first use. */
  queue(lane: Lane): LaneQueue;
  /** A worker that does not run yet. */
  createWorker(lane: Lane, concurrency: number, processor: JobProcessor): LaneRunner;
  close(): Promise<void>;
}
