import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sealConsentRecords, verifyConsent } from '../../../src/consent/index.ts';
import { openArchive } from './archive.ts';
import type { Archive } from './archive.ts';

const HOUR = 3_600_000;
let archive: Archive;

beforeEach(async () => {
  archive = await openArchive();
});
afterEach(() => archive.close());

async function entries(): Promise<readonly { seal: number; records: readonly number[] }[]> {
  const { rows } = await sql<{ seal: number; records: number[] }>`
    select seal_id as seal, array_agg(record_id order by position) as records
    from consent_seal_entries group by seal_id order by seal_id`.execute(archive.db);
  return rows;
}

describe('sealConsentRecords', () => {
  it('chains what was committed, once, and does nothing when there is nothing new', async () => {
    await archive.declare(1);
    await archive.declare(2);

    expect([await archive.seal(), await archive.seal()]).toEqual([2, 0]);
    await archive.declare(3);
    expect(await archive.seal()).toBe(1);

    expect((await entries()).map(({ records }) => records)).toEqual([[1, 2], [3]]);
    expect(await verifyConsent(archive)).toMatchObject({ kind: 'intact', seals: 2, records: 3, unsealed: 0 });
  });

  it('chains each record once when two sealers run at once', async () => {
    for (let subscriber = 1; subscriber <= 30; subscriber += 1) {
      await archive.declare(subscriber);
    }

    const reports = await Promise.all(Array.from({ length: 4 }, () => sealConsentRecords(archive)));

    expect(reports.reduce((sum, { sealed }) => sum + sealed, 0)).toBe(30);
    expect((await entries()).flatMap(({ records }) => records)).toHaveLength(30);
    expect(await verifyConsent(archive)).toMatchObject({ kind: 'intact', records: 30, unsealed: 0 });
  });

  it('chains a record that was committed after a newer one was sealed', async () => {
    let mayCommit = (): void => {};
    const held = new Promise<void>((resolve) => {
      mayCommit = resolve;
    });
    let isWritten = (): void => {};
    const written = new Promise<void>((resolve) => {
      isWritten = resolve;
    });
    const slow = archive.db.transaction().execute(async (tx) => {
      await archive.declare(1, tx);
      isWritten();
      await held;
    });
    await written;
    await archive.declare(2);

    expect(await archive.seal()).toBe(1);
    mayCommit();
    await slow;
    archive.clock.advance(1000);
    expect(await archive.seal()).toBe(1);

    expect((await entries()).map(({ records }) => records)).toEqual([[2], [1]]);
    expect(await verifyConsent(archive)).toMatchObject({ kind: 'intact', records: 2, unsealed: 0 });
  });

  it('leaves a record of a transaction that fails to nobody', async () => {
    await archive.db
      .transaction()
      .execute(async (tx) => {
        await archive.declare(1, tx);
        throw new Error('cut off');
      })
      .catch(() => undefined);
    await archive.declare(2);

    expect(await archive.seal()).toBe(1);

    expect(await verifyConsent(archive)).toMatchObject({ kind: 'intact', records: 1, unsealed: 0 });
  });

  it('seals after a long pause what came before and after it', async () => {
    await archive.sealEach(1, 2);
    archive.clock.advance(5 * HOUR);
    await archive.declare(3);
    expect(await archive.seal()).toBe(1);
    archive.clock.advance(5 * HOUR);
    await archive.declare(4);

    expect(await archive.seal()).toBe(1);

    expect(await verifyConsent(archive)).toMatchObject({ kind: 'intact', seals: 4, records: 4, unsealed: 0 });
  });

  it('seals more than one batch in one run', async () => {
    await sql`insert into consent_records (action, purpose, subscriber_id, method, actor, occurred_at)
      select 'withdrawn', 'newsletter', n, 'button', 'subscriber', ${archive.clock.now()} from generate_series(1, 5001) as n`.execute(
      archive.db,
    );

    expect(await archive.seal()).toBe(5001);

    expect((await entries()).map(({ records }) => records.length)).toEqual([5000, 1]);
    expect(await verifyConsent(archive)).toMatchObject({ kind: 'intact', seals: 2, records: 5001 });
  });
});
