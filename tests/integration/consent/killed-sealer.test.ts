import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sealConsentRecords, verifyConsent } from '../../../src/consent/index.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { waitFor } from '../../support/wait-for.ts';
import { ARCHIVE_SECRET, openArchive } from './archive.ts';
import type { Archive } from './archive.ts';

const SEALER = fileURLToPath(new URL('../../support/fixtures/fixture-sealer.ts', import.meta.url));
/**
 * The first batch is seven statements: begin, lock, newest seal, floor, records, seal with entries, commit; a later one has no floor.
 * Two sealers at once: one has the lock, the other finds it taken.
 */
const KILLS = [
  [
    [7, 'before'],
    [7, 'after'],
  ],
  [
    [12, 'before'],
    [13, 'after'],
  ],
  [
    [15, 'before'],
    [16, 'after'],
  ],
  [
    [17, 'before'],
    [18, 'after'],
  ],
  [
    [19, 'after'],
    [60, 'before'],
  ],
] as const;
const RECORDS_A_ROUND = 30;
/** Processes that start on a busy machine. */
const DEADLINE_MS = 200_000;

let archive: Archive;

beforeAll(async () => {
  archive = await openArchive();
});
afterAll(() => archive.close());

/** Resolves when the process is gone; it never ends by itself. */
async function sealUntilKilled(killAt: number, when: 'before' | 'after'): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, [SEALER], {
    env: {
      ...process.env,
      DATABASE_URL: archive.url,
      SECRET_KEY: ARCHIVE_SECRET,
      KILL_AT: `${killAt}`,
      KILL_WHEN: when,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return signal;
}

/** Records whose transactions commit in another order than their ids came, and some that fail. */
async function declareOutOfOrder(round: number): Promise<void> {
  const held: (() => void)[] = [];
  const slow = Array.from({ length: 3 }, (_, index) =>
    archive.db
      .transaction()
      .execute(async (tx) => {
        await archive.declare(round * 1000 + index, tx);
        await new Promise<void>((resolve) => held.push(resolve));
        if (index === 2) {
          throw new Error('cut off');
        }
      })
      .catch(() => undefined),
  );
  await waitFor('transactions to be open', () => held.length === slow.length);
  for (let index = 3; index < RECORDS_A_ROUND; index += 1) {
    await archive.declare(round * 1000 + index);
    if (index % 10 === 0) {
      held.pop()?.();
    }
  }
  held.forEach((release) => release());
  await Promise.all(slow);
}

async function countUnsealed(): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from consent_records r
    where not exists (select 1 from consent_seal_entries e where e.record_id = r.id)`.execute(archive.db);
  return rows[0]?.count ?? 0;
}

it(
  'seals no record twice and skips none, at whatever statement it is killed while records come in',
  async () => {
    for (const [round, kills] of KILLS.entries()) {
      const [, ...signals] = await Promise.all([
        declareOutOfOrder(round + 1),
        ...kills.map(([killAt, when]) => sealUntilKilled(killAt, when)),
      ]);
      expect(signals).toEqual(['SIGKILL', 'SIGKILL']);
      expect(await verifyConsent(archive)).toMatchObject({ kind: 'intact' });
    }

    await waitFor('the last records to be sealed', async () => {
      await sealConsentRecords({ ...archive, clock: systemClock });
      return (await countUnsealed()) === 0;
    });

    const records = KILLS.length * (RECORDS_A_ROUND - 1);
    expect(await verifyConsent(archive)).toMatchObject({ kind: 'intact', records, unsealed: 0 });
    const { rows } = await sql<{ records: number; entries: number; listed: number }>`
      select (select count(*) from consent_records) as records, (select count(distinct record_id) from consent_seal_entries) as entries,
        (select count(distinct one.id) from consent_seals cross join unnest(record_ids) as one(id)) as listed`.execute(
      archive.db,
    );
    expect(rows).toEqual([{ records, entries: records, listed: records }]);
  },
  DEADLINE_MS,
);
