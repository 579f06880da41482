import { createRedisBackend, Queue } from 'bullmq';
import type { Lane } from '../../jobs/index.ts';
import { unavailable } from '../../shared/app-error.ts';
import type { OutageLog } from '../logging/index.ts';
import type { RedisClient } from '../redis/index.ts';
import { createRedisClient, parseRedisUrl, waitForRedis } from '../redis/index.ts';
import { KEPT_EVENTS } from './job-options.ts';
import { LaneWorker, WORKER_SETTINGS } from './lane-worker.ts';
import type { LaneQueue, QueueLink, QueueRole } from './queue-link.ts';

/** The braces keep all keys of all lanes in one slot of a Redis Cluster. */
const KEY_PREFIX = '{courant}';
/**
 * Also the time after which a lane wakes whose blocking command was lost with its connection: ioredis sends it again
 * without ever answering it, and BullMQ gives up on it a second after this.
 */
const IDLE_POLL_SECONDS = 5;
const READY_TIMEOUT_MS = 2000;

/** @throws AppError `setting_invalid` when REDIS_URL cannot be read. */
export function createRedisLink(redisUrl: string, role: QueueRole, outage: OutageLog): QueueLink {
  const target = parseRedisUrl(redisUrl);
  const queues = new Map<Lane, LaneQueue>();
  let creating: Promise<RedisClient> | undefined;
  let client: RedisClient | undefined;
  const connection = (): RedisClient => {
    if (client === undefined) {
      throw unavailable('queue_unavailable', 'The queue is not connected yet');
    }
    return client;
  };
  return {
    async ready() {
      creating ??= createRedisClient(target, role, outage);
      client = await creating;
      await waitForRedis(client, READY_TIMEOUT_MS);
    },
    async ping() {
      await connection().ping();
    },
    queue(lane) {
      let queue = queues.get(lane);
      if (queue === undefined) {
        const made = new Queue(
          lane,
          {
            connection: connection(),
            prefix: KEY_PREFIX,
            streams: { events: { maxLen: KEPT_EVENTS } },
            // The check would be the one command whose failure the queue remembers for ever; workers do it.
            skipVersionCheck: true,
          },
          createRedisBackend,
        );
        made.on('error', (error) => outage.failed(error));
        queue = made;
        queues.set(lane, queue);
      }
      return queue;
    },
    createWorker(lane, concurrency, processor) {
      const settings = { ...WORKER_SETTINGS, prefix: KEY_PREFIX, concurrency, drainDelay: IDLE_POLL_SECONDS };
      return new LaneWorker(lane, processor, { ...settings, connection: connection() }, createRedisBackend, outage);
    },
    async close() {
      (await creating)?.disconnect();
    },
  };
}
