import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JobRegistry, QueueAddress, QueueProducer, QueueWorkers } from '../../../src/platform/queue/index.ts';
import { createQueueProducer, migrateQueue, startQueueWorkers } from '../../../src/platform/queue/index.ts';
import { LANES } from '../../../src/jobs/index.ts';
import { createLogger } from '../../../src/platform/logging/index.ts';
import { AppError } from '../../../src/shared/app-error.ts';
import type { TestDatabase } from '../../support/databases.ts';
import { createTestDatabase } from '../../support/databases.ts';
import { loseQueue } from '../../support/lose-queue.ts';
import { createTestRedisUrl } from '../../support/queue.ts';
import type { RecordingJobs } from '../../support/recording-jobs.ts';
import { recordJobs, wakeEveryLane } from '../../support/recording-jobs.ts';
import { waitFor } from '../../support/wait-for.ts';

const log = createLogger('silent', 'test');
let database: TestDatabase;
let address: QueueAddress;
let producer: QueueProducer;
let workers: QueueWorkers | undefined;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrateQueue(database.url);
});

afterAll(() => database.drop());

beforeEach(async () => {
  address = { databaseUrl: database.url, redisUrl: await createTestRedisUrl() };
  await loseQueue(address);
  producer = createQueueProducer({ ...address, log });
});

afterEach(async () => {
  await workers?.close(2000);
  workers = undefined;
  await producer.close();
});

function startWorkers(overrides: Partial<JobRegistry> = {}): RecordingJobs {
  const jobs = recordJobs(overrides);
  workers = startQueueWorkers({ ...address, log }, jobs.registry);
  return jobs;
}

describe('a ring', () => {
  it('runs its job once, with its payload', async () => {
    const jobs = startWorkers();
    producer.doorbell.ring('poll-feed', { feedId: 7 });
    await waitFor('the job', () => jobs.countOf('poll-feed') > 0);
    await waitFor('the lane to be empty', async () => isIdle(await producer.depth('feeds')));
    expect(jobs.ran).toEqual([{ name: 'poll-feed', payload: { feedId: 7 } }]);
  });

  it('of a feed whose job still waits makes no second one, and one that comes after it does', async () => {
    for (const feedId of [7, 8]) {
      producer.doorbell.ring('poll-feed', { feedId });
    }
    await waitFor('the jobs to be stored', async () => (await producer.depth('feeds'))?.waiting === 2);
    for (let feedId = 1; feedId <= 20; feedId += 1) {
      producer.doorbell.ring('poll-feed', { feedId });
    }
    await waitFor('the other jobs', async () => ((await producer.depth('feeds'))?.waiting ?? 0) >= 20);
    const jobs = startWorkers();
    await waitFor('the jobs to have run', () => jobs.countOf('poll-feed') >= 20);
    await waitFor('the lane to be empty', async () => isIdle(await producer.depth('feeds')));
    expect(jobs.countOf('poll-feed')).toBe(20);

    producer.doorbell.ring('poll-feed', { feedId: 7 });
    await waitFor('the job that was rung again', () => jobs.countOf('poll-feed') === 21);
  });

  it('reaches workers that start later', async () => {
    producer.doorbell.ring('seal-consent', {});
    await waitFor('the job to be stored', async () => (await producer.depth('maintenance'))?.waiting === 1);
    const jobs = startWorkers();
    await waitFor('the job', () => jobs.countOf('seal-consent') > 0);
    expect(jobs.ran).toEqual([{ name: 'seal-consent', payload: {} }]);
  });

  it('wakes every lane', async () => {
    const jobs = startWorkers();
    expect(await wakeEveryLane(producer, jobs)).toEqual(LANES);
  });

  it('is one of few jobs when a thousand come at once', async () => {
    for (let row = 0; row < 1000; row += 1) {
      producer.doorbell.ring('decide-signups', {});
    }
    producer.doorbell.ring('send-transactional', {});
    // The first ring goes at once; the 999 that come while it is under way are one more.
    await waitFor('the jobs', async () => ((await producer.depth('transactional'))?.waiting ?? 0) >= 3);
    await producer.close();
    producer = createQueueProducer({ ...address, log });
    expect((await producer.depth('transactional'))?.waiting).toBe(3);
  });

  it('after a commit is seen by a run that begins after it', async () => {
    let committed = 0;
    let seen = 0;
    startWorkers({
      'decide-signups': () => {
        seen = committed;
        return Promise.resolve();
      },
    });
    for (let row = 0; row < 200; row += 1) {
      committed += 1;
      producer.doorbell.ring('decide-signups', {});
      await new Promise(setImmediate);
    }
    expect(await waitFor('the last row to be seen', () => seen === committed)).toBe(true);
  });
});

describe('a job', () => {
  it('with a payload that breaks its contract fails at once and never reaches its processor', async () => {
    const jobs = startWorkers();
    producer.doorbell.ring('start-campaign', JSON.parse('{"campaignId":"reader@example.org"}'));
    await waitFor('the failure', async () => (await producer.depth('campaigns'))?.failed === 1);
    expect(jobs.ran).toEqual([]);
  });

  it('that fails is tried again, then given up', async () => {
    let tries = 0;
    startWorkers({
      'seal-consent': () => {
        tries += 1;
        return Promise.reject(new Error('no'));
      },
    });
    producer.doorbell.ring('seal-consent', {});
    await waitFor('the failure', async () => (await producer.depth('maintenance'))?.failed === 1);
    expect(tries).toBe(3);
  });

  it('that fails for good is not tried again', async () => {
    let tries = 0;
    startWorkers({
      'seal-consent': () => {
        tries += 1;
        return Promise.reject(new AppError('conflict', 'never', 'It will not work later either', { retryable: false }));
      },
    });
    producer.doorbell.ring('seal-consent', {});
    await waitFor('the failure', async () => (await producer.depth('maintenance'))?.failed === 1);
    expect(tries).toBe(1);
  });
});

describe('the workers', () => {
  it('refuse to start without a processor for every job', () => {
    const { sweep: _, ...incomplete } = recordJobs().registry;
    expect(() => startQueueWorkers({ ...address, log }, incomplete as JobRegistry)).toThrow(
      expect.objectContaining({ code: 'job_without_processor', message: 'No processor for: sweep' }),
    );
  });

  it('open only the lanes that were asked for', async () => {
    const jobs = recordJobs();
    workers = startQueueWorkers({ ...address, log }, jobs.registry, { lanes: ['feeds'] });
    producer.doorbell.ring('seal-consent', {});
    producer.doorbell.ring('poll-feed', { feedId: 1 });
    await waitFor('the feed', () => jobs.countOf('poll-feed') === 1);
    await waitFor('the other job to wait', async () => (await producer.depth('maintenance'))?.waiting === 1);
    expect([...workers.status().keys()]).toEqual(['feeds']);
  });

  it('let a running job finish when they close, and tell it to hurry', async () => {
    const started = Promise.withResolvers<void>();
    let isFinished = false;
    startWorkers({
      'seal-consent': async (_payload, { signal }) => {
        started.resolve();
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        isFinished = true;
      },
    });
    producer.doorbell.ring('seal-consent', {});
    await started.promise;
    expect(await workers?.close(5000)).toEqual({ abandoned: 0 });
    expect(isFinished).toBe(true);
    expect(await producer.depth('maintenance')).toMatchObject({ active: 0, failed: 0 });
  });

  it('give up at the deadline on a job that does not end', async () => {
    const started = Promise.withResolvers<void>();
    const never = Promise.withResolvers<void>();
    startWorkers({
      'seal-consent': () => {
        started.resolve();
        return never.promise;
      },
    });
    producer.doorbell.ring('seal-consent', {});
    await started.promise;
    expect(await workers?.close(100)).toEqual({ abandoned: 1 });
    never.resolve();
  });
});

it('tells whether the queue answers', async () => {
  expect(await producer.ping()).toBe('up');
});

it('knows the depth of a lane that was never rung', async () => {
  expect(await producer.depth('digests')).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 });
});

function isIdle(depth: Awaited<ReturnType<QueueProducer['depth']>>): boolean {
  return depth !== undefined && depth.waiting + depth.active + depth.delayed === 0;
}
