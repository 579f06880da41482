import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '../../tests/support/wait-for.ts';
import type { BenchContext } from '../benchmark.ts';
import { startRole } from '../role-process.ts';
import type { RoleProcess, RoleSettings } from '../role-process.ts';

export interface LoopDelay {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface MeasuredWorker extends RoleProcess {
  /** How late the event loop was since the last call, or the start. */
  readLoopDelay(): Promise<LoopDelay>;
}

/** `npm run worker` as a process, whose event loop is watched from within. */
export async function startMeasuredWorker(context: BenchContext, settings: RoleSettings): Promise<MeasuredWorker> {
  const folder = await mkdtemp(join(tmpdir(), 'courant-bench-'));
  context.cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'loop-delay.json');
  const worker = await startRole(
    context,
    'worker',
    { ...settings, BENCH_LOOP_DELAY: file },
    { profiled: true, execArgv: ['--import', new URL('loop-delay.ts', import.meta.url).href] },
  );
  return {
    ...worker,
    readLoopDelay: async () => {
      await rm(file, { force: true });
      process.kill(worker.pid, 'SIGUSR2');
      const text = await waitFor('the worker to tell how late it was', () =>
        readFile(file, 'utf8').catch(() => undefined),
      );
      return JSON.parse(text) as LoopDelay;
    },
  };
}
