import { readFile } from 'node:fs/promises';
import { listProcessTree } from '../tests/support/process-tree.ts';

export interface MemoryUse {
  readonly processes: number;
  /** Proportional: a page that several processes share counts once in all. What the machine really gives. */
  readonly pssMb: number;
  /** Resident: a shared page counts once for each process, so the sum is too high. What most tools show. */
  readonly rssMb: number;
}

const KB_PER_MB = 1024;

/** A process and all below it. Reads /proc: Linux only, and needs to be root or the owner of each process. */
export async function measureTreeMemory(root: number): Promise<MemoryUse> {
  const pids = await listProcessTree(root);
  const rollups = await Promise.all(pids.map(readRollup));
  const alive = rollups.filter((rollup) => rollup !== undefined);
  return {
    processes: alive.length,
    pssMb: alive.reduce((sum, { pssKb }) => sum + pssKb, 0) / KB_PER_MB,
    rssMb: alive.reduce((sum, { rssKb }) => sum + rssKb, 0) / KB_PER_MB,
  };
}

/** The most that one process ever had resident. */
export async function readPeakMemoryMb(pid: number): Promise<number> {
  return readKilobytes(await readFile(`/proc/${pid}/status`, 'utf8'), 'VmHWM') / KB_PER_MB;
}

async function readRollup(pid: number): Promise<{ readonly pssKb: number; readonly rssKb: number } | undefined> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch((error: NodeJS.ErrnoException) => {
    // It ended while the tree was walked.
    if (error.code === 'ENOENT' || error.code === 'ESRCH') {
      return '';
    }
    throw error;
  });
  return text === '' ? undefined : { pssKb: readKilobytes(text, 'Pss'), rssKb: readKilobytes(text, 'Rss') };
}

/** From lines such as `Pss:      12345 kB`. */
export function readKilobytes(text: string, name: string): number {
  const match = new RegExp(String.raw`^${name}:\s+(\d+) kB$`, 'm').exec(text);
  if (match?.[1] === undefined) {
    throw new Error(`the kernel does not tell ${name}`);
  }
  return Number(match[1]);
}
