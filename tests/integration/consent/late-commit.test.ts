import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hasNewRecords, sealConsentRecords, verifyConsent } from '../../../src/consent/index.ts';
import type { DbOrTx } from '../../../src/platform/postgres/index.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';

const clock = createFakeClock();
let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false, clock });
});
afterAll(() => system.stop());

async function insertRecord(db: DbOrTx): Promise<void> {
  await sql`insert into consent_records (action, purpose, subscriber_id, method, actor, occurred_at)
    values ('requested', 'newsletter', 1, 'button', 'subscriber', ${clock.now()})`.execute(db);
}

async function unsealed(): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from consent_records r
    where not exists (select 1 from consent_seal_entries e where e.record_id = r.id)`.execute(system.deps.db);
  return rows[0]?.count ?? 0;
}

it('seals a record that was committed just after a seal, also when no sealer ran for hours', async () => {
  const { db } = system.deps;
  await db.transaction().execute(async (tx) => {
    await insertRecord(tx);
    await insertRecord(db);
    expect(await sealConsentRecords(system.deps)).toEqual({ sealed: 1 });
  });
  expect(await unsealed()).toBe(1);

  clock.advance(3 * 3_600_000);
  await insertRecord(db);
  await sealConsentRecords(system.deps);

  expect(await unsealed()).toBe(0);
});

it('looks back past a minute of seals again and again, and past an hour of them once a minute', async () => {
  const { db } = system.deps;
  const seal = async (): Promise<number> => (await sealConsentRecords(system.deps)).sealed;
  const sealFor = async (minutes: number): Promise<void> => {
    for (let minute = 0; minute < minutes; minute += 1) {
      clock.advance(60_000);
      await insertRecord(db);
      await seal();
    }
  };
  await sealFor(2);
  let late = 0;
  await db.transaction().execute(async (slow) => {
    await insertRecord(slow);
    await sealFor(30);
    clock.advance(1000);
    await insertRecord(db);
    await seal();
    late = await unsealed();
  });
  expect(late).toBe(0);
  expect(await unsealed()).toBe(1);

  // In the same minute as the newest seal: only what came lately is looked for.
  await insertRecord(db);
  expect(await seal()).toBe(1);
  expect(await unsealed()).toBe(1);
  clock.advance(60_000);
  expect(await seal()).toBe(1);

  expect(await unsealed()).toBe(0);
  expect(await hasNewRecords(db)).toBe(false);
  await insertRecord(db);
  expect(await hasNewRecords(db)).toBe(true);
  expect(await verifyConsent(system.deps)).toMatchObject({ kind: 'intact', unsealed: 1 });
});
