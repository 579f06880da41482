import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  claimDue,
  endLease,
  gateAgain,
  markDotPending,
  recordOutcomes,
  registerWorker,
  renewLease,
  rescueDeliveries,
} from '../../../src/deliveries/index.ts';
import type { ClaimedDelivery } from '../../../src/deliveries/index.ts';
import type { CampaignId, DeliveryId, WorkerId } from '../../../src/shared/ids.ts';
import { addReaders, sendTestCampaign } from '../../support/readers.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';

let system: TestSystem;
let campaignId: CampaignId;

beforeEach(async () => {
  system = await startTestSystem({ worker: false });
  campaignId = await sendTestCampaign(system.deps, await addReaders(system.deps, 3));
});

afterEach(async () => {
  await system.stop();
});

function newWorker(leaseSeconds = 30): Promise<WorkerId> {
  return registerWorker(system.deps.db, { host: 'test', pid: 1, leaseSeconds });
}

async function claim(workerId: WorkerId, limit = 10): Promise<readonly ClaimedDelivery[]> {
  const { claimed } = await claimDue(system.deps.db, {
    lane: 'campaigns',
    workerId,
    limit,
    now: system.deps.clock.now(),
  });
  return claimed;
}

function markDots(workerId: WorkerId, ids: readonly DeliveryId[]): Promise<ReadonlySet<DeliveryId>> {
  return markDotPending(system.deps.db, { ids, workerId });
}

async function expireLease(workerId: WorkerId): Promise<void> {
  await sql`update workers set lease_expires_at = now() - interval '1 minute' where id = ${workerId}`.execute(
    system.deps.db,
  );
}

async function stateOf(id: DeliveryId): Promise<string | undefined> {
  const row = await system.deps.db.selectFrom('deliveries').select('state').where('id', '=', id).executeTakeFirst();
  return row?.state;
}

const ACCEPTED = { state: 'accepted', reply: { code: 250, enhancedCode: '2.0.0', text: '250 2.0.0 ok' } } as const;

describe('the ledger of deliveries', () => {
  it('gives each due row to one of two workers that claim at once', async () => {
    const [first, second] = await Promise.all([newWorker(), newWorker()]);

    const [a, b] = await Promise.all([claim(first, 2), claim(second, 2)]);

    const ids = [...a, ...b].map((delivery) => delivery.id);
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(3);
  });

  it('refuses claim, final dot and renewal to a worker whose lease is over', async () => {
    const worker = await newWorker();
    const [held] = await claim(worker, 1);
    await expireLease(worker);

    expect(await claim(worker)).toEqual([]);
    expect(await markDots(worker, [held?.id as DeliveryId])).toEqual(new Set());
    expect(await renewLease(system.deps.db, { workerId: worker, leaseSeconds: 30, relayError: null })).toBe(false);
  });

  it('plans again what a silent worker had claimed, and lists as ambiguous what had its final dot committed', async () => {
    const worker = await newWorker();
    const [a, b] = await claim(worker, 2);
    await markDots(worker, [b?.id as DeliveryId]);
    await expireLease(worker);

    expect(await rescueDeliveries(system.deps.db)).toEqual({ replanned: 1, ambiguous: 1, resent: 0 });

    expect(await stateOf(a?.id as DeliveryId)).toBe('planned');
    expect(await stateOf(b?.id as DeliveryId)).toBe('ambiguous');
    expect(await rescueDeliveries(system.deps.db)).toEqual({ replanned: 0, ambiguous: 0, resent: 0 });
  });

  it('does not let a zombie finish a row that somebody else has taken over', async () => {
    const zombie = await newWorker();
    const [held] = await claim(zombie, 1);
    const id = held?.id as DeliveryId;
    await expireLease(zombie);
    await rescueDeliveries(system.deps.db);
    const heir = await newWorker();
    const taken = await claim(heir);
    expect(taken.map((delivery) => delivery.id)).toContain(id);

    expect(await markDots(zombie, [id])).toEqual(new Set());
    const late = await recordOutcomes(system.deps.db, {
      outcomes: [{ id, attempt: held?.attempt ?? 0, outcome: ACCEPTED }],
      workerId: zombie,
      now: system.deps.clock.now(),
    });
    expect(late).toEqual(new Set());
    expect(await stateOf(id)).toBe('claimed');
  });

  it('settles an ambiguous row by a late reply of the same attempt', async () => {
    const worker = await newWorker();
    const [held] = await claim(worker, 1);
    const id = held?.id as DeliveryId;
    await markDots(worker, [id]);
    await expireLease(worker);
    await rescueDeliveries(system.deps.db);

    const settled = await recordOutcomes(system.deps.db, {
      outcomes: [{ id, attempt: held?.attempt ?? 0, outcome: ACCEPTED }],
      workerId: worker,
      now: system.deps.clock.now(),
    });

    expect(settled).toEqual(new Set([id]));
    expect(await stateOf(id)).toBe('accepted');
  });

  it('sends an ambiguous mail again only under the policy resend, and not before every late reply is over', async () => {
    const worker = await newWorker();
    const [held] = await claim(worker, 1);
    const id = held?.id as DeliveryId;
    await markDots(worker, [id]);
    await endLease(system.deps.db, worker);
    await rescueDeliveries(system.deps.db);
    await sql`update campaigns set ambiguous_policy = 'resend' where id = ${campaignId}`.execute(system.deps.db);

    expect((await rescueDeliveries(system.deps.db)).resent).toBe(0);
    await sql`update deliveries set dot_at = now() - interval '11 minutes' where id = ${id}`.execute(system.deps.db);
    expect((await rescueDeliveries(system.deps.db)).resent).toBe(1);

    const again = (await claim(await newWorker())).find((delivery) => delivery.id === id);
    expect(again?.attempt).toBe(2);
  });

  it('leaves in doubt what was sent three times without a reply', async () => {
    const worker = await newWorker();
    const [held] = await claim(worker, 1);
    const id = held?.id as DeliveryId;
    await markDots(worker, [id]);
    await endLease(system.deps.db, worker);
    await rescueDeliveries(system.deps.db);
    await sql`update campaigns set ambiguous_policy = 'resend' where id = ${campaignId}`.execute(system.deps.db);
    await sql`update deliveries set dot_at = now() - interval '11 minutes', attempt = 3 where id = ${id}`.execute(
      system.deps.db,
    );

    expect((await rescueDeliveries(system.deps.db)).resent).toBe(0);
    expect(await stateOf(id)).toBe('ambiguous');
  });

  it('does not give up on who was never refused, however long the campaign stood still', async () => {
    const worker = await newWorker();
    const ids = (await claim(worker)).map((delivery) => delivery.id);
    await sql`update campaigns set status = 'paused' where id = ${campaignId}`.execute(system.deps.db);
    await gateAgain(system.deps.db, { ids, workerId: worker, now: system.deps.clock.now() });
    await sql`update campaigns set status = 'sending' where id = ${campaignId}`.execute(system.deps.db);
    await sql`update deliveries set give_up_at = now() - interval '1 hour'`.execute(system.deps.db);
    const [refused, ...others] = ids;
    await sql`update deliveries set state = 'deferred' where id = ${refused}`.execute(system.deps.db);

    expect((await claim(worker)).map((delivery) => delivery.id)).toEqual(others);
    expect(await stateOf(refused as DeliveryId)).toBe('rejected');
  });

  it('turns rows back at the second look when the campaign was paused, cancelled or the reader left', async () => {
    const worker = await newWorker();
    const held = await claim(worker);
    const ids = held.map((delivery) => delivery.id);
    const look = (): Promise<ReadonlySet<DeliveryId>> =>
      gateAgain(system.deps.db, { ids, workerId: worker, now: system.deps.clock.now() });
    await sql`update subscriptions set status = 'unsubscribed' where subscriber_id = ${held[0]?.subscriberId}`.execute(
      system.deps.db,
    );

    expect(await look()).toEqual(new Set(ids.slice(1)));
    await sql`update campaigns set status = 'paused' where id = ${campaignId}`.execute(system.deps.db);
    expect(await look()).toEqual(new Set());

    const states = await Promise.all(ids.map(stateOf));
    expect(states).toEqual(['suppressed', 'planned', 'planned']);
  });

  it('claims nothing while the kill switch is on or the address is no longer the one of the subscriber', async () => {
    const worker = await newWorker();
    await sql`insert into settings (key, value) values ('kill_switch', '{}')`.execute(system.deps.db);
    expect(await claim(worker)).toEqual([]);
    await sql`delete from settings where key = 'kill_switch'`.execute(system.deps.db);
    await sql`update subscribers set address = 'moved@readers.example' where address like 'reader-1@%'`.execute(
      system.deps.db,
    );

    expect(await claim(worker)).toHaveLength(2);
    const { rows } = await sql<{ reason: string }>`select reason from deliveries where state = 'suppressed'`.execute(
      system.deps.db,
    );
    expect(rows).toEqual([{ reason: 'subscriber_gone' }]);
  });
});
