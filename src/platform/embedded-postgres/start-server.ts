import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../shared/app-error.ts';
import { DATABASE_USER } from './create-cluster.ts';
import { startGuarded } from './guarded-process.ts';
import type { GuardedProcess } from './guarded-process.ts';
import { findLeftoverServer, readPostmasterFile } from './postmaster-file.ts';
import type { ServerHome } from './server-home.ts';

/** Given at each start and not written into the cluster, so that a new version of Courant may change them. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '32MB',
  huge_pages: 'off',
  jit: 'off',
  // No processes that a small installation never needs: I/O workers, parallel queries, replication.
  io_method: 'sync',
  max_worker_processes: '0',
  max_parallel_workers_per_gather: '0',
  max_parallel_maintenance_workers: '0',
  max_logical_replication_workers: '0',
  wal_level: 'minimal',
  max_wal_senders: '0',
  // Its log must not hold a reader's address: a failed statement or its DETAIL may. The code that asked logs failures.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
  log_autovacuum_min_duration: '-1',
  log_line_prefix: '',
};

const READY_POLL_MS = 15;
/** Recovery after a crash replays at most max_wal_size (1 GB). */
const READY_WITHIN_MS = 120_000;
const LEFTOVER_WITHIN_MS = 20_000;
/** A server that was killed alone leaves backends that hold its shared memory for a moment. */
const BUSY = /lock file "postmaster.pid"|pre-existing shared memory block|could not bind IPv4 address/;

export interface RunningServer {
  readonly process: GuardedProcess;
  readonly port: number;
}

/**
 * Starts the server of this home on the loopback interface and waits until it takes connections.
 * @param choosePort asked again when somebody took the port first
 */
export async function startServer(
  home: ServerHome,
  choosePort: () => Promise<number>,
  onLine: (line: string) => void,
): Promise<RunningServer> {
  const cluster = join(home.folder, 'cluster');
  const giveUpAt = performance.now() + LEFTOVER_WITHIN_MS;
  for (;;) {
    await waitForLeftover(cluster, giveUpAt);
    const before = await readPostmasterFile(cluster);
    const port = await choosePort();
    const settings = Object.entries({ ...SETTINGS, port }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const server = startGuarded(home.binaries.postgres, ['-D', cluster, ...settings], home.account, onLine);
    const end = await waitUntilReady(server, cluster, before?.text);
    if (end === undefined) {
      return { process: server, port };
    }
    const busy = server.lastLines.some((line) => BUSY.test(line));
    if (!busy || performance.now() > giveUpAt) {
      throw startFailed(server, end);
    }
    await delay(200);
  }
}

/** A server outlives a killed supervisor by some seconds, until its fast shutdown is through. */
async function waitForLeftover(cluster: string, giveUpAt: number): Promise<void> {
  for (;;) {
    const pid = await findLeftoverServer(cluster);
    if (pid === undefined) {
      return;
    }
    if (performance.now() > giveUpAt) {
      throw new AppError(
        'unavailable',
        'server_left_over',
        `PostgreSQL process ${pid} still runs on ${cluster}; end it`,
      );
    }
    await delay(50);
  }
}

/** Undefined when it is ready, else how it ended. Watches its file as pg_ctl does: no connection, no driver. */
async function waitUntilReady(
  server: GuardedProcess,
  cluster: string,
  textBefore: string | undefined,
): Promise<string | undefined> {
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const file = await readPostmasterFile(cluster);
    if (file?.isReady === true && file.text !== textBefore) {
      return undefined;
    }
    if (performance.now() > giveUpAt) {
      server.signal('SIGQUIT');
      return 'not ready in time';
    }
    const end = await Promise.race([server.exited, delay(READY_POLL_MS, undefined)]);
    if (end !== undefined) {
      return end;
    }
  }
}

function startFailed(server: GuardedProcess, end: string): AppError {
  const fatal = server.lastLines.find((line) => /^(?:FATAL|PANIC):/.test(line)) ?? server.lastLines.at(-1);
  return new AppError('unavailable', 'server_start_failed', `PostgreSQL did not start: ${fatal ?? end}`);
}

export async function databaseUrlOf(home: ServerHome, port: number): Promise<string> {
  const password = (await readFile(join(home.folder, 'password'), 'utf8')).trim();
  return `postgres://${DATABASE_USER}:${password}@127.0.0.1:${port}/postgres`;
}

/** Free now; the server may still find it taken. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
