import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seedLegalDocuments } from '../../../src/legal/index.ts';
import { openArchive } from './archive.ts';
import type { Archive } from './archive.ts';

let archive: Archive;

beforeAll(async () => {
  archive = await openArchive();
  await seedLegalDocuments(archive.db, archive.clock);
  await sql`insert into consent_texts values ('\\x00', 'I agree.', 'en', now())`.execute(archive.db);
  await archive.sealEach(1, 2);
});
afterAll(() => archive.close());

const COLUMN_OF = {
  consent_records: 'actor',
  consent_texts: 'text',
  legal_documents: 'markdown',
  consent_seals: 'record_count',
  consent_seal_entries: 'position',
} as const;

describe.each(Object.entries(COLUMN_OF))('%s', (table, column) => {
  it.each([
    ['a change', `update ${table} set ${column} = ${column}`],
    ['a deletion', `delete from ${table}`],
    ['being emptied', `truncate ${table} cascade`],
    ['an upsert', undefined],
  ])('refuses %s', async (_what, statement) => {
    const text =
      statement ??
      `insert into ${table} overriding system value select * from ${table} limit 1
       on conflict (${primaryKeyOf(table)}) do update set ${column} = excluded.${column}`;
    const count = async (): Promise<unknown> =>
      (await sql.raw<{ rows: number }>(`select count(*) as rows from ${table}`).execute(archive.db)).rows;
    const before = await count();

    await expect(sql.raw(text).execute(archive.db)).rejects.toThrow(/is refused: the table is append-only/);

    expect(before).not.toEqual([{ rows: 0 }]);
    expect(await count()).toEqual(before);
  });
});

function primaryKeyOf(table: string): string {
  return { consent_texts: 'hash', consent_seal_entries: 'record_id' }[table] ?? 'id';
}
