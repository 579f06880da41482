import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { compose } from '../src/compose.ts';
import type { Composed } from '../src/compose.ts';
import { parseConfig } from '../src/config/index.ts';
import { migrateAll } from '../src/migrate.ts';
import { createLogger } from '../src/platform/logging/index.ts';
import { seed } from '../src/start-web.ts';
import { startPostgres } from '../tests/support/postgres-server.ts';
import type { BenchContext } from './benchmark.ts';
import type { RoleSettings } from './role-process.ts';

/** Of databases that live for minutes on the loopback interface. */
const SECRET_KEY = randomBytes(48).toString('base64');

export interface BenchServer {
  /** An empty database of this server, dropped at the end. Returns its URL. */
  createDatabase(): Promise<string>;
  /** For the reader of the figures: whose server, and whether it waits for the disk. */
  readonly note: string;
}

/** The server of DATABASE_URL, in databases of its own there; unset, one that is started for this run, fsync on. */
export async function openBenchServer(context: BenchContext): Promise<BenchServer> {
  const given = process.env['DATABASE_URL'] || undefined;
  const url = given ?? (await startOwnServer(context));
  const fsync = await withClient(url, async (client) => {
    const { rows } = await client.query<{ setting: string }>(
      `select string_agg(name || ' ' || setting, ', ' order by name) as setting from pg_settings
       where name in ('fsync', 'synchronous_commit', 'server_version', 'shared_buffers')`,
    );
    return rows[0]?.setting ?? '';
  });
  return {
    note: `PostgreSQL ${given === undefined ? 'started for this run' : 'of DATABASE_URL'}: ${fsync}`,
    createDatabase: async () => {
      const name = `courant_bench_${randomBytes(6).toString('hex')}`;
      await withClient(url, (client) => client.query(`create database ${name}`));
      context.cleanup.defer(async () => {
        await withClient(url, (client) => client.query(`drop database if exists ${name} with (force)`));
      });
      const own = new URL(url);
      own.pathname = `/${name}`;
      return own.href;
    },
  };
}

async function startOwnServer(context: BenchContext): Promise<string> {
  const server = await startPostgres({ durable: true });
  context.cleanup.defer(() => server.stop());
  return server.url;
}

/**
 * What web and worker need to run on a bench database. Limits stay on, and readers are told apart by X-Forwarded-For; but the load is far
 * more than is usual, and would be asked for a proof of work or to come back later.
 */
export function settingsFor(databaseUrl: string, more: RoleSettings = {}): RoleSettings {
  return {
    DATABASE_URL: databaseUrl,
    SECRET_KEY,
    POSTAL_ADDRESS: 'Bench Lane 1, 12345 Loopback',
    TRUST_PROXY: 'loopback',
    SIGNUP_PROOF_OF_WORK: 'off',
    SIGNUP_LIMIT_PER_MINUTE: '1000000000',
    ...more,
  };
}

/** Migrates, and writes what every Courant begins with: The Weekly and the sample legal texts. */
export async function prepareDatabase(databaseUrl: string): Promise<void> {
  await migrateAll(databaseUrl, createLogger('warn', 'bench'));
  const { deps, close } = await composeBench(settingsFor(databaseUrl));
  try {
    await seed(deps);
  } finally {
    await close();
  }
}

/** The same dependencies as a web process has, in this one. The caller closes them. */
export function composeBench(settings: RoleSettings): Promise<Composed> {
  const config = parseConfig({ LOG_LEVEL: 'warn', ...settings });
  return compose(config, { role: 'bench', maxConnections: 2 });
}

export async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'courant-bench' });
  // The server goes away at Ctrl-C; the query under way tells.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** One row of numbers; `count(*)` and other bigints included. */
export async function readNumbers<Name extends string>(
  client: pg.Client,
  names: readonly Name[],
  query: string,
  values: readonly unknown[] = [],
): Promise<Readonly<Record<Name, number>>> {
  const { rows } = await client.query<Record<Name, unknown>>(query, [...values]);
  const entries = names.map((name) => [name, Number(rows[0]?.[name])]);
  return Object.fromEntries(entries) as Record<Name, number>;
}
