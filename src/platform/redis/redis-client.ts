import type { Cluster, CommonRedisOptions, Redis } from 'ioredis';
import { unavailable } from '../../shared/app-error.ts';
import type { OutageLog } from '../logging/index.ts';
import type { RedisTarget } from './redis-url.ts';

export type RedisClient = Redis | Cluster;

/** A producer answers at once, also when Redis is away; a worker waits for it. */
export type RedisRole = 'producer' | 'worker';

/** Longer than the longest blocking command of BullMQ (10 s), so that only a dead connection runs into it. */
const SILENT_SOCKET_MS = 20_000;
const COMMAND_TIMEOUT_MS = 5000;
const MAX_RECONNECT_DELAY_MS = 2000;

/**
 * A client that connects at once in the background and for ever reconnects. It never emits an unhandled 'error': both its
 * outages and its recoveries go to `outage`. ioredis (18 MB) is loaded only here, so that a process whose queue is on
 * Postgres does without it.
 */
export async function createRedisClient(target: RedisTarget, role: RedisRole, outage: OutageLog): Promise<RedisClient> {
  const { Cluster, Redis } = await import('ioredis');
  const common = {
    ...roleOptions(role),
    keepAlive: 10_000,
    socketTimeout: SILENT_SOCKET_MS,
    // After a failover behind one name the old master answers READONLY: reconnect, and send the command again.
    reconnectOnError: (error: Error): 2 | false => (error.message.startsWith('READONLY') ? 2 : false),
  } satisfies CommonRedisOptions;
  const isQueueing = role === 'worker';
  const client =
    target.kind === 'server'
      ? new Redis({ ...common, ...target.options, retryStrategy: reconnectDelayMs, enableOfflineQueue: isQueueing })
      : new Cluster([...target.nodes], {
          redisOptions: { ...common, ...target.options },
          clusterRetryStrategy: reconnectDelayMs,
          enableOfflineQueue: isQueueing,
        });
  client.on('error', (error: Error) => outage.failed(error));
  client.on('ready', () => outage.succeeded());
  return client;
}

function roleOptions(role: RedisRole): Pick<CommonRedisOptions, 'maxRetriesPerRequest' | 'commandTimeout'> {
  return role === 'producer'
    ? { maxRetriesPerRequest: 1, commandTimeout: COMMAND_TIMEOUT_MS }
    : { maxRetriesPerRequest: null };
}

/** Doubles from 100 ms to 2 s, with jitter so that a restarted Redis is not met by every process at once. */
function reconnectDelayMs(attempt: number): number {
  const delayMs = Math.min(MAX_RECONNECT_DELAY_MS, 50 * 2 ** Math.min(attempt, 10));
  return Math.round(delayMs * (0.75 + Math.random() / 4));
}

/**
 * Resolves once commands can be sent. Rejects with AppError `redis_unavailable` as soon as a connection fails, at once
 * when the last one did, and in any case after `timeoutMs`; the client goes on trying.
 */
export async function waitForRedis(client: RedisClient, timeoutMs: number): Promise<void> {
  if (client.status === 'ready') {
    return;
  }
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (): void => reject(unavailable('redis_unavailable', 'Redis does not answer'));
  const timer = setTimeout(fail, client.status === 'reconnecting' ? 0 : timeoutMs);
  client.once('ready', resolve);
  client.once('close', fail);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    client.off('ready', resolve);
    client.off('close', fail);
  }
}
