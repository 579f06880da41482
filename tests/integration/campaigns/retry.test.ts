import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { campaignProgress, countFailed, requireCampaign, retryFailed } from '../../../src/campaigns/index.ts';
import { claimDue, registerWorker } from '../../../src/deliveries/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { CampaignId } from '../../../src/shared/ids.ts';
import { suppressAddress } from '../../../src/suppressions/index.ts';
import { addressOf, openPress } from './press.ts';
import type { Press } from './press.ts';
import { blockedIds, sendWithOutcomes, statesOf } from './outcomes.ts';
import type { Outcome } from './outcomes.ts';

const ADDRESSES = ['ada', 'bo', 'cy', 'di', 'ed'].map((name) => `${name}@example.org`);
const OUTCOMES: Readonly<Record<string, Outcome>> = {
  'ada@example.org': { state: 'accepted' },
  'bo@example.org': { state: 'rejected', reason: 'mailbox_full', words: '552 full' },
  'cy@example.org': { state: 'rejected', reason: 'expired' },
  'di@example.org': { state: 'suppressed', reason: 'not_active' },
  'ed@example.org': { state: 'ambiguous', reason: 'reply_never_came' },
};

let press: Press;

beforeAll(async () => {
  press = await openPress();
  for (const address of ADDRESSES) {
    await press.addReaders(address);
  }
});
afterAll(() => press.close());

const by = (id: CampaignId) => ({ id, actor: CLI_ACTOR });

describe('retryFailed', () => {
  it('plans again what failed, with a new time to give up, and counts attempts on', async () => {
    const id = await sendWithOutcomes(press, OUTCOMES);
    press.deps.clock.advance(100 * 3_600_000);
    expect(await countFailed(press.deps, id, 'all-failed')).toBe(2);

    const { campaign, retried } = await retryFailed(press.deps, by(id), 'all-failed');

    expect(retried).toBe(2);
    expect(campaign).toMatchObject({ status: 'sending', finishedAt: null });
    expect(press.rung).toEqual(['send-campaigns']);
    expect(await statesOf(press, id)).toEqual({
      'ada@example.org': 'accepted',
      'bo@example.org': 'planned',
      'cy@example.org': 'planned',
      'di@example.org': 'suppressed',
      'ed@example.org': 'ambiguous',
    });
    expect(await campaignProgress(press.deps, campaign)).toMatchObject({
      audience: 5,
      accepted: 1,
      rejected: 0,
      suppressed: 1,
      ambiguous: 1,
      open: 2,
    });
    const workerId = await registerWorker(press.deps.db, { host: 'test', pid: 1, leaseSeconds: 60 });
    const { claimed } = await claimDue(press.deps.db, {
      lane: 'campaigns',
      workerId,
      limit: 10,
      now: press.deps.clock.now(),
    });
    expect(claimed.map(({ address, attempt }) => [address, attempt])).toEqual([
      ['bo@example.org', 2],
      ['cy@example.org', 2],
    ]);
    expect((claimed[0]?.giveUpAt.getTime() ?? 0) - press.deps.clock.now().getTime()).toBe(72 * 3_600_000);
  });

  it('leaves out those given up for time when only the refused are meant', async () => {
    const id = await sendWithOutcomes(press, OUTCOMES);

    expect((await retryFailed(press.deps, by(id), 'rejected')).retried).toBe(1);
    expect(await statesOf(press, id)).toMatchObject({ 'bo@example.org': 'planned', 'cy@example.org': 'rejected' });
  });

  it('mails once when two ask at once', async () => {
    const id = await sendWithOutcomes(press, OUTCOMES);

    const outcomes = await Promise.allSettled([1, 2, 3].map(() => retryFailed(press.deps, by(id), 'all-failed')));

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toMatchObject([
      { reason: { code: 'nothing_to_retry' } },
      { reason: { code: 'nothing_to_retry' } },
    ]);
    expect(await blockedIds(press, id)).toHaveLength(2);
  });

  it('leaves a paused campaign paused, and refuses a draft and a cancelled one', async () => {
    const paused = await sendWithOutcomes(press, OUTCOMES, 'paused');
    expect((await retryFailed(press.deps, by(paused), 'all-failed')).campaign).toMatchObject({ status: 'paused' });

    const cancelled = await sendWithOutcomes(press, OUTCOMES, 'cancelled');
    const { id: draft } = await press.writeCampaign();
    for (const id of [cancelled, draft]) {
      await expect(retryFailed(press.deps, by(id), 'all-failed')).rejects.toMatchObject({ code: 'illegal_transition' });
    }
  });

  it('changes nothing when nothing failed', async () => {
    const accepted = Object.fromEntries(ADDRESSES.map((address) => [address, { state: 'accepted' as const }]));
    const id = await sendWithOutcomes(press, accepted);

    await expect(retryFailed(press.deps, by(id), 'all-failed')).rejects.toMatchObject({ code: 'nothing_to_retry' });
    expect(await requireCampaign(press.deps.db, id)).toMatchObject({ status: 'sent', finishedAt: expect.any(Date) });
  });

  it('never mails an address that was closed since', async () => {
    const id = await sendWithOutcomes(press, OUTCOMES);
    await suppressAddress(press.deps, addressOf('bo@example.org'), CLI_ACTOR);

    expect(await countFailed(press.deps, id, 'all-failed')).toBe(1);
    await retryFailed(press.deps, by(id), 'all-failed');
    expect(await statesOf(press, id)).toMatchObject({ 'bo@example.org': 'rejected', 'cy@example.org': 'planned' });
  });
});
