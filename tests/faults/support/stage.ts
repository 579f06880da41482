import pino from 'pino';
import { sql } from 'kysely';
import { inject } from 'vitest';
import { compose } from '../../../src/compose.ts';
import type { Composed } from '../../../src/compose.ts';
import { parseConfig } from '../../../src/config/index.ts';
import { migrateAll } from '../../../src/migrate.ts';
import { seed } from '../../../src/start-web.ts';
import { databaseUrl, withClient } from '../../support/databases.ts';
import { startPostgres } from '../../support/postgres-server.ts';
import type { TestPostgres } from '../../support/postgres-server.ts';
import { addReaders } from '../../support/readers.ts';
import { startRedis } from '../../support/redis-server.ts';
import type { TestRedis } from '../../support/redis-server.ts';

const TEMPLATE = 'fault_template';
export const log = pino({ level: process.env['TEST_LOG'] ?? 'silent' });

export type Environment = Readonly<Record<string, string>>;

/** A server that keeps its promises (fsync is on) and a database of readers in it, of which each scene has a copy. */
export interface Stage {
  readonly postgres: TestPostgres;
  readonly redis: TestRedis | undefined;
  readonly readers: number;
  /** Settings of a fresh database, less the relay. */
  prepare(): Promise<Environment>;
  close(): Promise<void>;
}

export async function startStage(options: { readonly readers: number }): Promise<Stage> {
  const postgres = await startPostgres({ durable: true });
  const redis = inject('queue') === 'redis' ? await startRedis() : undefined;
  let scenes = 0;

  const settings = (name: string): Environment => ({
    DATABASE_URL: databaseUrl(postgres.url, name),
    ...(redis === undefined ? {} : { REDIS_URL: `${redis.url}/${scenes}` }),
    SECRET_KEY: 'a secret of the tests that is long enough',
    MAIL_FROM: 'news@courant.example',
    POSTAL_ADDRESS: 'Paper Street 1, 10117 Berlin',
    LOG_LEVEL: process.env['TEST_LOG'] ?? 'silent',
  });
  const administer = (statement: string): Promise<unknown> =>
    withClient(postgres.url, (client) => client.query(statement));

  await administer(`CREATE DATABASE ${TEMPLATE}`);
  await migrateAll(databaseUrl(postgres.url, TEMPLATE), log);
  await peopleTemplate(await composeScene({ ...settings(TEMPLATE), SMTP_URL: 'smtp://127.0.0.1:1' }), options.readers);
  return {
    postgres,
    redis,
    readers: options.readers,
    prepare: async () => {
      scenes += 1;
      const name = `scene_${scenes}`;
      const environment = settings(name);
      // It goes with the server: a drop would wait for a checkpoint.
      await administer(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
      return environment;
    },
    close: async () => {
      await redis?.stop();
      await postgres.stop();
    },
  };
}

export function composeScene(environment: Environment): Promise<Composed> {
  return compose(parseConfig(environment), { role: 'test', maxConnections: 4, log });
}

async function peopleTemplate({ deps, close }: Composed, readers: number): Promise<void> {
  await seed(deps);
  await addReaders(deps, readers);
  // Names that stand out, so that one who is greeted by another's name is found.
  await sql`update subscribers set name = 'N' || id || 'N'`.execute(deps.db);
  await close();
}
