import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { waitFor } from './wait-for.ts';

/** Made once per run by setup/postgres.ts. */
export const TEMPLATE = 'courant_template';

export interface TestDatabase {
  readonly url: string;
  /** @throws Error when something still holds a connection: the test forgot to close what it opened. */
  drop(): Promise<void>;
}

/** A fresh, migrated database of its own, for one test file. */
export function createTestDatabase(): Promise<TestDatabase> {
  return createDatabase(TEMPLATE);
}

/** Without a single table: what a restore or the first start finds. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return createDatabase('template0');
}

async function createDatabase(template: string): Promise<TestDatabase> {
  const serverUrl = inject('postgresUrl');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await withClient(serverUrl, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`));
  return {
    url: databaseUrl(serverUrl, name),
    drop: () =>
      withClient(serverUrl, async (client) => {
        try {
          await waitFor(`${name} to have no connection`, () => hasNoConnection(client, name), 2000);
        } finally {
          await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
        }
      }),
  };
}

async function hasNoConnection(client: pg.Client, database: string): Promise<boolean> {
  const { rows } = await client.query<{ application_name: string; query: string }>(
    `SELECT application_name, query FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'`,
    [database],
  );
  const [open] = rows;
  if (open !== undefined) {
    throw new Error(`${rows.length} left open, one by "${open.application_name}": ${open.query}`);
  }
  return true;
}

export async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'courant-tests' });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

export function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
