export { createRedisClient, waitForRedis } from './redis-client.ts';
export type { RedisClient } from './redis-client.ts';
export { parseRedisUrl } from './redis-url.ts';
