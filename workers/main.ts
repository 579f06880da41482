/** The worker role: jobs and the sending engine. Any number of them, on any number of hosts. */
import { compose } from '../src/compose.ts';
import { parseConfig } from '../src/config/index.ts';
import { migrateAll } from '../src/migrate.ts';
import { runRole } from '../src/platform/lifecycle/index.ts';
import { createLogger } from '../src/platform/logging/index.ts';
import { startWorker } from './start-worker.ts';

/** A server has this long to answer the messages under way; then they are ambiguous, and listed. */
const STOP_WITHIN_MS = 20_000;
/** Under `npm start` everything ends within ten seconds. */
const SUPERVISED_STOP_MS = 7500;
const CLOSE_MS = 1000;
const MAX_CONNECTIONS = 8;
const isSupervised = process.env['COURANT_SUPERVISED'] === '1';

runRole({
  name: 'worker',
  stopWithinMs: isSupervised ? SUPERVISED_STOP_MS : STOP_WITHIN_MS,
  start: async () => {
    const config = parseConfig(process.env);
    // npm start has migrated before it starts the roles.
    if (config.databaseUrl !== undefined && !isSupervised) {
      await migrateAll(config.databaseUrl, createLogger(config.logLevel, 'worker'));
    }
    const { deps, close } = await compose(config, { role: 'worker', maxConnections: MAX_CONNECTIONS });
    const worker = await startWorker(deps);
    deps.log.info('worker is ready');
    return {
      ready: {},
      stop: async (withinMs) => {
        await worker.stop(withinMs - CLOSE_MS);
        await close();
      },
    };
  },
});
