import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyConsent } from '../../../src/consent/index.ts';
import { openArchive } from './archive.ts';
import type { Archive } from './archive.ts';

let archive: Archive;

beforeAll(async () => {
  archive = await openArchive();
  await archive.sealEach(1, 2, 3);
  await archive.declare(4);
  await archive.declare(5);
  await archive.seal();
});
afterAll(() => archive.close());

const DELETE_RECORD = 'delete from consent_records where id = 2';
const DELETE_ENTRY = 'delete from consent_seal_entries where record_id = 2';
const DELETE_SEAL = 'delete from consent_seals where id = 2';
const SWAP_RECORDS = `update consent_records one set subscriber_id = other.subscriber_id, address_digest = other.address_digest,
  ip_digest = other.ip_digest, agent_digest = other.agent_digest, occurred_at = other.occurred_at
  from consent_records other where one.id + other.id = 3 and one.id in (1, 2)`;
// With the hash that belongs to it, as whoever reads our source can compute.
const MOVE_ENTRY = 'update consent_seal_entries set seal_id = 2, position = 1 where record_id = 5';
const COUNT_TWO = 'update consent_seals set record_count = 2 where id = 2';
const SWAP_ENTRIES = [9, 0, 1].map(
  (position, step) =>
    `update consent_seal_entries set position = ${position} where seal_id = 4 and position = ${[0, 1, 9][step] ?? 0}`,
);

describe('verifyConsent', () => {
  it('finds nothing in an honest archive and tells its head', async () => {
    expect(await verifyConsent(archive.db)).toEqual({
      kind: 'intact',
      seals: 4,
      records: 5,
      unsealed: 0,
      head: expect.stringMatching(/^[\da-f]{64}$/),
    });
  });

  it('reports how far it has come', async () => {
    const seen: number[] = [];

    await verifyConsent(archive.db, (records) => seen.push(records));

    expect(seen).toEqual([1, 2, 3, 5]);
  });

  it.each([
    ['action', `'granted'`],
    ['subscriber_id', '99'],
    ['newsletter_id', 'null'],
    ['method', `'one-click'`],
    ['actor', `'admin:1'`],
    ['occurred_at', `occurred_at - interval '1 millisecond'`],
    ['address_digest', `'\\x00'`],
    ['ip_digest', 'null'],
    ['is_asserted_by_caller', 'true'],
    ['details', `'{"note": "harmless"}'`],
  ])('finds a record whose %s was changed', async (column, value) => {
    const found = await archive.verifyTampered(`update consent_records set ${column} = ${value} where id = 2`);

    expect(found).toEqual({ kind: 'tampered', sealId: 2, recordId: 2, problem: 'record_changed' });
  });

  it.each([
    ['that was deleted', [DELETE_RECORD], 2, 'record_missing'],
    ['that was deleted with its entry', [DELETE_ENTRY, DELETE_RECORD], 2, 'record_count_differs'],
    ['that was deleted with its whole seal', [DELETE_ENTRY, DELETE_SEAL, DELETE_RECORD], 3, 'chain_broken'],
    ['that was taken over by another', [SWAP_RECORDS], 1, 'record_changed'],
    ['that was put into the middle', [MOVE_ENTRY, COUNT_TWO], 2, 'seal_broken'],
    ['that was put into the middle without being counted', [MOVE_ENTRY], 2, 'record_count_differs'],
    ['that stands in another place of its seal', SWAP_ENTRIES, 4, 'seal_broken'],
  ])('finds a record %s', async (_what, statements, sealId, problem) => {
    expect(await archive.verifyTampered(...statements)).toMatchObject({ kind: 'tampered', sealId, problem });
  });

  it.each([
    ['its moment', `sealed_at = sealed_at + interval '1 second'`, 'seal_broken'],
    ['its root', `root = '\\x00'`, 'seal_broken'],
    ['what it follows', `previous_hash = '\\x00'`, 'chain_broken'],
    ['its own hash', `hash = '\\x00'`, 'seal_broken'],
    ['its number of records', 'record_count = 2', 'record_count_differs'],
  ])('finds a seal of which somebody changed %s', async (_what, change, problem) => {
    const found = await archive.verifyTampered(`update consent_seals set ${change} where id = 2`);

    expect(found).toMatchObject({ kind: 'tampered', sealId: 2, problem });
  });

  it('shows by the head that was kept elsewhere that the end was cut off', async () => {
    const before = await verifyConsent(archive.db);

    const after = await archive.verifyTampered(
      'delete from consent_seal_entries where seal_id = 4',
      'delete from consent_seals where id = 4',
      'delete from consent_records where id in (4, 5)',
    );

    expect(after).toMatchObject({ kind: 'intact', seals: 3, records: 3 });
    expect(after).not.toMatchObject({ head: before.kind === 'intact' ? before.head : '' });
  });

  it('raises no alarm when retention or erasure deletes what stands behind the digests', async () => {
    const before = await verifyConsent(archive.db);

    await sql`delete from consent_personal where record_id = 1`.execute(archive.db);
    await sql`update consent_personal set ip = null, ip_salt = null where record_id = 2`.execute(archive.db);

    expect(await verifyConsent(archive.db)).toEqual(before);
  });

  it('ties each value to its record by salt and digest', async () => {
    const { rows } = await sql<{ isTied: boolean }>`
      select sha256(p.address_salt || convert_to(p.address, 'UTF8')) = r.address_digest
        and sha256(p.ip_salt || convert_to(p.ip, 'UTF8')) = r.ip_digest
        and sha256(p.agent_salt || convert_to(p.agent, 'UTF8')) = r.agent_digest as "isTied"
      from consent_personal p join consent_records r on r.id = p.record_id`.execute(archive.db);

    expect(rows).toContainEqual({ isTied: true });
    expect(rows).not.toContainEqual({ isTied: false });
  });
});
