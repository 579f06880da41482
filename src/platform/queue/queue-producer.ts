import type { Doorbell, JobName, JobPayload, Lane } from '../../jobs/index.ts';
import { JOBS } from '../../jobs/index.ts';
import { unavailable } from '../../shared/app-error.ts';
import type { Logger } from '../logging/index.ts';
import { createOutageLog } from '../logging/index.ts';
import { createQueueLink } from './create-link.ts';
import { withDeadline } from './deadline.ts';
import { jobOptions } from './job-options.ts';
import type { LaneBell, RungJob } from './lane-bell.ts';
import { createLaneBell } from './lane-bell.ts';
import type { LaneQueue, QueueAddress } from './queue-link.ts';

export interface LaneDepth {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
}

export interface QueueProducer {
  readonly doorbell: Doorbell;
  ping(): Promise<'up' | 'down'>;
  /** For metrics; undefined while the queue is down. */
  depth(lane: Lane): Promise<LaneDepth | undefined>;
  /** Rings that were given up since start because the queue was down; the sweep has rung for them since. */
  droppedRings(): number;
  /**
   * Makes or renews a schedule: now, and then every `everyMs`. Doing it again changes nothing.
   * @throws whatever the queue says while it is down.
   */
  repeat<Name extends JobName>(
    scheduleId: string,
    everyMs: number,
    name: Name,
    payload: JobPayload<Name>,
  ): Promise<void>;
  /** Sends what was rung; a queue that is down does not hold it up. */
  close(): Promise<void>;
}

const CLOSE_TIMEOUT_MS = 3000;
/** Up to here single inserts are cheaper: BullMQ's bulk insert makes temporary tables on Postgres. */
const SINGLE_ADDS = 10;

/**
 * The way in for web, worker and CLI. Connects at the first ring, so that a process starts while the queue is down, and
 * heals by itself. Rings never throw, never wait, and are dropped while the queue is down.
 * @throws AppError `setting_invalid` when REDIS_URL cannot be read.
 */
export function createQueueProducer(deps: QueueAddress & { readonly log: Logger }): QueueProducer {
  const outage = createOutageLog(deps.log, 'queue');
  const link = createQueueLink(deps, 'producer', outage);
  const bells = new Map<Lane, LaneBell>();
  let dropped = 0;

  async function openQueue(lane: Lane): Promise<LaneQueue> {
    await link.ready();
    return link.queue(lane);
  }

  async function send(lane: Lane, jobs: readonly RungJob[]): Promise<void> {
    await addJobs(await openQueue(lane), jobs);
    outage.succeeded();
  }

  function onDropped(count: number, error: unknown): void {
    dropped += count;
    outage.failed(error ?? unavailable('too_many_rings', 'More was rung than can wait'));
  }

  function bellOf(lane: Lane): LaneBell {
    let bell = bells.get(lane);
    if (bell === undefined) {
      bell = createLaneBell({ send: (jobs) => send(lane, jobs), onDropped });
      bells.set(lane, bell);
    }
    return bell;
  }

  return {
    doorbell: { ring: (name, payload) => bellOf(JOBS[name].lane).ring({ name, payload }) },
    async ping() {
      try {
        await link.ready();
        await link.ping();
        return 'up';
      } catch {
        return 'down';
      }
    },
    async depth(lane) {
      try {
        return await readDepth(await openQueue(lane));
      } catch {
        return undefined;
      }
    },
    droppedRings: () => dropped,
    async repeat(scheduleId, everyMs, name, payload) {
      const queue = await openQueue(JOBS[name].lane);
      await queue.upsertJobScheduler(
        scheduleId,
        { every: everyMs },
        { name, data: payload, opts: jobOptions(name, payload) },
      );
    },
    async close() {
      const sent = Promise.all([...bells.values()].map((bell) => bell.close()));
      await withDeadline(sent, CLOSE_TIMEOUT_MS);
      await withDeadline(link.close(), CLOSE_TIMEOUT_MS);
    },
  };
}

async function addJobs(queue: LaneQueue, jobs: readonly RungJob[]): Promise<void> {
  if (jobs.length > SINGLE_ADDS) {
    await queue.addBulk(jobs.map(({ name, payload }) => ({ name, data: payload, opts: jobOptions(name, payload) })));
    return;
  }
  await Promise.all(jobs.map(({ name, payload }) => queue.add(name, payload, jobOptions(name, payload))));
}

async function readDepth(queue: LaneQueue): Promise<LaneDepth> {
  const {
    waiting = 0,
    active = 0,
    delayed = 0,
    failed = 0,
  } = await queue.getJobCounts('waiting', 'active', 'delayed', 'failed');
  return { waiting, active, delayed, failed };
}
