import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../../shared/app-error.ts';
import type { Binaries } from './binaries.ts';
import type { ServerAccount } from './server-account.ts';
import { syncDirectory } from './sync-directory.ts';

const run = promisify(execFile);

export const DATABASE_USER = 'courant';

const INITDB_OPTIONS = [
  `--username=${DATABASE_USER}`,
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  // The builtin provider sorts the same on every system: an upgrade of libc or ICU cannot corrupt an index.
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--locale=C',
  '--no-instructions',
];

/**
 * Makes `<folder>/cluster` and `<folder>/password`. It appears under its name only when it is whole and on disk, so that
 * a start that is killed in the middle leaves nothing that looks like a database.
 * @param parent where the draft is made; on the same file system as `folder`, which is replaced if it is empty
 */
export async function createCluster(
  parent: string,
  folder: string,
  binaries: Binaries,
  account: ServerAccount | undefined,
): Promise<void> {
  const draft = await mkdtemp(join(parent, 'postgres-draft-'));
  const password = join(draft, 'password');
  try {
    await writePassword(password);
    if (account !== undefined) {
      await Promise.all([draft, password].map((path) => chown(path, account.uid, account.gid)));
    }
    await runInitdb(draft, binaries, account);
    await syncDirectory(draft);
    await rename(draft, folder);
    await syncDirectory(parent);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

async function writePassword(path: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(24).toString('base64url')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** initdb's own fsync is kept: leaving it out saves 0.2 s, once, and would need a marker file to be safe. */
async function runInitdb(draft: string, binaries: Binaries, account: ServerAccount | undefined): Promise<void> {
  const files = [`--pgdata=${join(draft, 'cluster')}`, `--pwfile=${join(draft, 'password')}`];
  // TZ: else it compares the system's zone with all that it knows.
  const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' };
  const identity = account === undefined ? {} : { uid: account.uid, gid: account.gid };
  try {
    await run(binaries.initdb, [...files, ...INITDB_OPTIONS], { cwd: '/', env, ...identity });
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim().split('\n').at(-1);
    throw new AppError('unavailable', 'initdb_failed', `PostgreSQL could not be set up: ${said || String(error)}`, {
      cause: error,
    });
  }
}
