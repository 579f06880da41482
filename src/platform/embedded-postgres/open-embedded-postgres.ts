import { mkdir, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { settingError } from '../../shared/app-error.ts';
import type { Logger } from '../logging/index.ts';
import { findBinaries } from './binaries.ts';
import type { Binaries } from './binaries.ts';
import { readRunFile, removeRunFile, writeRunFile } from './run-file.ts';
import type { Holder, Settings } from './run-file.ts';
import { takeRunLock } from './run-lock.ts';
import type { RunLock } from './run-lock.ts';
import { keepServerRunning } from './keep-server-running.ts';
import type { ServerHome } from './server-home.ts';
import { prepareServerHome } from './server-home.ts';
import { databaseUrlOf, findFreePort, startServer } from './start-server.ts';

export interface EmbeddedDeps {
  readonly log: Logger;
  /** One line for the person at the terminal. */
  print(line: string): void;
}

export interface EmbeddedPostgres {
  readonly databaseUrl: string;
  /** Settles when the server has ended and could not be started again; never after `stop`. */
  readonly failed: Promise<Error>;
  /** Fast shutdown; after `withinMs` it is cut off, which costs a recovery at the next start and no data. May be repeated. */
  stop(withinMs: number): Promise<void>;
}

export interface OpenOptions {
  readonly dataDir: string;
  readonly holder: Holder;
  /** Kept beside the address of the server, for commands that find it. */
  readonly settings: Settings;
}

export type OpenOutcome =
  | { readonly kind: 'open'; readonly postgres: EmbeddedPostgres }
  /** Another process has this data directory; its id is unknown for a moment while it starts. */
  | { readonly kind: 'already-running'; readonly pid: number | undefined };

/**
 * Opens the PostgreSQL that lives in `dataDir`, which it makes at the first call. It ends with this process, also by
 * `kill -9`, and is started again on the same port when it crashes.
 */
export async function openEmbeddedPostgres(deps: EmbeddedDeps, options: OpenOptions): Promise<OpenOutcome> {
  const binaries = findBinaries();
  const dataDir = await makeDataDir(options.dataDir);
  const lock = takeRunLock(dataDir);
  if (lock === undefined) {
    const holder = await readRunFile(dataDir);
    return { kind: 'already-running', pid: holder?.pid };
  }
  try {
    const postgres = await openLocked(deps, { ...options, dataDir }, binaries, lock);
    return { kind: 'open', postgres };
  } catch (error) {
    await removeRunFile(dataDir);
    lock.release();
    throw error;
  }
}

async function openLocked(
  deps: EmbeddedDeps,
  { dataDir, holder, settings }: OpenOptions,
  binaries: Binaries,
  lock: RunLock,
): Promise<EmbeddedPostgres> {
  await writeRunFile(dataDir, { pid: process.pid, holder, settings, databaseUrl: null });
  const home = await prepareServerHome(dataDir, binaries);
  sayWhere(deps, dataDir, home, binaries);
  const onLine = (line: string): void => logServerLine(deps.log, line);
  const { process: first, port } = await startServer(home, findFreePort, onLine);
  const server = keepServerRunning(deps.log, first, async () => {
    const again = await startServer(home, () => Promise.resolve(port), onLine);
    return again.process;
  });
  const databaseUrl = await databaseUrlOf(home, port);
  await writeRunFile(dataDir, { pid: process.pid, holder, settings, databaseUrl });
  const end = async (withinMs: number): Promise<void> => {
    await server.stop(withinMs);
    await removeRunFile(dataDir);
    lock.release();
  };
  let ending: Promise<void> | undefined;
  return { databaseUrl, failed: server.failed, stop: (withinMs) => (ending ??= end(withinMs)) };
}

/** Its daily routine is for those who look for it; ends of processes are for all. */
function logServerLine(log: Logger, line: string): void {
  const isTrouble = /^(?:FATAL|PANIC|WARNING):|terminated by signal|exited with exit code/.test(line);
  log[isTrouble ? 'warn' : 'debug']({ line }, 'postgres says');
}

function sayWhere(deps: EmbeddedDeps, dataDir: string, home: ServerHome, installed: Binaries): void {
  const moved = [
    ...(home.folder === join(dataDir, 'postgres') ? [] : [`its data are in ${home.folder}`]),
    ...(home.binaries.root === installed.root ? [] : [`its programs are in ${home.binaries.root}`]),
  ];
  if (moved.length > 0) {
    deps.print(`PostgreSQL runs as user ${home.account?.name}, who cannot read here: ${moved.join(', ')}`);
  }
}

async function makeDataDir(dataDir: string): Promise<string> {
  const path = resolve(dataDir);
  try {
    // Under root the server's own account has to pass through; what is secret in there has modes of its own.
    await mkdir(path, { recursive: true, mode: process.getuid?.() === 0 ? 0o755 : 0o700 });
    return await realpath(path);
  } catch (error) {
    throw settingError('DATA_DIR', `${path} cannot be made (${(error as NodeJS.ErrnoException).code ?? 'error'})`);
  }
}
