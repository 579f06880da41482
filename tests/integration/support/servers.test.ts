import pg from 'pg';
import { Redis } from 'ioredis';
import { expect, inject, it } from 'vitest';
import { createTestDatabase } from '../../support/databases.ts';
import { startPostgres } from '../../support/postgres-server.ts';
import { createTestRedisUrl } from '../../support/queue.ts';
import { startRedis } from '../../support/redis-server.ts';

it('gives each test file a migrated database of its own', async () => {
  const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  const client = new pg.Client({ connectionString: one.url });
  await client.connect();

  const { rows } = await client.query('SELECT count(*)::int AS migrations FROM schema_migrations');

  expect(one.url).not.toBe(other.url);
  expect(rows).toEqual([{ migrations: expect.toSatisfy((count: number) => count > 0) }]);
  await client.end();
  await Promise.all([one.drop(), other.drop()]);
});

it('says who left a connection open when a database is dropped', async () => {
  const database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.url, application_name: 'forgotten' });
  client.on('error', () => undefined);
  await client.connect();

  await expect(database.drop()).rejects.toMatchObject({ cause: { message: expect.stringContaining('"forgotten"') } });
});

it('gives each test file an empty Redis database where the queue is Redis', async () => {
  const urls = [await createTestRedisUrl(), await createTestRedisUrl()];

  const expected = inject('queue') === 'postgres' ? { urls: [undefined], taken: 1 } : { urls, taken: 2 };
  expect({ urls: [...new Set(urls)], taken: new Set(urls).size }).toEqual(expected);
});

it('brings PostgreSQL back with its committed rows after kill -9', async () => {
  const postgres = await startPostgres({ durable: true });
  const before = new pg.Client({ connectionString: postgres.url });
  before.on('error', () => undefined);
  await before.connect();
  await before.query('CREATE TABLE kept AS SELECT 1 AS one');

  await postgres.kill('SIGKILL');
  await postgres.restart();

  const after = new pg.Client({ connectionString: postgres.url });
  await after.connect();
  expect((await after.query('SELECT one FROM kept')).rows).toEqual([{ one: 1 }]);
  await after.end();
  await postgres.stop();
});

it('brings Redis back empty after kill -9', async () => {
  const server = await startRedis();
  const redis = new Redis(server.url);
  redis.on('error', () => undefined);
  await redis.set('lost', 'yes');

  await server.kill('SIGKILL');
  await server.restart();

  expect(await redis.get('lost')).toBeNull();
  redis.disconnect();
  await server.stop();
});
