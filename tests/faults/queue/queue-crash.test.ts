import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { LANES } from '../../../src/jobs/index.ts';
import { createLogger } from '../../../src/platform/logging/index.ts';
import type { QueueAddress, QueueProducer, QueueWorkers } from '../../../src/platform/queue/index.ts';
import { createQueueProducer, migrateQueue, startQueueWorkers } from '../../../src/platform/queue/index.ts';
import type { TestPostgres } from '../../support/postgres-server.ts';
import { startPostgres } from '../../support/postgres-server.ts';
import type { RecordingJobs } from '../../support/recording-jobs.ts';
import { recordJobs, ringFeed, wakeEveryLane } from '../../support/recording-jobs.ts';
import type { TestRedis } from '../../support/redis-server.ts';
import { startRedis } from '../../support/redis-server.ts';
import { waitFor } from '../../support/wait-for.ts';

const log = createLogger('silent', 'test');
const isOnRedis = inject('queue') === 'redis';
let postgres: TestPostgres;
let redis: TestRedis | undefined;
let queueServer: TestPostgres | TestRedis;
let address: QueueAddress;
let producer: QueueProducer;
let jobs: RecordingJobs;
let workers: QueueWorkers | undefined;

beforeAll(async () => {
  postgres = await startPostgres({ durable: true });
  redis = isOnRedis ? await startRedis() : undefined;
  queueServer = redis ?? postgres;
  address = { databaseUrl: postgres.url, redisUrl: redis?.url };
  await migrateQueue(postgres.url);
});

afterAll(async () => {
  await redis?.stop();
  await postgres.stop();
});

beforeEach(async () => {
  await queueServer.restart();
  producer = createQueueProducer({ ...address, log });
  jobs = recordJobs();
});

afterEach(async () => {
  await workers?.close(2000);
  workers = undefined;
  await producer.close();
});

function startWorkers(): void {
  workers = startQueueWorkers({ ...address, log }, jobs.registry);
}

describe('after the queue was killed', () => {
  it.each([0, 1, 2])('every idle lane wakes (round %i)', async () => {
    startWorkers();
    expect(await wakeEveryLane(producer, jobs)).toEqual(LANES);
    await queueServer.kill('SIGKILL');
    await waitFor('the outage to be seen', async () => (await producer.ping()) === 'down');
    await queueServer.restart();
    await waitFor('the producer to be back', async () => (await producer.ping()) === 'up');
    expect(await wakeEveryLane(producer, jobs, 10_000)).toEqual(LANES);
  });

  it('lanes that were busy go on', async () => {
    startWorkers();
    const ringing = setInterval(() => {
      producer.doorbell.ring('decide-signups', {});
      ringFeed(producer);
    }, 5);
    try {
      await waitFor('work', () => jobs.countOf('poll-feed') > 5);
      await queueServer.kill('SIGKILL');
      await queueServer.restart();
      const before = jobs.ran.length;
      await waitFor('work to go on', () => jobs.ran.length > before + 20);
    } finally {
      clearInterval(ringing);
    }
    expect(await wakeEveryLane(producer, jobs)).toEqual(LANES);
  });
});

describe('while the queue is down', () => {
  it('a ring is dropped and counted, and the producer heals by itself', async () => {
    await queueServer.kill('SIGKILL');
    for (let row = 0; row < 1000; row += 1) {
      producer.doorbell.ring('seal-consent', {});
    }
    await waitFor('the ring to be dropped', () => producer.droppedRings() > 0);
    expect(await producer.ping()).toBe('down');
    expect(await producer.depth('maintenance')).toBeUndefined();

    await queueServer.restart();
    await waitFor('a job', async () => {
      producer.doorbell.ring('seal-consent', {});
      return ((await producer.depth('maintenance'))?.waiting ?? 0) > 0;
    });
  });

  it('workers start, wait, and join in when it comes', async () => {
    await queueServer.kill('SIGKILL');
    startWorkers();
    await waitFor('the outage to be seen', async () => (await producer.ping()) === 'down');
    expect(new Set(workers?.status().values())).toEqual(new Set(['starting']));
    await queueServer.restart();
    await waitFor('all lanes to run', () =>
      [...(workers?.status().values() ?? [])].every((lane) => lane === 'running'),
    );
    expect(await wakeEveryLane(producer, jobs)).toEqual(LANES);
  });

  it('workers and producer close without waiting for it', async () => {
    startWorkers();
    expect(await wakeEveryLane(producer, jobs)).toEqual(LANES);
    await queueServer.kill('SIGKILL');
    producer.doorbell.ring('seal-consent', {});
    expect(await workers?.close(10_000)).toEqual({ abandoned: 0 });
    await producer.close();
  });
});

// On Redis there is no administrator who cuts connections of a database.
describe.skipIf(isOnRedis)('on PostgreSQL', () => {
  it('every lane wakes after an administrator cut its connections', async () => {
    startWorkers();
    expect(await wakeEveryLane(producer, jobs)).toEqual(LANES);
    const admin = new pg.Client({ connectionString: postgres.url });
    await admin.connect();
    const { rowCount } = await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'courant queue %'`,
    );
    await admin.end();
    expect(rowCount).toBeGreaterThanOrEqual(3);
    await waitFor('the producer to be back', async () => (await producer.ping()) === 'up');
    expect(await wakeEveryLane(producer, jobs)).toEqual(LANES);
  });

  it('all lanes of a process share three connections, and its producer has one', async () => {
    startWorkers();
    expect(await wakeEveryLane(producer, jobs)).toEqual(LANES);
    const admin = new pg.Client({ connectionString: postgres.url });
    await admin.connect();
    const { rows } = await admin.query<{ name: string; count: number }>(
      `SELECT application_name AS name, count(*)::int AS count FROM pg_stat_activity
       WHERE application_name LIKE 'courant queue %' GROUP BY 1 ORDER BY 1`,
    );
    await admin.end();
    expect(rows).toEqual([
      { name: 'courant queue producer', count: 1 },
      { name: 'courant queue worker', count: 3 },
    ]);
  });
});
