import type { OutageLog } from '../logging/index.ts';
import { createPostgresLink } from './postgres-link.ts';
import type { QueueAddress, QueueLink, QueueRole } from './queue-link.ts';
import { createRedisLink } from './redis-link.ts';

/** Opens nothing yet. */
export function createQueueLink(address: QueueAddress, role: QueueRole, outage: OutageLog): QueueLink {
  return address.redisUrl === undefined
    ? createPostgresLink(address.databaseUrl, role, outage)
    : createRedisLink(address.redisUrl, role, outage);
}
