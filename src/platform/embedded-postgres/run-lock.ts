import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { settingError } from '../../shared/app-error.ts';

export interface RunLock {
  release(): void;
}

const SQLITE_BUSY = 5;

/**
 * The one owner of a data directory; undefined while another process is it. Node has no flock, and files with process
 * ids in them race and outlive a `kill -9`. An empty SQLite file gives the kernel's own lock, which ends with its process.
 * Nothing else may open that file here: closing any descriptor of it would drop the lock (POSIX fcntl).
 */
export function takeRunLock(dataDir: string): RunLock | undefined {
  const database = openLockFile(join(dataDir, 'lock'));
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if ((error as { errcode?: unknown }).errcode === SQLITE_BUSY) {
      return undefined;
    }
    throw error;
  }
  return { release: () => database.close() };
}

function openLockFile(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: 0 });
  } catch {
    throw settingError('DATA_DIR', `${path} cannot be opened; it may belong to another user`);
  }
}
