import { Redis } from 'ioredis';
import { inject } from 'vitest';
import { REDIS_DATABASES } from './redis-server.ts';

/**
 * A value for `Config.redisUrl`: an empty Redis database that no other test file has, or undefined where this project
 * runs its queue on PostgreSQL.
 */
export async function createTestRedisUrl(): Promise<string | undefined> {
  if (inject('queue') === 'postgres') {
    return undefined;
  }
  const serverUrl = inject('redisUrl');
  const redis = new Redis(serverUrl, { lazyConnect: true, maxRetriesPerRequest: 1 });
  try {
    await redis.connect();
    const number = 1 + ((await redis.incr('databases-taken')) % (REDIS_DATABASES - 1));
    await redis.select(number);
    await redis.flushdb();
    return `${serverUrl}/${number}`;
  } finally {
    redis.disconnect();
  }
}
