import { setTimeout as delay } from 'node:timers/promises';
import { asError } from '../../shared/app-error.ts';
import type { Logger } from '../logging/index.ts';
import type { GuardedProcess } from './guarded-process.ts';

export interface KeptServer {
  /** Settles when it ended and could not be started again. */
  readonly failed: Promise<Error>;
  stop(withinMs: number): Promise<void>;
}

/** A server that lived this long has earned another row of starts. */
const STABLE_MS = 60_000;
const STARTS_IN_A_ROW = 3;
/** What SIGQUIT gets before SIGKILL. */
const QUIT_WITHIN_MS = 300;

/** Starts a crashed server again, on the port that the roles know; their pools reconnect by themselves. */
export function keepServerRunning(
  log: Logger,
  first: GuardedProcess,
  startAgain: () => Promise<GuardedProcess>,
): KeptServer {
  let current = Promise.resolve(first);
  let stopping = false;
  const watch = async (): Promise<Error> => {
    let starts = 0;
    for (;;) {
      const server = await current;
      const since = performance.now();
      const end = await server.exited;
      if (stopping) {
        return new Promise<Error>(() => undefined);
      }
      starts = performance.now() - since > STABLE_MS ? 1 : starts + 1;
      log.error({ end, starts }, 'postgres ended unexpectedly');
      if (starts > STARTS_IN_A_ROW) {
        return new Error(`PostgreSQL ended ${starts} times in a row (${end})`);
      }
      current = startAgain();
    }
  };
  return {
    failed: watch().catch(asError),
    stop: async (withinMs) => {
      stopping = true;
      const server = await current.catch(() => undefined);
      if (server !== undefined) {
        await stopProcess(log, server, withinMs);
      }
    },
  };
}

async function stopProcess(log: Logger, server: GuardedProcess, withinMs: number): Promise<void> {
  const ended = server.exited.then(() => true);
  server.askToStop();
  if (await Promise.race([ended, delay(withinMs, false, { ref: false })])) {
    return;
  }
  log.warn('postgres is cut off; it recovers at the next start');
  server.signal('SIGQUIT');
  if (!(await Promise.race([ended, delay(QUIT_WITHIN_MS, false, { ref: false })]))) {
    server.signal('SIGKILL');
    await ended;
  }
}
