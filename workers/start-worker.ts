import type { Deps } from '../src/compose.ts';
import { openDatabase } from '../src/platform/postgres/index.ts';
import { startQueueWorkers } from '../src/platform/queue/index.ts';
import { startEngine } from '../src/sending/index.ts';
import type { EngineTiming } from '../src/sending/index.ts';
import { createRegistry } from './registry.ts';
import { startDueWatch } from './due-watch.ts';
import { startSchedule } from './schedule.ts';

export interface StartedWorker {
  /** Takes no more jobs, starts no new message, waits for replies until the deadline. */
  stop(withinMs: number): Promise<void>;
}

/** The heartbeat and the commits before final dots must never wait behind jobs for a connection. */
const ENGINE_CONNECTIONS = 6;

/** @param timing for those who do not want to wait: tests of crashes, the demonstration */
export async function startWorker(deps: Deps, timing?: EngineTiming): Promise<StartedWorker> {
  const { log, databaseUrl } = deps;
  const { publicUrl, bounceDomain } = deps.config;
  const own = openDatabase(databaseUrl, { log, name: 'engine', maxConnections: ENGINE_CONNECTIONS });
  const engine = await startEngine({ ...deps, publicUrl, bounceDomain, db: own.db }, timing);
  const workers = startQueueWorkers(
    { databaseUrl, redisUrl: deps.config.redisUrl, log },
    createRegistry({ ...deps, engine }),
  );
  const clockwork = startSchedule({ producer: deps.queue, log });
  const dueWatch = startDueWatch({ ...deps, engine });
  // What became due while nothing ran does not have to wait for the clock.
  deps.doorbell.ring('sweep', {});
  return {
    stop: async (withinMs) => {
      clockwork.stop();
      dueWatch.stop();
      await Promise.all([workers.close(withinMs), engine.stop(withinMs)]);
      await own.close();
    },
  };
}
