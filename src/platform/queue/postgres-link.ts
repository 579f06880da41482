import { setTimeout as delay } from 'node:timers/promises';
import { PostgresConnection, PostgresQueueBackend, Queue } from 'bullmq';
import type { BackendFactory, PostgresConnectionOptions } from 'bullmq';
import type { Lane } from '../../jobs/index.ts';
import { unavailable } from '../../shared/app-error.ts';
import type { OutageLog } from '../logging/index.ts';
import { GuardedClient } from '../postgres/index.ts';
import { KEPT_EVENTS } from './job-options.ts';
import { LaneWorker, WORKER_SETTINGS } from './lane-worker.ts';
import type { LaneQueue, QueueLink, QueueRole } from './queue-link.ts';

const QUEUE_SCHEMA = 'bullmq';

/** Beside these a worker holds one connection that listens, shared by its lanes. */
const MAX_CONNECTIONS = { producer: 1, worker: 2 } as const satisfies Record<QueueRole, number>;
const IDLE_POLL_SECONDS = 15;
const LISTEN_RETRY_MS = 250;

type ListenClient = Awaited<ReturnType<PostgresConnection['getListenClient']>>;
type PoolConfig = Extract<PostgresConnectionOptions, { schema?: string }>;

/**
 * A pool for BullMQ. `synchronous_commit=off`: a lost job is rung again by the sweep, so no job waits for the disk. The
 * timeouts bound what a frozen server can hold up.
 */
export function queuePoolConfig(databaseUrl: string, role: QueueRole): PoolConfig {
  const url = new URL(databaseUrl);
  // `options` in the URL would replace ours, and with it the search_path that BullMQ's statements need.
  const urlOptions = url.searchParams.get('options');
  url.searchParams.delete('options');
  return {
    connectionString: urlOptions === null ? databaseUrl : url.href,
    Client: GuardedClient,
    schema: QUEUE_SCHEMA,
    options: [urlOptions, '-c synchronous_commit=off'].filter(Boolean).join(' '),
    application_name: `courant queue ${role}`,
    max: MAX_CONNECTIONS[role],
    connectionTimeoutMillis: 5000,
    query_timeout: 10_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
}

/**
 * Six workers with a pool and a listener each are 12 server processes; one connection object for all lanes is 3. Its pool
 * cannot deadlock since the listener is not taken from it.
 *
 * The listener is ours because BullMQ's can be lost unheard: it has no 'error' handler until a moment after it connected
 * (which ends the process), and a lane that was just between its LISTEN and its wait goes to sleep on the dead connection.
 * Both happened under `kill -9` of the server.
 */
class SharedConnection extends PostgresConnection {
  readonly #config: PoolConfig;
  #listener: Promise<GuardedClient> | undefined;

  constructor(config: PoolConfig) {
    super(config);
    this.#config = config;
    // Every lane's queue and worker listens to it.
    this.setMaxListeners(50);
  }

  override async getListenClient(): Promise<ListenClient> {
    this.#listener ??= this.#connectListener();
    return asListenClient(await this.#listener);
  }

  async #connectListener(): Promise<GuardedClient> {
    const client = new GuardedClient(this.#config);
    client.once('error', (error) => this.#loseListener(client, error));
    try {
      await client.connect();
    } catch (error) {
      // Six lanes ask again 100 ms later, for as long as the server is away.
      await delay(this.isClosing === undefined ? LISTEN_RETRY_MS : 0);
      this.#listener = undefined;
      throw error;
    }
    serialiseQueries(asListenClient(client));
    return client;
  }

  #loseListener(client: GuardedClient, error: Error): void {
    this.#listener = undefined;
    client.end().catch(() => undefined);
    this.emit('error', error);
    // Not now: a lane whose LISTEN was answered in the same breath has not begun its wait and could not be woken.
    setImmediate(() => this.emit('listenerinvalidated'));
  }

  override async close(): Promise<void> {
    const listener = await this.#listener?.catch(() => undefined);
    this.#listener = undefined;
    await listener?.end().catch(() => undefined);
    await super.close();
  }
}

/** BullMQ describes the clients of pg by a type of its own, which the generics of @types/pg do not meet. */
function asListenClient(client: GuardedClient): ListenClient {
  return client as unknown as ListenClient;
}

/** After a reconnect every lane sends its LISTEN; pg 9 will refuse a query while another one runs. */
function serialiseQueries(client: ListenClient): void {
  const query = client.query.bind(client);
  let last: Promise<unknown> = Promise.resolve();
  client.query = (text, params) => {
    const result = last.then(() => query(text, params));
    last = result.catch(() => undefined);
    return result;
  };
}

/** The lane's view of the shared connection: closing one lane must not cut off the others. */
class LaneBackend extends PostgresQueueBackend {
  override close(): Promise<void> {
    return Promise.resolve();
  }
}

export function createPostgresLink(databaseUrl: string, role: QueueRole, outage: OutageLog): QueueLink {
  const config = queuePoolConfig(databaseUrl, role);
  const queues = new Map<Lane, LaneQueue>();
  let opening: Promise<SharedConnection> | undefined;
  let opened: SharedConnection | undefined;
  const connection = (): SharedConnection => {
    if (opened === undefined) {
      throw unavailable('queue_unavailable', 'The queue is not connected yet');
    }
    return opened;
  };
  const backend: BackendFactory<LaneBackend, PoolConfig> = (lane, options) =>
    new LaneBackend(connection(), lane, options);
  return {
    async ready() {
      opening ??= openConnection(config, outage);
      try {
        opened = await opening;
      } catch (error) {
        opening = undefined;
        throw error;
      }
    },
    async ping() {
      await connection().pool.query('SELECT 1');
    },
    queue(lane) {
      let queue = queues.get(lane);
      if (queue === undefined) {
        const made = new Queue(lane, { connection: config, streams: { events: { maxLen: KEPT_EVENTS } } }, backend);
        made.on('error', (error) => outage.failed(error));
        queue = made;
        queues.set(lane, queue);
      }
      return queue;
    },
    createWorker(lane, concurrency, processor) {
      const options = { ...WORKER_SETTINGS, connection: config, concurrency, drainDelay: IDLE_POLL_SECONDS };
      return new LaneWorker(lane, processor, options, backend, outage);
    },
    async close() {
      await opening?.then((open) => open.close()).catch(() => undefined);
    },
  };
}

/** A failed first contact stays in the connection for ever, so each try gets a new one. */
async function openConnection(config: PoolConfig, outage: OutageLog): Promise<SharedConnection> {
  const connection = new SharedConnection(config);
  connection.on('error', (error: Error) => outage.failed(error));
  try {
    await connection.waitUntilReady();
    return connection;
  } catch (error) {
    await connection.close().catch(() => undefined);
    throw error;
  }
}
