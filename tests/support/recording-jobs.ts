import type { JobName, Lane } from '../../src/jobs/index.ts';
import { JOBS, LANES } from '../../src/jobs/index.ts';
import type { JobRegistry, QueueProducer } from '../../src/platform/queue/index.ts';
import { waitFor } from './wait-for.ts';

export interface RecordedJob {
  readonly name: JobName;
  readonly payload: unknown;
}

export interface RecordingJobs {
  readonly registry: JobRegistry;
  /** Every job that ran, in order. */
  readonly ran: readonly RecordedJob[];
  countOf(name: JobName): number;
}

/** Processors that only write down that they ran; `overrides` replaces some. */
export function recordJobs(overrides: Partial<JobRegistry> = {}): RecordingJobs {
  const ran: RecordedJob[] = [];
  const record = Object.fromEntries(
    Object.keys(JOBS).map((name) => [
      name,
      (payload: unknown) => {
        ran.push({ name: name as JobName, payload });
        return Promise.resolve();
      },
    ]),
  ) as unknown as JobRegistry;
  return {
    ran,
    registry: { ...record, ...overrides },
    countOf: (name) => ran.filter((job) => job.name === name).length,
  };
}

let feedCount = 0;

/** A feed of its own each time: a poll that the queue lost while it ran keeps others of its feed out until it counts as stalled. */
export function ringFeed(producer: QueueProducer): void {
  feedCount += 1;
  producer.doorbell.ring('poll-feed', { feedId: feedCount });
}

/** Rings one job in each lane. */
const RING_LANE: Readonly<Record<Lane, (producer: QueueProducer) => JobName>> = {
  transactional: (producer) => ring(producer, 'decide-signups'),
  campaigns: (producer) => ring(producer, 'send-campaigns'),
  digests: (producer) => ring(producer, 'send-digests'),
  maintenance: (producer) => ring(producer, 'seal-consent'),
  feeds: (producer) => {
    ringFeed(producer);
    return 'poll-feed';
  },
  events: (producer) => {
    producer.doorbell.ring('settle-campaign', { campaignId: 1 });
    return 'settle-campaign';
  },
};

function ring(
  producer: QueueProducer,
  name: 'decide-signups' | 'send-campaigns' | 'send-digests' | 'seal-consent',
): JobName {
  producer.doorbell.ring(name, {});
  return name;
}

/** Rings every lane once, waits until each has run its job, and gives the lanes that did. */
export async function wakeEveryLane(
  producer: QueueProducer,
  jobs: RecordingJobs,
  deadlineMs = 10_000,
): Promise<readonly Lane[]> {
  const before = new Map(jobs.ran.map(({ name }) => [name, jobs.countOf(name)]));
  const rung = LANES.map((lane) => RING_LANE[lane](producer));
  await waitFor(
    'every lane to wake',
    () => {
      const asleep = rung.filter((name) => jobs.countOf(name) <= (before.get(name) ?? 0));
      if (asleep.length > 0) {
        throw new Error(`asleep: ${asleep.join(', ')}`);
      }
      return true;
    },
    deadlineMs,
  );
  return LANES;
}
