import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readHeads } from '../../../src/consent/index.ts';
import type { ChainHead } from '../../../src/consent/index.ts';
import { createKeyring } from '../../../src/shared/keyring.ts';
import type { Archive } from './archive.ts';
import { IDS, SEALS, WORDED, firstOf, openHonestArchive, sealOf } from './honest-archive.ts';
import { reseal } from './reseal.ts';

const anyId = fc.constantFrom(...IDS);

let archive: Archive;
const heads: ChainHead[] = [];

beforeAll(async () => {
  archive = await openHonestArchive();
  for await (const head of readHeads(archive.db, 0)) {
    heads.push(head);
  }
});
afterAll(() => archive.close());

it('is honest before anybody touches it', async () => {
  expect(await archive.verifyTampered(() => Promise.resolve(), { heads })).toMatchObject({
    kind: 'intact',
    records: IDS.length,
    seals: SEALS.length,
    unsealed: 0,
  });
});

describe('finds and names the first of', () => {
  it('seals that were made anew without the key', () =>
    fc.assert(
      fc.asyncProperty(anyId, fc.boolean(), async (id, isDeleted) => {
        fc.pre(!isDeleted || SEALS[sealOf(id) - 1]?.length !== 1);
        const found = await archive.verifyTampered(async (tx) => {
          const change = isDeleted ? 'delete from consent_records' : `update consent_records set actor = 'admin:1'`;
          await sql.raw(`${change} where id = ${id}`).execute(tx);
          if (isDeleted) {
            await sql`delete from consent_seal_entries where record_id = ${id}`.execute(tx);
          }
          await reseal(tx);
        });
        const foreign = await archive.verifyTampered((tx) =>
          reseal(tx, createKeyring(['a key that the intruder made up himself'])),
        );

        const seal = sealOf(id);
        const first = isDeleted && firstOf(seal) === id ? SEALS[seal - 1]?.[1] : firstOf(seal);
        expect(found).toEqual({ kind: 'tampered', problem: 'seal_forged', sealId: seal, recordId: first });
        expect(foreign).toEqual({ kind: 'tampered', problem: 'seal_forged', sealId: 1, recordId: 1 });
      }),
      { numRuns: 15 },
    ));

  it.each([
    ['its moment', `sealed_at = sealed_at + interval '1 second'`, 'seal_changed'],
    ['its root', `root = sha256('x')`, 'seal_changed'],
    ['what it follows', `previous_hash = sha256('x')`, 'seal_changed'],
    ['its own hash', `hash = sha256('x')`, 'seal_changed'],
    ['its records', 'record_ids = array[2, 3, 4, 6]', 'seal_changed'],
    ['where the sealer goes on', 'max_record_id = 1000', 'seal_changed'],
    ['its MAC', `mac = sha256('x')`, 'seal_forged'],
    ['the key of its MAC', 'mac_key_id = (mac_key_id + 1) % 256', 'seal_key_unknown'],
  ])('seals of which somebody changed %s', async (_what, change, problem) => {
    const found = await archive.verifyTampered([`update consent_seals set ${change} where id = 2`]);

    expect(found).toEqual({ kind: 'tampered', problem, sealId: 2, recordId: 2 });
  });

  it.each([
    ['alone', ['delete from consent_seals where id = 4'], { problem: 'seal_removed', sealId: 4, recordId: 7 }],
    [
      'with its records',
      [
        'delete from consent_seals where id = 4',
        'delete from consent_seal_entries where seal_id = 4',
        'delete from consent_records where id between 7 and 12',
      ],
      { problem: 'chain_broken', sealId: 5, recordId: 13 },
    ],
    [
      'and put back in another place',
      ['update consent_seal_entries set seal_id = 9 where seal_id = 4', 'update consent_seals set id = 9 where id = 4'],
      { problem: 'chain_broken', sealId: 5, recordId: 13 },
    ],
    [
      'of its entries',
      ['delete from consent_seal_entries where seal_id = 4'],
      { problem: 'record_removed', sealId: 4, recordId: 7 },
    ],
  ])('seals one of which was taken out %s', async (_what, statements, found) => {
    const tampering = ['alter table consent_seals alter column id drop identity', ...statements];

    expect(await archive.verifyTampered(tampering)).toEqual({ kind: 'tampered', ...found });
  });

  it.each([
    [
      'wording that was edited',
      `update consent_texts set text = 'I want nothing.' where text like 'I want %'`,
      'text_changed',
    ],
    ['wording that was deleted', `delete from consent_texts where text like 'I accept %'`, 'text_removed'],
    [
      'document that was edited',
      `update legal_documents set markdown = markdown || ' ' where kind = 'privacy'`,
      'document_changed',
    ],
    ['document that was deleted', `delete from legal_documents where kind = 'terms'`, 'document_removed'],
    [
      'document that was edited with its hash',
      `update legal_documents set markdown = 'x', hash = sha256('x') where kind = 'terms' and locale = 'en'`,
      'record_changed',
    ],
    [
      'document that got another number',
      `update legal_documents set version = 99 where kind = 'terms'`,
      'record_changed',
    ],
  ])('records that rest on a %s', async (_what, statement, problem) => {
    expect(await archive.verifyTampered([statement])).toEqual({
      kind: 'tampered',
      problem,
      sealId: 2,
      recordId: WORDED,
    });
  });

  it('records whose personal values were edited or deleted', () =>
    fc.assert(
      fc.asyncProperty(
        anyId,
        fc.constantFrom('address', 'ip', 'agent'),
        fc.constantFrom('edited', 'emptied', 'emptied with its salt', 'salted anew', 'deleted'),
        async (id, column, how) => {
          const change = {
            edited: `${column} = 'someone-else@example.org'`,
            emptied: `${column} = null`,
            'emptied with its salt': `${column} = null, ${column}_salt = null`,
            'salted anew': `${column}_salt = sha256('x')`,
            deleted: '',
          }[how];
          const statement =
            how === 'deleted'
              ? `delete from consent_personal where record_id = ${id}`
              : `update consent_personal set ${change} where record_id = ${id}`;

          const found = await archive.verifyTampered([statement]);

          const problem = how === 'edited' || how === 'salted anew' ? 'value_changed' : 'value_removed';
          expect(found).toEqual({ kind: 'tampered', problem, sealId: sealOf(id), recordId: id });
        },
      ),
      { numRuns: 25 },
    ));

  it('values for which somebody else was erased, or other ones, or later ones', async () => {
    const erased = (subscriber: number, details: object): string =>
      `insert into consent_records (action, purpose, subscriber_id, method, actor, occurred_at, details)
       values ('erased', 'newsletter', ${subscriber}, 'system', 'system', now(), '${JSON.stringify(details)}')`;
    const gone = 'update consent_personal set ip = null, ip_salt = null where record_id = 5';
    const found = { kind: 'tampered', problem: 'value_removed', sealId: 2, recordId: 5 };

    expect(await archive.verifyTampered([gone, erased(5, { fields: ['ip'], upTo: 5 })])).toMatchObject({
      kind: 'intact',
    });
    expect(await archive.verifyTampered([gone, erased(6, { fields: ['ip'], upTo: 5 })])).toEqual(found);
    expect(await archive.verifyTampered([gone, erased(5, { fields: ['agent'], upTo: 5 })])).toEqual(found);
    expect(await archive.verifyTampered([gone, erased(5, { fields: ['ip'], upTo: 4 })])).toEqual(found);
    expect(await archive.verifyTampered([gone, erased(5, { reason: 'asked' })])).toEqual(found);
  });
});

describe('by the heads that were exported', () => {
  const cutAfter = (seal: number): readonly string[] => [
    `delete from consent_seal_entries where seal_id > ${seal}`,
    `delete from consent_seals where id > ${seal}`,
    `delete from consent_records where id > ${SEALS[seal - 1]?.at(-1) ?? 0}`,
  ];

  it('finds an end that was cut off, which shows by nothing else', async () => {
    expect(await archive.verifyTampered(cutAfter(4))).toMatchObject({ kind: 'intact', seals: 4 });
    expect(await archive.verifyTampered(cutAfter(4), { heads })).toEqual({
      kind: 'tampered',
      problem: 'tail_cut',
      sealId: 5,
      recordId: null,
    });
    expect(await archive.verifyTampered(cutAfter(4), { heads: heads.slice(-1) })).toMatchObject({
      problem: 'tail_cut',
      sealId: 6,
    });
  });

  it('finds a chain that its own publisher made anew', async () => {
    const rewrite = (tx: Parameters<typeof reseal>[0]): Promise<void> =>
      sql
        .raw(`update consent_records set actor = 'admin:1' where id = 8`)
        .execute(tx)
        .then(() => reseal(tx, archive.keyring));

    expect(await archive.verifyTampered(rewrite)).toMatchObject({ kind: 'intact' });
    expect(await archive.verifyTampered(rewrite, { heads })).toEqual({
      kind: 'tampered',
      problem: 'head_differs',
      sealId: 4,
      recordId: null,
    });
  });

  it('finds an exported seal that is not there, and one that was exported twice and not alike', async () => {
    const [first, second] = heads;
    if (first === undefined || second === undefined) {
      throw new Error('there are no heads');
    }
    const lost = [{ ...first, sealId: 0 }];
    const twice = [second, { ...second, hash: first.hash }];

    expect(await archive.verifyTampered(() => Promise.resolve(), { heads: lost })).toMatchObject({
      problem: 'head_missing',
    });
    expect(await archive.verifyTampered(() => Promise.resolve(), { heads: twice })).toMatchObject({
      problem: 'head_differs',
      sealId: 2,
    });
  });
});
