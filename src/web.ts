/** The web role: pages, API and, while no relay is set, the local inbox. Any number of them on one database. */
import { compose } from './compose.ts';
import { parseConfig } from './config/index.ts';
import { migrateAll } from './migrate.ts';
import { runRole } from './platform/lifecycle/index.ts';
import { createLogger } from './platform/logging/index.ts';
import { startWeb } from './start-web.ts';

const STOP_WITHIN_MS = 10_000;
/** Under `npm start`, where everything ends within ten seconds and the worker needs most of them. */
const SUPERVISED_STOP_MS = 800;
const isSupervised = process.env['COURANT_SUPERVISED'] === '1';
const MAX_CONNECTIONS = 10;

runRole({
  name: 'web',
  stopWithinMs: isSupervised ? SUPERVISED_STOP_MS : STOP_WITHIN_MS,
  start: async () => {
    const config = parseConfig(process.env);
    // npm start has migrated before it starts the roles.
    if (config.databaseUrl !== undefined && !isSupervised) {
      await migrateAll(config.databaseUrl, createLogger(config.logLevel, 'web'));
    }
    const { deps, close } = await compose(config, { role: 'web', maxConnections: MAX_CONNECTIONS });
    const web = await startWeb(deps);
    deps.log.info({ port: web.port }, 'web is ready');
    return {
      ready: { port: web.port },
      stop: async (withinMs) => {
        await web.stop(withinMs);
        await close();
      },
    };
  },
});
