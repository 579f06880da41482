import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refuseForeignKeys } from '../../../src/ops/index.ts';
import { createLogger } from '../../../src/platform/logging/index.ts';
import { openDatabase } from '../../../src/platform/postgres/index.ts';
import type { OpenDatabase } from '../../../src/platform/postgres/index.ts';
import { createKeyring } from '../../../src/shared/keyring.ts';
import { createTestDatabase } from '../../support/databases.ts';
import type { TestDatabase } from '../../support/databases.ts';

const FIRST = 'the first secret of the tests, long enough to pass';
const SECOND = 'the second secret of the tests, long enough to pass';
const NOW = new Date('2026-11-23T07:00:00Z');
let database: TestDatabase;
let open: OpenDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  open = openDatabase(database.url, { log: createLogger('silent', 'test'), name: 'test', maxConnections: 4 });
});
afterAll(async () => {
  await open.close();
  await database.drop();
});

const start = (...secrets: readonly string[]): Promise<void> => refuseForeignKeys(open.db, createKeyring(secrets), NOW);

describe('the SECRET_KEY of a database', () => {
  it('is remembered at the first start, also when two processes start at once', async () => {
    await expect(Promise.all([start(FIRST), start(FIRST)])).resolves.toBeDefined();
  });

  it('may not be exchanged: every link in every mail that has left would be dead', async () => {
    await expect(start(SECOND)).rejects.toMatchObject({
      kind: 'setting',
      code: 'setting_invalid',
      message: expect.stringMatching(/^SECRET_KEY: is not the key this database was made with/),
    });
  });

  it('may get a successor that signs, and then both are needed', async () => {
    await start(SECOND, FIRST);

    await expect(start(SECOND)).rejects.toMatchObject({ code: 'setting_invalid' });
    await expect(start(FIRST)).rejects.toMatchObject({ code: 'setting_invalid' });
    await expect(start(FIRST, SECOND)).resolves.toBeUndefined();
  });

  it('is not stored itself', async () => {
    const rows = await open.db.selectFrom('settings').selectAll().execute();

    expect(JSON.stringify(rows)).not.toContain('secret of the tests');
  });
});
