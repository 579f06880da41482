import { readdir, readFile } from 'node:fs/promises';
import { waitFor } from './wait-for.ts';

/** This process and all below it, sessions of their own included. Reads /proc: Linux only. */
export async function listProcessTree(root: number): Promise<readonly number[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    const parent = /^\d+$/.test(name) ? await readParent(Number(name)) : undefined;
    if (parent !== undefined) {
      parents.set(Number(name), parent);
    }
  }
  const tree = [root];
  for (const pid of tree) {
    tree.push(...[...parents].filter(([, parent]) => parent === pid).map(([child]) => child));
  }
  return tree;
}

/** Undefined when it is gone or only waits to be collected. */
async function readParent(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === undefined || state === 'Z' || parent === undefined ? undefined : Number(parent);
}

/** Those whose command line holds this text. */
export async function findProcesses(pids: readonly number[], text: string): Promise<readonly number[]> {
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return pids.filter((_, index) => commands[index]?.includes(text) === true);
}

export async function waitUntilGone(pids: readonly number[], deadlineMs = 15_000): Promise<void> {
  await waitFor(
    `the end of processes ${pids.join(', ')}`,
    async () => (await Promise.all(pids.map(readParent))).every((parent) => parent === undefined),
    deadlineMs,
  );
}

/** Kills all at once: they are stopped first, so that none can react to the end of another. */
export function killEach(pids: readonly number[]): void {
  for (const signal of ['SIGSTOP', 'SIGKILL'] as const) {
    for (const pid of pids) {
      try {
        process.kill(pid, signal);
      } catch {
        // It ended by itself.
      }
    }
  }
}
