import { readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from './run-file.ts';

/** PostgreSQL's own note in its data directory (miscadmin.h, LOCK_FILE_LINE_*). */
export interface PostmasterFile {
  readonly pid: number;
  readonly isReady: boolean;
  /** Tells one run of a server from the next. */
  readonly text: string;
}

const PID_LINE = 0;
const STATUS_LINE = 7;

export async function readPostmasterFile(cluster: string): Promise<PostmasterFile | undefined> {
  try {
    const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8');
    const lines = text.split('\n');
    return { pid: Number(lines[PID_LINE]), isReady: lines[STATUS_LINE]?.trim() === 'ready', text };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

/**
 * The process of an earlier server that still runs here, undefined if there is none. After a kill its process id may
 * belong to somebody else, above all in a container, and PostgreSQL would refuse to start: then the file is removed.
 */
export async function findLeftoverServer(cluster: string): Promise<number | undefined> {
  const file = await readPostmasterFile(cluster);
  if (file === undefined || !isAlive(file.pid)) {
    return undefined;
  }
  if (await worksElsewhere(file.pid, cluster)) {
    await rm(join(cluster, 'postmaster.pid'), { force: true });
    return undefined;
  }
  return file.pid;
}

/** A server's working directory is its cluster. Without /proc we cannot know, and PostgreSQL's own check decides. */
async function worksElsewhere(pid: number, cluster: string): Promise<boolean> {
  try {
    return (await readlink(`/proc/${pid}/cwd`)) !== cluster;
  } catch {
    return false;
  }
}
