import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { randomBytes } from 'node:crypto';
import { migrateAll } from '../../../src/migrate.ts';
import { createLogger } from '../../../src/platform/logging/index.ts';
import { databaseUrl, withClient } from '../../support/databases.ts';

const log = createLogger('silent', 'test');
let name: string;
let url: string;

beforeEach(async () => {
  name = `empty_${randomBytes(8).toString('hex')}`;
  url = databaseUrl(inject('postgresUrl'), name);
  await withClient(inject('postgresUrl'), (client) => client.query(`CREATE DATABASE ${name}`));
});
afterEach(() => withClient(inject('postgresUrl'), (client) => client.query(`DROP DATABASE ${name}`)));

async function query(text: string): Promise<readonly Record<string, unknown>[]> {
  return withClient(url, async (client) => (await client.query<Record<string, unknown>>(text)).rows);
}

describe('migrateAll', () => {
  it('applies each migration once when several processes start on an empty database', async () => {
    await Promise.all([migrateAll(url, log), migrateAll(url, log), migrateAll(url, log)]);

    const applied = await query(
      'select version, name, length(checksum) as length from schema_migrations order by version',
    );
    expect(applied.length).toBeGreaterThan(6);
    expect(applied.map(({ version }) => version)).toEqual(applied.map((_row, index) => index + 1));
    expect(applied.every(({ length }) => length === 64)).toBe(true);
  });

  it('changes nothing the second time', async () => {
    await migrateAll(url, log);
    const before = await query('select * from schema_migrations order by version');

    await migrateAll(url, log);

    expect(await query('select * from schema_migrations order by version')).toEqual(before);
  });

  it('refuses a schema that is newer than the code, and touches nothing', async () => {
    await migrateAll(url, log);
    await query(`insert into schema_migrations (version, name, checksum) values (9999, '9999_later.sql', 'x')`);

    await expect(migrateAll(url, log)).rejects.toMatchObject({ kind: 'setting', code: 'schema_newer_than_code' });
  });

  it('refuses a migration that was edited after it was applied', async () => {
    await migrateAll(url, log);
    await query(`update schema_migrations set checksum = 'other' where version = 2`);

    await expect(migrateAll(url, log)).rejects.toMatchObject({ kind: 'setting', code: 'migration_edited' });
  });
});
