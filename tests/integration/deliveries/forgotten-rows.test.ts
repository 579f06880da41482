import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { settleCampaign } from '../../../src/campaigns/index.ts';
import { claimDue, commitLedger, countDeliveries, endLease, registerWorker } from '../../../src/deliveries/index.ts';
import type { CampaignId, WorkerId } from '../../../src/shared/ids.ts';
import { addReaders, sendTestCampaign } from '../../support/readers.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';

let system: TestSystem;
let campaignId: CampaignId;
let workerId: WorkerId;

beforeEach(async () => {
  system = await startTestSystem({ worker: false });
  campaignId = await sendTestCampaign(system.deps, await addReaders(system.deps, 2));
  workerId = await registerWorker(system.deps.db, { host: 'test', pid: 1, leaseSeconds: 30 });
});

afterEach(() => system.stop());

/** Two rows in a worker's hands, one before its final dot, and not a block left that knows of them. */
async function forgetBoth(): Promise<void> {
  const { db, clock } = system.deps;
  const { claimed } = await claimDue(db, { lane: 'campaigns', workerId, limit: 10, now: clock.now() });
  await commitLedger(db, { workerId, dots: claimed.slice(0, 1), outcomes: [], doneBlocks: [], now: clock.now() });
  await sql`delete from delivery_blocks`.execute(db);
}

it('a dot that was committed too late for the rescue is listed, and its campaign ends (T1, T13)', async () => {
  const { db } = system.deps;
  await forgetBoth();
  await endLease(db, workerId);

  expect(await settleCampaign(system.deps, campaignId)).toBe('still-open');
  expect(await countDeliveries(db, campaignId)).toMatchObject({ audience: 2, ambiguous: 1, open: 1 });
  const blocks = await sql`select 1 from delivery_blocks where campaign_id = ${campaignId}`.execute(db);
  expect(blocks.rows).toHaveLength(1);
});

it('a dot of a worker that lives is left to that worker (T13)', async () => {
  await forgetBoth();
  expect(await settleCampaign(system.deps, campaignId)).toBe('still-open');
  expect(await countDeliveries(system.deps.db, campaignId)).toMatchObject({ ambiguous: 0, open: 2 });
});

it('a block is not finished by whoever lost the lease: an outcome that was not written leaves its row claimable (T1)', async () => {
  const { db, clock } = system.deps;
  const { claimed } = await claimDue(db, { lane: 'campaigns', workerId, limit: 10, now: clock.now() });
  await endLease(db, workerId);
  const [first] = claimed;
  const outcome = { state: 'deferred', reason: 'connection_lost', reply: undefined, retryAt: clock.now() } as const;
  await commitLedger(db, {
    workerId,
    dots: [],
    outcomes: first === undefined ? [] : [{ id: first.id, attempt: first.attempt, outcome, dot: 'none' }],
    doneBlocks: claimed.map(({ blockId }) => blockId),
    now: clock.now(),
  });
  const { rows } = await sql<{ size: number }>`select last_id - first_id + 1 as size from delivery_blocks`.execute(db);
  expect(rows).toEqual([{ size: 2 }]);
});

it('a deferred row is claimed out of its own block only, also when the block it came with is free again (T2)', async () => {
  const { db, clock } = system.deps;
  const { claimed } = await claimDue(db, { lane: 'campaigns', workerId, limit: 10, now: clock.now() });
  const [first] = claimed;
  const outcome = { state: 'deferred', reason: 'connection_lost', reply: undefined, retryAt: clock.now() } as const;
  const outcomes = first === undefined ? [] : [{ id: first.id, attempt: first.attempt, outcome, dot: 'none' as const }];
  await commitLedger(db, { workerId, dots: [], outcomes, doneBlocks: [], now: clock.now() });
  await sql`update delivery_blocks set worker_id = null`.execute(db);

  const again = await claimDue(db, { lane: 'campaigns', workerId, limit: 10, now: clock.now() });
  // Twice would show as two rows of one id.
  expect(again.claimed).toHaveLength(claimed.length);
  expect(new Set(again.claimed.map(({ id }) => id))).toEqual(new Set(claimed.map(({ id }) => id)));
});
