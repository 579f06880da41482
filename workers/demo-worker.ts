/**
 * The worker of `courant demo crash` and of the crash tests: the same, but it takes over from a dead one within four seconds. Ends with the
 * process that started it.
 */
import { compose } from '../src/compose.ts';
import { parseConfig } from '../src/config/index.ts';
import { runRole } from '../src/platform/lifecycle/index.ts';
import { QUICK_LEASE } from '../src/sending/index.ts';
import { startWorker } from './start-worker.ts';

const STOP_WITHIN_MS = 6000;
const CLOSE_MS = 1000;

runRole({
  name: 'worker',
  stopWithinMs: STOP_WITHIN_MS,
  start: async () => {
    const { deps, close } = await compose(parseConfig(process.env), { role: 'worker', maxConnections: 4 });
    const worker = await startWorker(deps, QUICK_LEASE);
    return {
      ready: {},
      stop: async (withinMs) => {
        await worker.stop(withinMs - CLOSE_MS);
        await close();
      },
    };
  },
});
