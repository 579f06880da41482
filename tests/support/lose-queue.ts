import { Redis } from 'ioredis';
import pg from 'pg';
import type { QueueAddress } from '../../src/platform/queue/index.ts';

/** What a FLUSHALL does, for one test's part of the server: all jobs and schedules are gone, the schema stays. */
export async function loseQueue(address: QueueAddress): Promise<void> {
  if (address.redisUrl !== undefined) {
    const redis = new Redis(address.redisUrl);
    await redis.flushdb();
    redis.disconnect();
    return;
  }
  const client = new pg.Client({ connectionString: address.databaseUrl });
  await client.connect();
  try {
    await client.query('TRUNCATE bullmq.job, bullmq.scheduler, bullmq.meta, bullmq.event CASCADE');
  } finally {
    await client.end();
  }
}
