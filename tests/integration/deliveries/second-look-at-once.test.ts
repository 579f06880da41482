import { afterAll, beforeAll, expect, it } from 'vitest';
import { claimDue, gateAgain, registerWorker } from '../../../src/deliveries/index.ts';
import { openDatabase } from '../../../src/platform/postgres/index.ts';
import type { Db } from '../../../src/platform/postgres/index.ts';
import { addReaders, sendTestCampaign } from '../../support/readers.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';

const HELD = 64;
const ROUNDS = 60;
/** Plans that PostgreSQL may choose by its statistics of the moment; each visits the rows in an order of its own. */
const PLANS = ['enable_nestloop=off', 'enable_hashjoin=off -c enable_mergejoin=off -c enable_seqscan=off'];
let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
});
afterAll(() => system.stop());

it('asks the gate about the same mails from several connections at once without a deadlock', async () => {
  const { clock, databaseUrl, log } = system.deps;
  await sendTestCampaign(system.deps, await addReaders(system.deps, HELD));
  const workerId = await registerWorker(system.deps.db, { host: 'test', pid: 1, leaseSeconds: 600 });
  const { claimed } = await claimDue(system.deps.db, { lane: 'campaigns', workerId, limit: HELD, now: clock.now() });
  const ids = claimed.map(({ id }) => id);
  const look = async (db: Db): Promise<void> => {
    for (let round = 0; round < ROUNDS; round += 1) {
      expect((await gateAgain(db, { lane: 'campaigns', ids, now: clock.now() })).size).toBe(HELD);
    }
  };
  const databases = PLANS.map((plan) =>
    openDatabase(`${databaseUrl}?options=${encodeURIComponent(`-c ${plan}`)}`, {
      log,
      name: 'test',
      maxConnections: 2,
    }),
  );
  try {
    await Promise.all(databases.flatMap(({ db }) => [look(db), look(db)]));
  } finally {
    await Promise.all(databases.map(({ close }) => close()));
  }
}, 60_000);
