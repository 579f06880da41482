import type { Deps } from '../src/compose.ts';
import { startQueueWorkers } from '../src/platform/queue/index.ts';
import { startEngine } from '../src/sending/index.ts';
import { createRegistry } from './registry.ts';
import { startDueWatch } from './due-watch.ts';
import { startSchedule } from './schedule.ts';

export interface StartedWorker {
  /** Takes no more jobs, starts no new message, waits for replies until the deadline. */
  stop(withinMs: number): Promise<void>;
}

export async function startWorker(deps: Deps): Promise<StartedWorker> {
  const engine = await startEngine({ ...deps, publicUrl: deps.config.publicUrl });
  const workers = startQueueWorkers(
    { databaseUrl: deps.databaseUrl, redisUrl: deps.config.redisUrl, log: deps.log },
    createRegistry({ ...deps, engine }),
  );
  const clockwork = startSchedule({ producer: deps.queue, log: deps.log });
  const dueWatch = startDueWatch(deps);
  // What became due while nothing ran does not have to wait for the clock.
  deps.doorbell.ring('sweep', {});
  return {
    stop: async (withinMs) => {
      clockwork.stop();
      dueWatch.stop();
      await Promise.all([workers.close(withinMs), engine.stop(withinMs)]);
    },
  };
}
