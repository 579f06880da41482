import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sealConsentRecords } from '../../../src/consent/index.ts';
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
    expect(await sealConsentRecords(db, clock.now())).toEqual({ sealed: 1 });
  });
  expect(await unsealed()).toBe(1);

  clock.advance(3 * 3_600_000);
  await insertRecord(db);
  await sealConsentRecords(db, clock.now());

  expect(await unsealed()).toBe(0);
});
