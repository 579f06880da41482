import type { TestProject } from 'vitest/node';
import { migrateAll } from '../../../src/migrate.ts';
import { createLogger } from '../../../src/platform/logging/index.ts';
import { TEMPLATE, databaseUrl, withClient } from '../databases.ts';
import { startPostgres } from '../postgres-server.ts';
import { sharedValue } from './shared-value.ts';

/** One PostgreSQL per run, with the migrated database that every test database is a copy of. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  return sharedValue(project, 'postgresUrl', async () => {
    const server = await startPostgres();
    await createTemplateDatabase(server.url);
    return { value: server.url, stop: server.stop };
  });
}

async function createTemplateDatabase(serverUrl: string): Promise<void> {
  await withClient(serverUrl, (client) => client.query(`CREATE DATABASE ${TEMPLATE}`));
  await migrateAll(databaseUrl(serverUrl, TEMPLATE), createLogger('error', 'test'));
  await withClient(serverUrl, (client) =>
    client.query(`ALTER DATABASE ${TEMPLATE} ALLOW_CONNECTIONS false IS_TEMPLATE true`),
  );
}
