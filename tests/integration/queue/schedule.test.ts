import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createLogger } from '../../../src/platform/logging/index.ts';
import type { QueueAddress, QueueProducer, QueueWorkers } from '../../../src/platform/queue/index.ts';
import { createQueueProducer, migrateQueue, startQueueWorkers } from '../../../src/platform/queue/index.ts';
import type { Clockwork } from '../../../workers/schedule.ts';
import { startSchedule } from '../../../workers/schedule.ts';
import type { TestDatabase } from '../../support/databases.ts';
import { createTestDatabase } from '../../support/databases.ts';
import { loseQueue } from '../../support/lose-queue.ts';
import { createTestRedisUrl } from '../../support/queue.ts';
import type { RecordingJobs } from '../../support/recording-jobs.ts';
import { recordJobs } from '../../support/recording-jobs.ts';
import { waitFor } from '../../support/wait-for.ts';

const log = createLogger('silent', 'test');
let database: TestDatabase;
let address: QueueAddress;
let producer: QueueProducer;
let jobs: RecordingJobs;
let workers: QueueWorkers;
let clocks: Clockwork[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  await migrateQueue(database.url);
});

afterAll(() => database.drop());

beforeEach(async () => {
  address = { databaseUrl: database.url, redisUrl: await createTestRedisUrl() };
  await loseQueue(address);
  producer = createQueueProducer({ ...address, log });
  jobs = recordJobs();
  workers = startQueueWorkers({ ...address, log }, jobs.registry, { lanes: ['maintenance'] });
});

afterEach(async () => {
  for (const clock of clocks) {
    clock.stop();
  }
  clocks = [];
  await workers.close(2000);
  await producer.close();
});

function startClocks(count: number, options: Parameters<typeof startSchedule>[1]): void {
  clocks = Array.from({ length: count }, () => startSchedule({ producer, log }, options));
}

it('sweeps at once, and then again and again', async () => {
  startClocks(1, { sweepEveryMs: 200 });
  await waitFor('three sweeps', () => jobs.countOf('sweep') >= 3);
  expect(new Set(jobs.ran.map(({ name }) => name))).toEqual(new Set(['sweep']));
});

it('sweeps no more often with several workers', async () => {
  const startedMs = performance.now();
  startClocks(4, { sweepEveryMs: 500, renewEveryMs: 120 });
  await waitFor('four sweeps', () => jobs.countOf('sweep') >= 4);
  expect(performance.now() - startedMs).toBeGreaterThan(1000);
});

it('comes back after the queue lost everything', async () => {
  startClocks(1, { sweepEveryMs: 200, renewEveryMs: 300 });
  await waitFor('a sweep', () => jobs.countOf('sweep') >= 1);
  await loseQueue(address);
  const before = jobs.countOf('sweep');
  expect(await waitFor('sweeps after the loss', () => jobs.countOf('sweep') >= before + 3)).toBe(true);
});
