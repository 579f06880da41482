import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { listProcessTree, killEach, waitUntilGone } from '../tests/support/process-tree.ts';
import type { BenchContext } from './benchmark.ts';
import { findFreePort } from '../tests/support/server-process.ts';

const READY_WITHIN_MS = 120_000;
const STOP_WITHIN_MS = 15_000;

export interface StartedProcess {
  readonly pid: number;
  /** From the spawn to the last of the three lines. */
  readonly readyMs: number;
  /** What Ctrl-C does; returns when no process is left. May be called twice. */
  stop(): Promise<void>;
}

/** `node src/main.ts` of a working tree, as `npm start` runs it, with everything embedded. */
export async function spawnStart(context: BenchContext, tree: string, dataDir: string): Promise<StartedProcess> {
  const port = await findFreePort();
  context.stopped.throwIfAborted();
  const startedAt = performance.now();
  const child = spawn(process.execPath, [join('src', 'main.ts')], {
    cwd: tree,
    // None of the settings of whoever runs the benchmark: this is the start without any.
    env: { PATH: process.env['PATH'], DATA_DIR: dataDir, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C ends the benchmark, and the benchmark ends this.
    detached: true,
  });
  const exited = once(child, 'exit');
  const { pid } = child;
  if (pid === undefined) {
    throw new Error('node could not be spawned');
  }
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (isStopped) {
      return;
    }
    isStopped = true;
    const processes = await listProcessTree(pid);
    child.kill('SIGINT');
    const cut = setTimeout(() => killEach(processes), STOP_WITHIN_MS);
    await exited;
    await waitUntilGone(processes).finally(() => clearTimeout(cut));
  };
  context.cleanup.defer(stop);
  const output = { out: '', err: '' };
  child.stderr.on('data', (chunk: Buffer) => (output.err += chunk.toString()));
  const ready = new Promise<number>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output.out += chunk.toString();
      if (isReady(output.out)) {
        resolve(performance.now() - startedAt);
      }
    });
    exited.then(
      () => reject(new Error(`the start failed:\n${output.out}${output.err}`)),
      (error: unknown) => reject(error as Error),
    );
    setTimeout(() => reject(new Error(`not ready in time:\n${output.err}`)), READY_WITHIN_MS).unref();
  });
  return { pid, readyMs: await ready, stop };
}

/** The link for the first admin is the third and last line of a start. */
function isReady(stdout: string): boolean {
  return /^first admin here: \S+\n/m.test(stdout);
}
