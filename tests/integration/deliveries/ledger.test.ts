import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cancelCampaign } from '../../../src/campaigns/index.ts';
import {
  claimDue,
  commitLedger,
  countDeliveries,
  countFrozen,
  endLease,
  gateAgain,
  registerWorker,
  releaseBlocks,
  renewLease,
  rescueDeliveries,
} from '../../../src/deliveries/index.ts';
import type { ClaimedDelivery, CommittedEntries, DeliveryOutcome } from '../../../src/deliveries/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
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

interface Commit {
  /** Of the outcomes; as for a message whose dot was committed unless it is said. */
  readonly dot?: 'none' | 'committed' | 'unknown';
  readonly dots?: readonly (ClaimedDelivery | undefined)[];
  readonly outcomes?: readonly { readonly of: ClaimedDelivery | undefined; readonly outcome: DeliveryOutcome }[];
}

function commit(workerId: WorkerId, { dot = 'unknown', dots = [], outcomes = [] }: Commit): Promise<CommittedEntries> {
  return commitLedger(system.deps.db, {
    workerId,
    dots: dots.flatMap((delivery) => delivery ?? []),
    outcomes: outcomes.map(({ of, outcome }) => ({
      id: of?.id ?? (0 as DeliveryId),
      attempt: of?.attempt ?? 0,
      outcome,
      dot,
    })),
    doneBlocks: [],
    now: system.deps.clock.now(),
  });
}

async function markDots(
  workerId: WorkerId,
  ...dots: (ClaimedDelivery | undefined)[]
): Promise<ReadonlySet<DeliveryId>> {
  return (await commit(workerId, { dots })).dotted;
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

const NOBODY: ReadonlySet<DeliveryId> = new Set();

describe('the ledger of deliveries', () => {
  it('gives each due row to one of two workers that claim at once', async () => {
    const [first, second] = await Promise.all([newWorker(), newWorker()]);

    const claims = [
      ...(await Promise.all([claim(first, 2), claim(second, 2)])),
      await claim(first),
      await claim(second),
    ];

    const ids = claims.flat().map((delivery) => delivery.id);
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(3);
  });

  it('cuts a block that has more rows than are wanted', async () => {
    const worker = await newWorker();

    expect(await claim(worker, 2)).toHaveLength(2);
    expect(await claim(worker, 2)).toHaveLength(1);
    expect(await claim(worker, 2)).toHaveLength(0);
  });

  it('refuses claim, final dot and renewal to a worker whose lease is over', async () => {
    const worker = await newWorker();
    const [held] = await claim(worker, 1);
    await expireLease(worker);

    expect(await claim(worker)).toEqual([]);
    expect(await markDots(worker, held)).toEqual(NOBODY);
    expect(await renewLease(system.deps.db, { workerId: worker, leaseSeconds: 30, relayError: null })).toBe(false);
  });

  it('frees what a silent worker had claimed, and lists as ambiguous what had its final dot committed', async () => {
    const worker = await newWorker();
    const [a, b] = await claim(worker, 2);
    await markDots(worker, b);
    await expireLease(worker);

    expect(await rescueDeliveries(system.deps.db)).toEqual({ freed: 1, ambiguous: 1 });

    expect(await stateOf(a?.id as DeliveryId)).toBe('planned');
    expect(await stateOf(b?.id as DeliveryId)).toBe('ambiguous');
    expect(await rescueDeliveries(system.deps.db)).toEqual({ freed: 0, ambiguous: 0 });
    expect(await countDeliveries(system.deps.db, campaignId)).toMatchObject({ audience: 3, ambiguous: 1, open: 2 });
    expect((await claim(await newWorker())).map(({ id }) => id)).toContain(a?.id);
  });

  it('does not let a zombie finish a row that somebody else has taken over', async () => {
    const zombie = await newWorker();
    const [held] = await claim(zombie, 1);
    await expireLease(zombie);
    await rescueDeliveries(system.deps.db);
    const heir = await newWorker();
    const taken = (await claim(heir)).find(({ id }) => id === held?.id);
    expect(taken).toBeDefined();

    expect(await markDots(zombie, held)).toEqual(NOBODY);
    expect((await commit(zombie, { outcomes: [{ of: held, outcome: ACCEPTED }] })).settled).toEqual(NOBODY);
    expect(await markDots(heir, taken)).toEqual(new Set([held?.id]));
    expect((await commit(zombie, { outcomes: [{ of: held, outcome: ACCEPTED }] })).settled).toEqual(NOBODY);
    expect(await stateOf(held?.id as DeliveryId)).toBe('dot_pending');
  });

  it('lets one of two workers finish a row that both hold', async () => {
    const [first, second] = await Promise.all([newWorker(), newWorker()]);
    const [held] = await claim(first, 1);
    await releaseBlocks(system.deps.db, { blockIds: held === undefined ? [] : [held.blockId], workerId: first });
    const twin = (await claim(second)).find(({ id }) => id === held?.id);
    expect(twin?.attempt).toBe(held?.attempt);

    const dots = await Promise.all([markDots(first, held), markDots(second, twin)]);

    expect(dots.map((dotted) => dotted.size).toSorted((a, b) => a - b)).toEqual([0, 1]);
  });

  it('does not let what ended before a dot undo the dot of somebody else', async () => {
    const worker = await newWorker();
    const [held] = await claim(worker, 1);
    await markDots(worker, held);
    const refused = { state: 'deferred', reason: 'mailbox_busy', reply: undefined, retryAt: new Date() } as const;

    const { settled } = await commit(worker, { dot: 'none', outcomes: [{ of: held, outcome: refused }] });

    expect(settled).toEqual(NOBODY);
    expect(await stateOf(held?.id as DeliveryId)).toBe('dot_pending');
  });

  it('settles an ambiguous row by a late reply of the same attempt', async () => {
    const worker = await newWorker();
    const [held] = await claim(worker, 1);
    await markDots(worker, held);
    await expireLease(worker);
    await rescueDeliveries(system.deps.db);

    const { settled } = await commit(worker, { outcomes: [{ of: held, outcome: ACCEPTED }] });

    expect(settled).toEqual(new Set([held?.id]));
    expect(await stateOf(held?.id as DeliveryId)).toBe('accepted');
    expect(await countDeliveries(system.deps.db, campaignId)).toMatchObject({ accepted: 1, ambiguous: 0, open: 2 });
  });

  async function loseReply(worker: WorkerId, policy: 'hold' | 'resend'): Promise<DeliveryId> {
    await sql`update campaigns set ambiguous_policy = ${policy} where id = ${campaignId}`.execute(system.deps.db);
    const [held] = await claim(worker, 1);
    await markDots(worker, held);
    await endLease(system.deps.db, worker);
    await rescueDeliveries(system.deps.db);
    return held?.id as DeliveryId;
  }

  async function waitForLateReplies(): Promise<void> {
    await sql`update deliveries set due_at = due_at - interval '11 minutes'`.execute(system.deps.db);
    await sql`update delivery_blocks set due_at = due_at - interval '11 minutes'`.execute(system.deps.db);
  }

  it('sends an ambiguous mail again only under the policy resend, and not before every late reply is over', async () => {
    const id = await loseReply(await newWorker(), 'resend');

    expect((await claim(await newWorker())).map((delivery) => delivery.id)).not.toContain(id);
    await waitForLateReplies();

    const again = (await claim(await newWorker())).find((delivery) => delivery.id === id);
    expect(again?.attempt).toBe(2);
    expect(await countDeliveries(system.deps.db, campaignId)).toMatchObject({ audience: 3, ambiguous: 0, open: 3 });
  });

  it('never sends an ambiguous mail again under the policy hold', async () => {
    const id = await loseReply(await newWorker(), 'hold');
    await waitForLateReplies();

    expect((await claim(await newWorker())).map((delivery) => delivery.id)).not.toContain(id);
    expect(await stateOf(id)).toBe('ambiguous');
  });

  it('leaves in doubt what was sent three times without a reply', async () => {
    const id = await loseReply(await newWorker(), 'resend');
    await sql`update deliveries set attempt = 3 where id = ${id}`.execute(system.deps.db);
    await waitForLateReplies();

    expect((await claim(await newWorker())).map((delivery) => delivery.id)).not.toContain(id);
    expect(await stateOf(id)).toBe('ambiguous');
  });

  it('gives a deferred row back at its time, and only then', async () => {
    const worker = await newWorker();
    const [held] = await claim(worker, 1);
    const retryAt = new Date(system.deps.clock.now().getTime() + 3_600_000);
    await commit(worker, {
      outcomes: [{ of: held, outcome: { state: 'deferred', reason: 'mailbox_busy', reply: undefined, retryAt } }],
    });
    await endLease(system.deps.db, worker);
    await rescueDeliveries(system.deps.db);

    const heir = await newWorker();
    expect((await claim(heir)).map(({ id }) => id)).not.toContain(held?.id);
    const { claimed } = await claimDue(system.deps.db, { lane: 'campaigns', workerId: heir, limit: 10, now: retryAt });
    expect(claimed).toMatchObject([{ id: held?.id, attempt: 2 }]);
  });

  it('does not give up on who was never refused, however long the campaign stood still', async () => {
    const [refused] = await claim(await newWorker());
    await sql`update workers set fenced_at = now()`.execute(system.deps.db);
    await rescueDeliveries(system.deps.db);
    await sql`update deliveries set give_up_at = now() - interval '1 hour'`.execute(system.deps.db);
    await sql`update deliveries set state = 'deferred' where id = ${refused?.id}`.execute(system.deps.db);
    await sql`insert into delivery_blocks (lane, campaign_id, first_id, last_id, due_at)
      select 'campaigns', campaign_id, id, id, due_at from deliveries where id = ${refused?.id}`.execute(
      system.deps.db,
    );

    const claimed = await claim(await newWorker());

    expect(claimed).toHaveLength(2);
    expect(await stateOf(refused?.id as DeliveryId)).toBe('rejected');
  });

  it('turns rows back at the second look when the campaign was paused or the reader left', async () => {
    const held = await claim(await newWorker());
    const ids = held.map((delivery) => delivery.id);
    const look = (): Promise<ReadonlySet<DeliveryId>> =>
      gateAgain(system.deps.db, { lane: 'campaigns', ids, now: system.deps.clock.now() });
    await sql`update subscriptions set status = 'unsubscribed' where subscriber_id = ${held[0]?.subscriberId}`.execute(
      system.deps.db,
    );

    expect(await look()).toEqual(new Set(ids.slice(1)));
    await sql`update campaigns set status = 'paused' where id = ${campaignId}`.execute(system.deps.db);
    expect(await look()).toEqual(NOBODY);

    const states = await Promise.all(ids.map(stateOf));
    expect(states).toEqual(['suppressed', 'planned', 'planned']);
  });

  it("refuses the final dot of what was cancelled in a worker's hands", async () => {
    const worker = await newWorker();
    const [held] = await claim(worker);
    await cancelCampaign(system.deps, { id: campaignId, actor: CLI_ACTOR });

    expect(await markDots(worker, held)).toEqual(NOBODY);
    expect(await countDeliveries(system.deps.db, campaignId)).toMatchObject({ cancelled: 3, open: 0 });
  });

  it.each(['kill_switch', 'release_hold'])('claims no campaign while %s is set (T14)', async (key) => {
    const held = await claim(await newWorker(), 1);
    await sql`insert into settings (key, value) values (${key}, '{}')`.execute(system.deps.db);

    expect(await claim(await newWorker())).toEqual([]);
    const ids = held.map(({ id }) => id);
    expect(await gateAgain(system.deps.db, { lane: 'campaigns', ids, now: system.deps.clock.now() })).toEqual(NOBODY);
    await sql`delete from settings where key = ${key}`.execute(system.deps.db);
    expect(await claim(await newWorker())).toHaveLength(2);
  });

  it('mails nobody whose address is no longer the one of the row', async () => {
    await sql`update subscribers set address = 'moved@readers.example' where address like 'reader-1@%'`.execute(
      system.deps.db,
    );

    expect(await claim(await newWorker())).toHaveLength(2);
    const { rows } = await sql<{ reason: string }>`select reason from deliveries where state = 'suppressed'`.execute(
      system.deps.db,
    );
    expect(rows).toEqual([{ reason: 'subscriber_gone' }]);
    expect(await countDeliveries(system.deps.db, campaignId)).toMatchObject({ audience: 3, suppressed: 1, open: 2 });
  });

  it('shows counts that equal the rows counted one by one, whoever changed them (T12)', async () => {
    await sql`update deliveries set state = 'accepted' where subscriber_id = (select min(subscriber_id) from deliveries)`.execute(
      system.deps.db,
    );
    await sql`update deliveries set state = 'cancelled' where state = 'planned'`.execute(system.deps.db);
    await sql`update deliveries set state = 'planned' where state = 'cancelled' and subscriber_id = (select max(subscriber_id) from deliveries)`.execute(
      system.deps.db,
    );

    expect(await countFrozen(system.deps.db, campaignId)).toBe(3);
    expect(await countDeliveries(system.deps.db, campaignId)).toEqual({
      audience: 3,
      accepted: 1,
      rejected: 0,
      suppressed: 0,
      ambiguous: 0,
      cancelled: 1,
      open: 1,
    });
  });
});
