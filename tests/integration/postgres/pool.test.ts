import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/platform/logging/index.ts';
import {
  isDatabaseUnavailable,
  isUniqueViolation,
  openDatabase,
  pingDatabase,
} from '../../../src/platform/postgres/index.ts';
import type { OpenDatabase } from '../../../src/platform/postgres/index.ts';
import { createTestDatabase } from '../../support/databases.ts';
import { startPostgres } from '../../support/postgres-server.ts';
import { findFreePort } from '../../support/server-process.ts';
import { waitFor } from '../../support/wait-for.ts';

const log = createLogger('silent', 'test');

async function onDatabase(use: (open: OpenDatabase) => Promise<void>): Promise<void> {
  const database = await createTestDatabase();
  const open = openDatabase(database.url, { log, name: 'test', maxConnections: 3 });
  try {
    await use(open);
  } finally {
    await open.close();
    await database.drop();
  }
}

function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('the database pool', () => {
  it('gives identities and counts as numbers, alone and in arrays', () =>
    onDatabase(async ({ db }) => {
      const { rows } =
        await sql`select 9007199254740991::bigint as id, array[1, 2]::bigint[] as ids, count(*) as n`.execute(db);

      expect(rows).toEqual([{ id: 9_007_199_254_740_991, ids: [1, 2], n: 1 }]);
    }));

  it('does not end the process when the server goes away inside of a transaction, and heals by itself', async () => {
    const server = await startPostgres();
    const { db, close } = openDatabase(server.url, { log, name: 'test', maxConnections: 3 });
    try {
      await pingDatabase(db);
      const failure = failureOf(
        db.transaction().execute(async (tx) => {
          await sql`select 1`.execute(tx);
          await server.kill('SIGKILL');
          // A backend may outlive its postmaster for a moment and answer.
          for (;;) {
            await sql`select pg_sleep(0.01)`.execute(tx);
          }
        }),
      );

      expect(isDatabaseUnavailable(await failure)).toBe(true);
      expect(isDatabaseUnavailable(await failureOf(sql`select 1`.execute(db)))).toBe(true);
      await expect(pingDatabase(db)).rejects.toMatchObject({ kind: 'unavailable', code: 'database_unavailable' });

      await server.restart();
      await waitFor('the pool to heal', () => pingDatabase(db).then(() => true), 15_000);
    } finally {
      await close();
      await server.stop();
    }
  }, 60_000);

  it('says of a server that is not there that it does not answer', async () => {
    const url = `postgres://nobody@127.0.0.1:${await findFreePort()}/none`;
    const { db, close } = openDatabase(url, { log, name: 'test', maxConnections: 1 });

    const failure = await failureOf(sql`select 1`.execute(db));

    expect(isDatabaseUnavailable(failure)).toBe(true);
    await close();
  });

  it('tells a statement that PostgreSQL refused from a server that does not answer', () =>
    onDatabase(async ({ db }) => {
      await sql`create table once (id int primary key, name text constraint once_name unique)`.execute(db);
      await sql`insert into once values (1, 'a')`.execute(db);

      const twice = await failureOf(sql`insert into once values (2, 'a')`.execute(db));
      const wrong = await failureOf(sql`select nonsense`.execute(db));

      expect([isUniqueViolation(twice), isUniqueViolation(twice, 'once_name')]).toEqual([true, true]);
      expect([isUniqueViolation(twice, 'once_pkey'), isUniqueViolation(wrong)]).toEqual([false, false]);
      expect([isDatabaseUnavailable(twice), isDatabaseUnavailable(wrong)]).toEqual([false, false]);
    }));
});
