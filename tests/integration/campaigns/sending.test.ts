import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  campaignProgress,
  cancelCampaign,
  countRecipients,
  listDueCampaigns,
  listUnfinishedCancellations,
  pauseCampaign,
  requireCampaign,
  resumeCampaign,
  sendCampaign,
  settleCampaign,
  startCampaign,
  undoSend,
} from '../../../src/campaigns/index.ts';
import type { Campaign } from '../../../src/campaigns/index.ts';
import { updateNewsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { CampaignId, WorkerId } from '../../../src/shared/ids.ts';
import { dropPostalAddress, openPress } from './press.ts';
import type { Press } from './press.ts';

let press: Press;

beforeAll(async () => {
  press = await openPress();
  await press.addReaders('ada@example.org', 'bo@example.org', 'cy@example.org');
});
beforeEach(() => {
  press.rung.length = 0;
});
afterAll(() => press.close());

const by = (id: CampaignId) => ({ id, actor: CLI_ACTOR });
const AFTER_UNDO_TIME = { kind: 'after-undo-time' } as const;
const IMMEDIATELY = { kind: 'immediately' } as const;

async function send(start: Parameters<typeof sendCampaign>[2]['start'] = IMMEDIATELY): Promise<Campaign> {
  const { id } = await press.writeCampaign();
  return sendCampaign(press.deps, by(id), { expectedCount: 3, start });
}

async function sendAndStart(): Promise<CampaignId> {
  const { id } = await send();
  await startCampaign(press.deps, id);
  return id;
}

function moveDeliveries(id: CampaignId, from: string, to: string, limit = 1_000_000): Promise<unknown> {
  const { db } = press.deps;
  const some = db.selectFrom('deliveries').select('id').where('campaign_id', '=', id).where('state', '=', from);
  return db.updateTable('deliveries').set({ state: to }).where('id', 'in', some.limit(limit)).execute();
}

/** What a worker does with the blocks of a campaign: takes them, gives them back, is done with them. */
function moveBlocks(id: CampaignId, to: 'held' | 'free' | 'done'): Promise<unknown> {
  const { db } = press.deps;
  return to === 'done'
    ? db.deleteFrom('delivery_blocks').where('campaign_id', '=', id).execute()
    : db
        .updateTable('delivery_blocks')
        .set({ worker_id: to === 'held' ? (1 as WorkerId) : null })
        .where('campaign_id', '=', id)
        .execute();
}

describe('sendCampaign', () => {
  it('schedules a draft in a minute, so that there is time for undo', async () => {
    const campaign = await send(AFTER_UNDO_TIME);

    const startAt = new Date(press.deps.clock.now().getTime() + 60_000);
    expect(campaign).toMatchObject({ status: 'scheduled', startAt, frozenAt: null });
    expect(press.rung).toEqual([]);
    expect(await listDueCampaigns(press.deps.db, press.deps.clock.now())).not.toContain(campaign.id);
    expect(await listDueCampaigns(press.deps.db, startAt)).toContain(campaign.id);
    expect(await startCampaign(press.deps, campaign.id)).toEqual({ kind: 'not-due' });
  });

  it('starts immediately when asked', async () => {
    const campaign = await send(IMMEDIATELY);

    expect(campaign).toMatchObject({ status: 'scheduled', startAt: press.deps.clock.now() });
    expect(press.rung).toEqual(['start-campaign']);
  });

  it('refuses a start in the past', async () => {
    const at = new Date(press.deps.clock.now().getTime() - 1);
    await expect(send({ kind: 'at', at })).rejects.toMatchObject({ code: 'start_in_past' });
  });

  it('refuses when the audience is not the one that was shown, and says what it is', async () => {
    const { id } = await press.writeCampaign();

    const sending = sendCampaign(press.deps, by(id), { expectedCount: 2, start: IMMEDIATELY });

    await expect(sending).rejects.toMatchObject({ kind: 'conflict', code: 'audience_changed', details: { count: 3 } });
    expect(await requireCampaign(press.deps.db, id)).toMatchObject({ status: 'draft', startAt: null });
  });

  it('refuses without a postal address', async () => {
    await dropPostalAddress(press);
    await expect(send()).rejects.toMatchObject({ kind: 'conflict', code: 'postal_address_missing' });
    await updateNewsletter(press.deps, press.newsletter.id, { postalAddress: '1 Harbour Street' }, CLI_ACTOR);
  });

  it('refuses while a legal text is a sample and mails would leave this machine', async () => {
    const { id } = await press.writeCampaign();
    const deps = { ...press.deps, config: { ...press.deps.config, smtpIsLoopback: false } };

    const sending = sendCampaign(deps, by(id), { expectedCount: 3, start: IMMEDIATELY });

    await expect(sending).rejects.toMatchObject({ kind: 'conflict', code: 'legal_sample' });
  });

  it('lets one of two senders win', async () => {
    const { id } = await press.writeCampaign();
    const order = { expectedCount: 3, start: IMMEDIATELY };

    const outcomes = await Promise.allSettled([
      sendCampaign(press.deps, by(id), order),
      sendCampaign(press.deps, by(id), order),
    ]);

    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'illegal_transition' },
    });
  });
});

describe('startCampaign', () => {
  it('freezes everybody who is active and not suppressed, and rings the lane', async () => {
    const campaign = await send();
    press.rung.length = 0;

    expect(await startCampaign(press.deps, campaign.id)).toEqual({ kind: 'started', audienceCount: 3 });

    const started = await requireCampaign(press.deps.db, campaign.id);
    expect(started).toMatchObject({ status: 'sending', audienceCount: 3, frozenAt: press.deps.clock.now() });
    expect(press.rung).toEqual(['send-campaigns']);
    expect(await campaignProgress(press.deps, started)).toEqual({
      audience: 3,
      accepted: 0,
      rejected: 0,
      suppressed: 0,
      ambiguous: 0,
      cancelled: 0,
      open: 3,
      underWay: 0,
      waiting: 0,
      nextDueAt: null,
      ratePerSecond: 0,
      etaSeconds: null,
      hindrances: [{ code: 'no_worker', message: expect.stringContaining('npm run worker') }],
    });
  });

  it('freezes once when it runs twice, and when two run at once', async () => {
    const { id } = await send();

    const outcomes = await Promise.all([1, 2, 3].map(() => startCampaign(press.deps, id)));
    const again = await startCampaign(press.deps, id);

    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['not-due', 'not-due', 'started']);
    expect(again).toEqual({ kind: 'not-due' });
    const { length } = await press.deps.db
      .selectFrom('deliveries')
      .select('id')
      .where('campaign_id', '=', id)
      .execute();
    expect(length).toBe(3);
  });

  it('starts nothing that was undone, and undo is refused once it has started', async () => {
    const { id } = await send(AFTER_UNDO_TIME);
    expect(await undoSend(press.deps, by(id))).toMatchObject({ status: 'draft', startAt: null });
    press.deps.clock.advance(61_000);

    expect(await startCampaign(press.deps, id)).toEqual({ kind: 'not-due' });

    await expect(undoSend(press.deps, by(await sendAndStart()))).rejects.toMatchObject({ code: 'illegal_transition' });
  });

  it('is either undone or started when both happen at once', async () => {
    const { id } = await send();

    const [undone, started] = await Promise.allSettled([undoSend(press.deps, by(id)), startCampaign(press.deps, id)]);

    const { status, frozenAt } = await requireCampaign(press.deps.db, id);
    expect(started.status).toBe('fulfilled');
    expect({ status, isFrozen: frozenAt !== null }).toEqual(
      undone.status === 'fulfilled' ? { status: 'draft', isFrozen: false } : { status: 'sending', isFrozen: true },
    );
  });

  it('says why it stands still, and starts when the reason is gone', async () => {
    const { id } = await send();
    await dropPostalAddress(press);

    expect(await startCampaign(press.deps, id)).toEqual({ kind: 'stopped', code: 'postal_address_missing' });
    expect(await listDueCampaigns(press.deps.db, press.deps.clock.now())).not.toContain(id);
    press.deps.clock.advance(60_000);
    expect(await listDueCampaigns(press.deps.db, press.deps.clock.now())).toContain(id);
    expect(await requireCampaign(press.deps.db, id)).toMatchObject({
      status: 'scheduled',
      stopCode: 'postal_address_missing',
      stopMessage: expect.stringContaining('POSTAL_ADDRESS'),
    });

    await updateNewsletter(press.deps, press.newsletter.id, { postalAddress: '1 Harbour Street' }, CLI_ACTOR);
    expect(await startCampaign(press.deps, id)).toMatchObject({ kind: 'started' });
    expect(await requireCampaign(press.deps.db, id)).toMatchObject({ status: 'sending', stopCode: null });
  });
});

describe('a sending campaign', () => {
  it('counts its frozen audience, whoever joins later', async () => {
    const id = await sendAndStart();
    const [late] = await press.addReaders('late@example.org');

    expect(await countRecipients(press.deps.db, await requireCampaign(press.deps.db, id), press.deps.clock.now())).toBe(
      3,
    );

    await press.deps.db
      .deleteFrom('subscribers')
      .where('id', '=', late ?? null)
      .execute();
  });

  it('is sent once no delivery is open', async () => {
    const id = await sendAndStart();
    expect(await settleCampaign(press.deps, id)).toBe('still-open');

    await moveDeliveries(id, 'planned', 'accepted');
    await moveBlocks(id, 'done');

    expect(await settleCampaign(press.deps, id)).toBe('finished');
    expect(await settleCampaign(press.deps, id)).toBe('nothing-to-settle');
    expect(await requireCampaign(press.deps.db, id)).toMatchObject({ status: 'sent', finishedAt: expect.any(Date) });
  });

  it('waits for ambiguous deliveries that its policy sends again', async () => {
    const id = await sendAndStart();
    await press.deps.db.updateTable('campaigns').set({ ambiguous_policy: 'resend' }).where('id', '=', id).execute();
    await moveDeliveries(id, 'planned', 'ambiguous', 1);
    await moveDeliveries(id, 'planned', 'accepted');

    expect(await settleCampaign(press.deps, id)).toBe('still-open');
  });

  it('pauses, telling how many may still leave, and goes on', async () => {
    const id = await sendAndStart();
    await moveBlocks(id, 'held');

    const paused = await pauseCampaign(press.deps, by(id));
    expect(paused).toMatchObject({ status: 'paused' });
    expect(await campaignProgress(press.deps, paused)).toMatchObject({ open: 3, underWay: 3 });
    await moveBlocks(id, 'free');
    expect(await campaignProgress(press.deps, paused)).toMatchObject({ open: 3, underWay: 0 });
    await expect(pauseCampaign(press.deps, by(id))).rejects.toMatchObject({ code: 'illegal_transition' });
    press.rung.length = 0;
    expect(await resumeCampaign(press.deps, by(id))).toMatchObject({ status: 'sending' });
    expect(press.rung).toEqual(['send-campaigns', 'settle-campaign']);
  });

  it('cancels what no worker holds at once, and what comes back from a worker later', async () => {
    const id = await sendAndStart();
    await moveDeliveries(id, 'planned', 'accepted', 1);
    await moveDeliveries(id, 'planned', 'dot_pending', 1);
    await moveBlocks(id, 'held');

    expect(await cancelCampaign(press.deps, by(id))).toMatchObject({ status: 'cancelled', finishedAt: null });
    expect(await listUnfinishedCancellations(press.deps.db)).toEqual([id]);
    expect(await settleCampaign(press.deps, id)).toBe('still-open');
    expect(await campaignProgress(press.deps, await requireCampaign(press.deps.db, id))).toMatchObject({
      open: 1,
      underWay: 1,
    });

    await moveDeliveries(id, 'dot_pending', 'deferred');
    await moveBlocks(id, 'free');
    expect(await settleCampaign(press.deps, id)).toBe('finished');
    expect(await listUnfinishedCancellations(press.deps.db)).toEqual([]);
    const campaign = await requireCampaign(press.deps.db, id);
    expect(campaign).toMatchObject({ status: 'cancelled', finishedAt: expect.any(Date) });
    expect(await campaignProgress(press.deps, campaign)).toMatchObject({
      audience: 3,
      accepted: 1,
      cancelled: 2,
      open: 0,
    });
  });

  it('promises no time for what is due later, but says when', async () => {
    const id = await sendAndStart();
    const due_at = new Date(press.deps.clock.now().getTime() + 1_800_000);
    await moveDeliveries(id, 'planned', 'deferred');
    await press.deps.db.updateTable('delivery_blocks').set({ due_at }).where('campaign_id', '=', id).execute();

    expect(await campaignProgress(press.deps, await requireCampaign(press.deps.db, id))).toMatchObject({
      open: 3,
      waiting: 3,
      nextDueAt: due_at,
      etaSeconds: null,
    });
  });

  it('cancels a scheduled campaign for good', async () => {
    const { id } = await send(AFTER_UNDO_TIME);

    expect(await cancelCampaign(press.deps, by(id))).toMatchObject({
      status: 'cancelled',
      finishedAt: press.deps.clock.now(),
    });
    await expect(undoSend(press.deps, by(id))).rejects.toMatchObject({ code: 'illegal_transition' });
  });
});

it('finishes a campaign without readers at once', async () => {
  const alone = await openPress();
  const { id } = await alone.writeCampaign();
  await sendCampaign(alone.deps, by(id), { expectedCount: 0, start: IMMEDIATELY });

  expect(await startCampaign(alone.deps, id)).toEqual({ kind: 'started', audienceCount: 0 });
  expect(alone.rung).toContain('settle-campaign');
  expect(await settleCampaign(alone.deps, id)).toBe('finished');
  await alone.close();
});

it('mails an issue in the lane of digests, compiled when it starts', async () => {
  const { db, clock } = press.deps;
  const now = clock.now();
  const content = {
    number: 1,
    dateIso: '2026-11-23',
    title: 'The harbour reopens',
    sections: [
      {
        name: 'Insights',
        articles: [{ title: 'The harbour reopens', url: 'https://example.org/1', summaryText: 'At last.' }],
      },
    ],
  };
  const issue = await db
    .insertInto('issues')
    .values({
      newsletter_id: press.newsletter.id,
      kind: 'extra',
      period_at: now,
      number: 1,
      status: 'approved',
      from_at: now,
      cutoff_at: now,
      title: content.title,
      content: JSON.stringify(content),
      created_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const { id } = await db
    .insertInto('campaigns')
    .values({
      kind: 'issue',
      newsletter_id: press.newsletter.id,
      issue_id: issue.id,
      subject: content.title,
      source_format: 'digest',
      source: JSON.stringify(content),
      status: 'scheduled',
      start_at: now,
      created_by: 'system',
      created_at: now,
      updated_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();

  expect(await startCampaign(press.deps, id)).toEqual({ kind: 'started', audienceCount: 3 });

  expect(press.rung).toEqual(['send-digests']);
  const deliveries = await db
    .selectFrom('deliveries as d')
    .innerJoin('compiled_mails as m', 'm.id', 'd.compiled_mail_id')
    .select(['d.kind', 'm.template', 'm.mail'])
    .where('d.campaign_id', '=', id)
    .execute();
  const expected = { kind: 'issue', template: 'digest' };
  expect(deliveries).toMatchObject([expected, expected, expected]);
  expect(JSON.stringify(deliveries[0]?.mail)).toContain(`/archive/${press.newsletter.slug}/1`);
});
