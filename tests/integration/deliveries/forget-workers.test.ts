import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { forgetWorkers, registerWorker } from '../../../src/deliveries/index.ts';
import type { WorkerId } from '../../../src/shared/ids.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';

let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
});
afterAll(() => system.stop());

async function addWorker(days: number, state: 'live' | 'ended'): Promise<WorkerId> {
  const { db } = system.deps;
  const id = await registerWorker(db, { host: 'test', pid: 1, leaseSeconds: 20 });
  await sql`update workers set heartbeat_at = now() - make_interval(days => ${days}),
    fenced_at = case when ${state === 'ended'} then now() - make_interval(days => ${days}) end where id = ${id}`.execute(
    db,
  );
  return id;
}

it('keeps who lives, who ended lately, who still holds something, and the newest of all', async () => {
  const { db } = system.deps;
  const weekAgo = new Date(Date.now() - 7 * 86_400_000);
  await addWorker(30, 'ended');
  const newest = await addWorker(10, 'ended');
  expect(await forgetWorkers(db, weekAgo)).toBe(1);
  expect(await forgetWorkers(db, weekAgo)).toBe(0);

  const holding = await addWorker(20, 'ended');
  await sql`insert into delivery_blocks (lane, first_id, last_id, due_at, worker_id) values ('transactional', 1, 1, now(), ${holding})`.execute(
    db,
  );
  const lately = await addWorker(2, 'ended');
  const silent = await addWorker(9, 'live');
  expect(await forgetWorkers(db, weekAgo)).toBe(1);

  const { rows } = await sql<{ id: WorkerId }>`select id from workers order by id`.execute(db);
  expect(rows.map(({ id }) => id)).toEqual([holding, lately, silent]);
  expect(newest).toBeLessThan(holding);
});
