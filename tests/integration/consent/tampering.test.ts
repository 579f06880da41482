import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Archive } from './archive.ts';
import { IDS, NEVER, SEALS, WORDED, firstOf, openHonestArchive, sealOf } from './honest-archive.ts';
import { reseal } from './reseal.ts';

const anyId = fc.constantFrom(...IDS);
const anySeal = fc.integer({ min: 1, max: SEALS.length });
const twoIds = fc.subarray([...IDS], { minLength: 2, maxLength: 2 }).map(([one = 0, two = 0]) => [one, two] as const);

let archive: Archive;

beforeAll(async () => {
  archive = await openHonestArchive();
});
afterAll(() => archive.close());

/** The places are unique, so that two entries change them by way of a third. */
function swapPlaces(one: number, two: number): readonly string[] {
  const place = (id: number): string =>
    `(select (seal_id, position) from (values (${sealOf(id)}, ${SEALS[sealOf(id) - 1]?.findIndex((other) => other === id) ?? 0})) as t(seal_id, position))`;
  const [from, to] = [place(one), place(two)].map((text) => /\((\d+), (\d+)\)/.exec(text)?.slice(1) ?? []);
  const move = (id: number, [seal, position]: readonly (string | undefined)[]): string =>
    `update consent_seal_entries set seal_id = ${seal}, position = ${position} where record_id = ${id}`;
  return [move(one, ['1', '99']), move(two, from ?? []), move(one, to ?? [])];
}

/** Of the tables whose columns are all part of a hash: those that are not. */
const FREE_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  consent_records: [],
  // The language of the wording is in the record; when it was first shown is when the first record was made.
  consent_texts: ['locale', 'created_at'],
  legal_documents: ['title', 'is_sample', 'published_at', 'change', 'id'],
  consent_personal: ['record_id', 'restricted_at', 'evidence', 'evidence_salt'],
  consent_seals: ['id'],
  consent_seal_entries: [],
};

const CHANGES: Readonly<Record<string, string>> = {
  bigint: 'coalesce(#, 0) + 1000',
  integer: '# + 1000',
  smallint: '(# + 1) % 256',
  text: `coalesce(#, '') || 'x'`,
  boolean: 'not #',
  bytea: `coalesce(#, '') || '\\x00'`,
  jsonb: `# || '{"more": 1}'`,
  ARRAY: '# || 1::bigint',
  'timestamp with time zone': `# + interval '1 millisecond'`,
};

/** Columns of which the database itself refuses any other value. */
const CLOSED_SETS: Readonly<Record<string, string>> = {
  action: `'expired'`,
  purpose: `'tracking'`,
  method: `'api'`,
  kind: `case kind when 'terms' then 'privacy' else 'terms' end`,
};

it('finds a change of any column of any row that counts, and names the record', async () => {
  // What PostgreSQL itself refuses is no tampering.
  const statements: { readonly statement: string; readonly column: string }[] = [];
  for (const [table, free] of Object.entries(FREE_COLUMNS)) {
    const { rows } = await sql<{ name: string; type: string }>`
      select column_name as name, data_type as type from information_schema.columns
      where table_name = ${table} and table_schema = 'public'`.execute(archive.db);
    const where = {
      consent_records: `id = ${WORDED}`,
      consent_personal: `record_id = ${WORDED}`,
      consent_seals: 'id = 2',
    }[table];
    for (const { name, type } of rows.filter((row) => !free.includes(row.name))) {
      const change = CHANGES[type];
      if (change === undefined) {
        throw new Error(`how is a ${type} changed?`);
      }
      const value = CLOSED_SETS[name] ?? change.replaceAll('#', name);
      const row = where ?? (table === 'consent_seal_entries' ? `record_id = ${WORDED}` : 'true');
      statements.push({ column: `${table}.${name}`, statement: `update ${table} set ${name} = ${value} where ${row}` });
    }
  }
  expect(statements.length).toBeGreaterThan(45);

  const missed: unknown[] = [];
  for (const { statement, column } of statements) {
    const found = await archive.verifyTampered([
      'alter table consent_seals drop constraint consent_seals_check',
      'alter table legal_documents drop constraint legal_documents_kind_locale_version_key',
      'alter table consent_records alter column id drop identity',
      statement,
    ]);
    // A record that is called by another id is gone; its new id was never sealed.
    const isNamed = found.kind === 'tampered' && (found.recordId === WORDED || found.sealId === 2);
    if (!isNamed) {
      missed.push({ column, found });
    }
  }
  expect(missed).toEqual([]);
});

describe('finds and names the first of', () => {
  it('records that were edited', () =>
    fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(anyId, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(
          `actor = 'admin:1'`,
          'subscriber_id = 999',
          `occurred_at = occurred_at - interval '1 millisecond'`,
          'address_digest = null',
          `details = '{"note": "harmless"}'`,
        ),
        async (ids, change) => {
          const first = Math.min(...ids);

          const found = await archive.verifyTampered([
            `update consent_records set ${change} where id in (${ids.join()})`,
          ]);

          expect(found).toEqual({
            kind: 'tampered',
            problem: 'record_changed',
            sealId: sealOf(first),
            recordId: first,
          });
        },
      ),
      { numRuns: 25 },
    ));

  it('records that were deleted, with or without what leads to them', () =>
    fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(anyId, { minLength: 1, maxLength: 3 }),
        fc.subarray(
          ['consent_records where id', 'consent_seal_entries where record_id', 'consent_personal where record_id'],
          {
            minLength: 1,
          },
        ),
        async (ids, tables) => {
          fc.pre(tables.some((table) => !table.startsWith('consent_personal')));
          const first = Math.min(...ids);

          const found = await archive.verifyTampered(tables.map((table) => `delete from ${table} in (${ids.join()})`));

          expect(found).toEqual({
            kind: 'tampered',
            problem: 'record_removed',
            sealId: sealOf(first),
            recordId: first,
          });
        },
      ),
      { numRuns: 25 },
    ));

  it('records that were slipped in with a number that was free', async () => {
    const found = await archive.verifyTampered([
      `insert into consent_records (id, action, purpose, subscriber_id, newsletter_id, method, actor, occurred_at)
       overriding system value select ${NEVER}, 'granted', 'newsletter', 77, 1, 'button', 'subscriber', occurred_at
       from consent_records where id = 8`,
    ]);

    expect(found).toEqual({ kind: 'tampered', problem: 'record_inserted', sealId: null, recordId: NEVER });
  });

  it('records that were put into a seal that exists', () =>
    fc.assert(
      fc.asyncProperty(anySeal, fc.boolean(), async (seal, isFirst) => {
        const found = await archive.verifyTampered([
          `insert into consent_records (id, action, purpose, subscriber_id, newsletter_id, method, actor, occurred_at)
           overriding system value values (${NEVER}, 'granted', 'newsletter', 77, 1, 'button', 'subscriber', now())`,
          `insert into consent_seal_entries values (${NEVER}, ${seal}, ${isFirst ? -1 : 99}, sha256('x'))`,
        ]);

        expect(found).toEqual({ kind: 'tampered', problem: 'record_inserted', sealId: seal, recordId: NEVER });
      }),
      { numRuns: 12 },
    ));

  it('entries that changed places', () =>
    fc.assert(
      fc.asyncProperty(twoIds, async ([one, two]) => {
        const first = Math.min(one, two);

        const found = await archive.verifyTampered(swapPlaces(one, two));

        expect(found).toEqual({
          kind: 'tampered',
          problem: 'record_reordered',
          sealId: sealOf(first),
          recordId: first,
        });
      }),
      { numRuns: 25 },
    ));

  it('records that changed places, also from one seal to another', () =>
    fc.assert(
      fc.asyncProperty(twoIds, async ([one, two]) => {
        const first = Math.min(one, two);
        const isSameSeal = sealOf(one) === sealOf(two);

        const found = await archive.verifyTampered([
          'alter table consent_records alter column id drop identity',
          `update consent_records set id = -1 where id = ${one}`,
          `update consent_records set id = ${one} where id = ${two}`,
          `update consent_records set id = ${two} where id = -1`,
        ]);

        const problem = isSameSeal ? 'record_reordered' : 'record_changed';
        expect(found).toEqual({ kind: 'tampered', problem, sealId: sealOf(first), recordId: first });
      }),
      { numRuns: 25 },
    ));

  it('hashes that were stored for records, alone and together with their records', () =>
    fc.assert(
      fc.asyncProperty(anyId, async (id) => {
        const seal = sealOf(id);
        const isAlone = SEALS[seal - 1]?.length === 1;

        const entry = await archive.verifyTampered([
          `update consent_seal_entries set record_hash = sha256('x') where record_id = ${id}`,
        ]);
        const both = await archive.verifyTampered(async (tx) => {
          await sql.raw(`update consent_records set actor = 'admin:1' where id = ${id}`).execute(tx);
          const before = await tx.selectFrom('consent_seals').selectAll().execute();
          await reseal(tx);
          for (const { id: sealId, previous_hash, root, hash } of before) {
            await sql`update consent_seals set previous_hash = ${previous_hash}, root = ${root}, hash = ${hash} where id = ${sealId}`.execute(
              tx,
            );
          }
        });

        expect(entry).toEqual({ kind: 'tampered', problem: 'entry_changed', sealId: seal, recordId: id });
        const problem = isAlone ? 'record_changed' : 'root_differs';
        expect(both).toEqual({ kind: 'tampered', problem, sealId: seal, recordId: firstOf(seal) });
      }),
      { numRuns: 15 },
    ));
});
