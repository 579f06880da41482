import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { campaignProgress, requireCampaign, resolveAmbiguous, settleCampaign } from '../../../src/campaigns/index.ts';
import type { AmbiguousChoice } from '../../../src/campaigns/index.ts';
import { claimDue, commitLedger, registerWorker, resolveByEvidence } from '../../../src/deliveries/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { CampaignId, DeliveryId } from '../../../src/shared/ids.ts';
import { addressOf, openPress } from './press.ts';
import type { Press } from './press.ts';
import { blockedIds, sendWithOutcomes, statesOf } from './outcomes.ts';
import type { Outcome } from './outcomes.ts';

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  'ada@example.org': { state: 'accepted' },
  'bo@example.org': { state: 'ambiguous', reason: 'reply_never_came' },
  'cy@example.org': { state: 'ambiguous', reason: 'reply_never_came' },
};
const ALL: AmbiguousChoice = { kind: 'all' };
const only = (...addresses: string[]): AmbiguousChoice => ({
  kind: 'addresses',
  addresses: addresses.map(addressOf),
});
const by = (id: CampaignId) => ({ id, actor: CLI_ACTOR });

let press: Press;

beforeAll(async () => {
  press = await openPress();
  for (const address of Object.keys(OUTCOMES)) {
    await press.addReaders(address);
  }
});
afterAll(() => press.close());

async function idOf(campaignId: CampaignId, address: string): Promise<DeliveryId> {
  const { id } = await press.deps.db
    .selectFrom('deliveries')
    .select('id')
    .where('campaign_id', '=', campaignId)
    .where('address', '=', address)
    .executeTakeFirstOrThrow();
  return id;
}

describe('resolveAmbiguous', () => {
  it('counts some as accepted and others as rejected, on the word of whoever looked', async () => {
    const id = await sendWithOutcomes(press, OUTCOMES);

    const accepted = { resolution: 'accepted', choice: only('Bo@Example.org') } as const;
    expect((await resolveAmbiguous(press.deps, by(id), accepted)).resolved).toBe(1);
    const { campaign } = await resolveAmbiguous(press.deps, by(id), { resolution: 'rejected', choice: ALL });

    expect(await statesOf(press, id)).toMatchObject({ 'bo@example.org': 'accepted', 'cy@example.org': 'rejected' });
    expect(await campaignProgress(press.deps, campaign)).toMatchObject({
      accepted: 2,
      rejected: 1,
      ambiguous: 0,
      open: 0,
    });
    const events = await press.deps.db
      .selectFrom('delivery_events')
      .select(['event', 'resolution', 'source'])
      .where('delivery_id', '=', await idOf(id, 'bo@example.org'))
      .orderBy('id')
      .execute();
    expect(events).toMatchObject([
      { event: 'ambiguous' },
      { event: 'resolved', resolution: 'accepted', source: 'by_hand' },
    ]);
  });

  it('sends once more, as the next attempt, and the campaign is sending again', async () => {
    const id = await sendWithOutcomes(press, OUTCOMES);

    const { campaign } = await resolveAmbiguous(press.deps, by(id), { resolution: 'resend', choice: ALL });

    expect(campaign).toMatchObject({ status: 'sending', finishedAt: null });
    expect(press.rung).toEqual(['send-campaigns']);
    expect(await blockedIds(press, id)).toHaveLength(2);
    const workerId = await registerWorker(press.deps.db, { host: 'test', pid: 1, leaseSeconds: 60 });
    const now = press.deps.clock.now();
    const { claimed } = await claimDue(press.deps.db, { lane: 'campaigns', workerId, limit: 10, now });
    expect(claimed.map(({ address, attempt }) => [address, attempt])).toEqual([
      ['bo@example.org', 2],
      ['cy@example.org', 2],
    ]);
  });

  it('lets the late reply of the attempt before settle what waits for the next one', async () => {
    const id = await sendWithOutcomes(press, OUTCOMES);
    const { db, clock } = press.deps;
    const workerId = await registerWorker(db, { host: 'test', pid: 1, leaseSeconds: 60 });
    await db.updateTable('deliveries').set({ worker_id: workerId }).where('campaign_id', '=', id).execute();
    await resolveAmbiguous(press.deps, by(id), { resolution: 'resend', choice: only('bo@example.org') });

    const late = { id: await idOf(id, 'bo@example.org'), attempt: 1 };
    const reply = { code: 250, enhancedCode: '2.0.0', text: 'queued' };
    const outcomes = [{ ...late, dot: 'committed' as const, outcome: { state: 'accepted' as const, reply } }];
    await commitLedger(db, { workerId, dots: [], outcomes, doneBlocks: [], now: clock.now() });

    expect(await statesOf(press, id)).toMatchObject({ 'bo@example.org': 'accepted', 'cy@example.org': 'ambiguous' });
    const { claimed } = await claimDue(db, { lane: 'campaigns', workerId, limit: 10, now: clock.now() });
    expect(claimed.filter(({ campaignId }) => campaignId === id)).toEqual([]);
  });

  it('decides about all that were named or about none', async () => {
    const id = await sendWithOutcomes(press, OUTCOMES);
    const choices: readonly AmbiguousChoice[] = [
      only('bo@example.org', 'ada@example.org'),
      { kind: 'deliveries', ids: [await idOf(id, 'bo@example.org'), 999_999 as DeliveryId] },
    ];

    for (const choice of choices) {
      await expect(resolveAmbiguous(press.deps, by(id), { resolution: 'accepted', choice })).rejects.toMatchObject({
        code: 'not_ambiguous',
        details: { count: 1 },
      });
    }
    expect(await statesOf(press, id)).toMatchObject({ 'bo@example.org': 'ambiguous' });
  });

  it('is done once when two decide at once', async () => {
    const id = await sendWithOutcomes(press, OUTCOMES);

    const outcomes = await Promise.allSettled(
      (['accepted', 'resend'] as const).map((resolution) =>
        resolveAmbiguous(press.deps, by(id), { resolution, choice: ALL }),
      ),
    );

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'nothing_ambiguous' },
    });
  });

  it('sends nothing of a cancelled campaign, but takes what became known of it', async () => {
    const id = await sendWithOutcomes(press, OUTCOMES, 'cancelled');

    await expect(resolveAmbiguous(press.deps, by(id), { resolution: 'resend', choice: ALL })).rejects.toMatchObject({
      code: 'campaign_cancelled',
    });
    expect((await resolveAmbiguous(press.deps, by(id), { resolution: 'accepted', choice: ALL })).resolved).toBe(2);
  });

  it('lets a campaign end that waited to send them again', async () => {
    const id = await sendWithOutcomes(press, OUTCOMES, 'sending');
    const { db, clock } = press.deps;
    await db.updateTable('campaigns').set({ ambiguous_policy: 'resend' }).where('id', '=', id).execute();
    const ids = [await idOf(id, 'bo@example.org'), await idOf(id, 'cy@example.org')];
    const due_at = new Date(clock.now().getTime() + 600_000);
    for (const one of ids) {
      const block = { lane: 'campaigns' as const, campaign_id: id, first_id: one, last_id: one, due_at };
      await db.insertInto('delivery_blocks').values(block).execute();
    }
    expect(await settleCampaign(press.deps, id)).toBe('still-open');

    await resolveAmbiguous(press.deps, by(id), { resolution: 'accepted', choice: { kind: 'deliveries', ids } });

    expect(press.rung).toEqual(['settle-campaign']);
    expect(await settleCampaign(press.deps, id)).toBe('finished');
    expect(await requireCampaign(db, id)).toMatchObject({ status: 'sent' });
  });
});

it('takes later evidence for what is ambiguous, and for nothing else', async () => {
  const id = await sendWithOutcomes(press, OUTCOMES);
  const { db, clock } = press.deps;
  const found = { evidence: 'rejected', source: 'by_hand', now: clock.now() } as const;

  expect(await resolveByEvidence(db, { ...found, deliveryId: await idOf(id, 'bo@example.org') })).toBe(true);
  expect(await resolveByEvidence(db, { ...found, deliveryId: await idOf(id, 'bo@example.org') })).toBe(false);
  expect(await resolveByEvidence(db, { ...found, deliveryId: await idOf(id, 'ada@example.org') })).toBe(false);
  expect(await statesOf(press, id)).toMatchObject({ 'ada@example.org': 'accepted', 'bo@example.org': 'rejected' });
});
