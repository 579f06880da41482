import { chmod, cp, mkdir, mkdtemp, readdir, realpath, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { settingError } from '../../shared/app-error.ts';
import { binariesIn } from './binaries.ts';
import type { Binaries } from './binaries.ts';
import { createCluster } from './create-cluster.ts';
import { canRun, chooseServerAccount } from './server-account.ts';
import type { ServerAccount } from './server-account.ts';
import { syncDirectory } from './sync-directory.ts';

/** For root: reachable by every user, whatever the modes of the folders that Courant was started in. */
const SHARED_HOME = '/var/lib/courant';

/** All that a server needs to start. */
export interface ServerHome {
  /** Holds `cluster` (PostgreSQL's data directory) and `password`; an absolute path without links. */
  readonly folder: string;
  readonly binaries: Binaries;
  /** Undefined: runs as ourselves. */
  readonly account: ServerAccount | undefined;
}

/** Finds the cluster of this data directory or makes it. The caller holds the run lock. */
export async function prepareServerHome(dataDir: string, installed: Binaries): Promise<ServerHome> {
  const existing = await findClusterFolder(dataDir);
  const account = await chooseServerAccount(existing);
  const binaries = await reachableBinaries(installed, account);
  const folder = existing ?? (await makeClusterFolder(dataDir, binaries, account));
  if (existing !== undefined && !(await canReach(account, existing))) {
    throw settingError(
      'DATA_DIR',
      `PostgreSQL runs as user ${account?.name}, who cannot reach ${existing}; let others pass the folders above it`,
    );
  }
  return { folder, binaries, account };
}

async function findClusterFolder(dataDir: string): Promise<string | undefined> {
  const path = join(dataDir, 'postgres');
  if (!(await readdir(dataDir)).includes('postgres')) {
    return undefined;
  }
  try {
    return await realpath(path);
  } catch {
    throw settingError('DATA_DIR', `${path} leads nowhere: the data of PostgreSQL were moved or deleted`);
  }
}

async function makeClusterFolder(
  dataDir: string,
  binaries: Binaries,
  account: ServerAccount | undefined,
): Promise<string> {
  await removeDrafts(dataDir);
  const path = join(dataDir, 'postgres');
  if (await canReach(account, dataDir)) {
    await createCluster(dataDir, path, binaries, account);
    return path;
  }
  await openSharedHome();
  // A random name, not one made from DATA_DIR: who deletes DATA_DIR wants an empty database at the next start.
  const folder = await mkdtemp(join(SHARED_HOME, 'postgres-'));
  await createCluster(SHARED_HOME, folder, binaries, account);
  await symlink(folder, path);
  await syncDirectory(dataDir);
  return folder;
}

/** The modes are set because of the umask that root may have. */
async function openSharedHome(): Promise<void> {
  await mkdir(SHARED_HOME, { recursive: true });
  await chmod(SHARED_HOME, 0o755);
}

/** What starts that were killed left behind; an orphaned initdb may still be writing there for a moment. */
async function removeDrafts(dataDir: string): Promise<void> {
  const drafts = (await readdir(dataDir)).filter((name) => name.startsWith('postgres-draft-'));
  await Promise.all(drafts.map((name) => rm(join(dataDir, name), { recursive: true, force: true, maxRetries: 10 })));
}

async function canReach(account: ServerAccount | undefined, folder: string): Promise<boolean> {
  return account === undefined || canRun(account, '/bin/sh', ['-c', 'cd "$1"', 'sh', folder]);
}

/** When the account cannot run the installed ones, a copy is made, once for each build. */
async function reachableBinaries(installed: Binaries, account: ServerAccount | undefined): Promise<Binaries> {
  if (account === undefined || (await canRun(account, installed.postgres, ['--version']))) {
    return installed;
  }
  const copy = binariesIn(join(SHARED_HOME, installed.build), installed.build);
  if (await canRun(account, copy.postgres, ['--version'])) {
    return copy;
  }
  await openSharedHome();
  const draft = await mkdtemp(join(SHARED_HOME, 'copy-'));
  await copyForAll(installed.root, draft);
  await rm(copy.root, { recursive: true, force: true });
  await rename(draft, copy.root);
  return copy;
}

/** Readable for all, whatever the umask of `npm ci` was; without the static libraries nobody needs to run it. */
async function copyForAll(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, verbatimSymlinks: true, filter: (source) => !source.endsWith('.a') });
  await chmod(to, 0o755);
  for (const entry of await readdir(to, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) {
      const isProgram = entry.isDirectory() || entry.parentPath === join(to, 'bin');
      await chmod(join(entry.parentPath, entry.name), isProgram ? 0o755 : 0o644);
    }
  }
}
