import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { changeBounceLimits } from '../../../src/bounce-limits/index.ts';
import {
  cancelCampaign,
  haltBouncingCampaigns,
  haltCampaigns,
  noteOutcomes,
  pauseCampaign,
  requireCampaign,
  resumeCampaign,
  sendCampaign,
  startCampaign,
} from '../../../src/campaigns/index.ts';
import type { Campaign, HaltVerdict } from '../../../src/campaigns/index.ts';
import { createLogger } from '../../../src/platform/logging/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { CampaignId } from '../../../src/shared/ids.ts';
import { openPress } from './press.ts';
import type { Press } from './press.ts';

type Outcome = 'good' | 'hard' | 'content' | 'soft';

let press: Press;
let campaignId: CampaignId;

beforeAll(async () => {
  press = await openPress();
  await press.addReaders('ada@example.org', 'bo@example.org', 'cy@example.org');
});
beforeEach(async () => {
  campaignId = await sendAndStart();
});
afterAll(() => press.close());

async function sendAndStart(): Promise<CampaignId> {
  const { id } = await press.writeCampaign();
  await sendCampaign(press.deps, by(id), { expectedCount: 3, start: { kind: 'immediately' } });
  await startCampaign(press.deps, id);
  return id;
}

const by = (id: CampaignId) => ({ id, actor: CLI_ACTOR });
const deps = () => ({ ...press.deps, log: createLogger('fatal', 'test') });
const many = (count: number, outcome: Outcome): readonly Outcome[] => Array.from({ length: count }, () => outcome);

/** What the engine does with a batch, less the deliveries themselves: their counts, then the notes, in one transaction. */
async function note(outcomes: readonly Outcome[], id = campaignId, shard = 0): Promise<readonly HaltVerdict[]> {
  return press.deps.db.transaction().execute(async (tx) => {
    const rejected = outcomes.filter((outcome) => outcome !== 'good').length;
    await sql`insert into campaign_counts (campaign_id, shard, state, count)
      values (${id}, ${shard}, 'accepted', ${outcomes.length - rejected}), (${id}, ${shard}, 'rejected', ${rejected})
      on conflict (campaign_id, shard, state) do update set count = campaign_counts.count + excluded.count`.execute(tx);
    return noteOutcomes(
      tx,
      outcomes.map((outcome) => ({ campaignId: id, class: outcome === 'good' ? undefined : outcome })),
    );
  });
}

async function settle(...outcomes: readonly (readonly Outcome[])[]): Promise<Campaign> {
  for (const batch of outcomes) {
    await haltCampaigns(deps(), await note(batch));
  }
  return requireCampaign(press.deps.db, campaignId);
}

/** Newest first. */
function readAudit() {
  const log = press.deps.db.selectFrom('audit_log').select(['actor', 'action', 'details']);
  return log
    .where('subject_kind', '=', 'campaign')
    .where('subject_id', '=', String(campaignId))
    .orderBy('id', 'desc')
    .execute();
}

describe('a campaign halts itself', () => {
  it.each([
    ['24 of 24: too few', 24, 0, 'sending'],
    ['25 of 25', 25, 0, 'paused'],
    ['24 of 500', 24, 476, 'sending'],
    ['25 of 500: 5.0 %, which is not more than 5', 25, 475, 'sending'],
    ['25 of 499: 5.01 %', 25, 474, 'paused'],
    ['26 of 500: 5.2 %', 26, 474, 'paused'],
    ['26 of 521: 4.99 %, of which the last 500 count', 26, 495, 'paused'],
  ])('on addresses that do not exist: %s', async (_title, hard, good, status) => {
    const campaign = await settle(many(good, 'good'), many(hard, 'hard'));

    expect(campaign.status).toBe(status);
    expect(campaign.stopCode).toBe(status === 'paused' ? 'too_many_bounces' : null);
  });

  it('says why in numbers, and in the audit log', async () => {
    const campaign = await settle(many(474, 'good'), many(26, 'hard'));

    expect(campaign.stopMessage).toBe(
      'It was halted because 26 of the last 500 mails (5.2 %; the limit is 5 %) went to addresses that do not exist. ' +
        'Find out where these addresses come from before you resume it.',
    );
    const [entry] = await readAudit();
    expect(entry).toMatchObject({
      actor: 'system',
      action: 'campaign.halted',
      details: { code: 'too_many_bounces', outcomes: 500, hard: 26, refused: 0 },
    });
  });

  it.each([
    ['100 of 500: 20.0 %', 100, 400, 'sending'],
    ['101 of 500: 20.2 %', 101, 399, 'paused'],
    ['24 of 30', 24, 6, 'sending'],
  ])('on refusals of the mail itself: %s', async (_title, content, good, status) => {
    const campaign = await settle(many(good, 'good'), many(content, 'content'));

    expect(campaign).toMatchObject({ status, stopCode: status === 'paused' ? 'refused_as_spam' : null });
  });

  it('does not halt on full mailboxes, whatever their number', async () => {
    expect((await settle(many(300, 'soft'))).status).toBe('sending');
  });

  it('forgets what is more than 500 outcomes ago, wherever batches begin and end', async () => {
    const campaign = await settle(many(20, 'hard'), many(300, 'good'), many(190, 'good'), many(6, 'hard'));

    // 26 hard ones in all, but the first 16 are more than 500 back.
    expect(campaign.status).toBe('sending');
    expect((await settle(many(30, 'hard'))).status).toBe('paused');
  });

  it('knows where in its batch an outcome stood', async () => {
    // The first of the last 500 is the sixth: five hard ones are out of the window.
    const campaign = await settle([...many(5, 'hard'), ...many(479, 'good'), ...many(21, 'hard')]);

    expect(campaign.status).toBe('sending');
    expect((await settle(many(5, 'hard'))).status).toBe('paused');
  });

  it('counts what two workers bring at the same moment', async () => {
    const verdicts = await Promise.all([
      note([...many(200, 'good'), ...many(13, 'hard')], campaignId, 1),
      note([...many(200, 'good'), ...many(13, 'hard')], campaignId, 2),
    ]);
    await haltCampaigns(deps(), verdicts.flat());

    expect(verdicts.flat()).toHaveLength(1);
    expect((await requireCampaign(press.deps.db, campaignId)).status).toBe('paused');
  });

  it('keeps campaigns apart, also within one batch', async () => {
    const other = await sendAndStart();
    await haltCampaigns(deps(), await note(many(24, 'hard'), other));

    expect((await settle(many(24, 'hard'))).status).toBe('sending');
    expect((await requireCampaign(press.deps.db, other)).status).toBe('sending');
    expect((await settle(many(1, 'hard'))).status).toBe('paused');
    expect((await requireCampaign(press.deps.db, other)).status).toBe('sending');
  });

  it('halts once, however many workers say so', async () => {
    const verdicts = await note(many(25, 'hard'));
    await Promise.all([haltCampaigns(deps(), verdicts), haltCampaigns(deps(), verdicts)]);

    const log = await readAudit();
    expect(log.filter(({ action }) => action === 'campaign.halted')).toHaveLength(1);
  });

  it('is made up for by the sweep when a worker died between counting and halting', async () => {
    await note(many(25, 'hard'));
    expect((await requireCampaign(press.deps.db, campaignId)).status).toBe('sending');

    await haltBouncingCampaigns(deps());

    expect(await requireCampaign(press.deps.db, campaignId)).toMatchObject({
      status: 'paused',
      stopCode: 'too_many_bounces',
    });
  });

  it('costs good mail not even a row', async () => {
    await settle(many(500, 'good'));

    const { rows } = await sql`select 1 from campaign_windows where campaign_id = ${campaignId}`.execute(press.deps.db);
    expect(rows).toEqual([]);
  });
});

describe('a person who resumes a halted campaign', () => {
  it('takes the reason away and lets the window start anew', async () => {
    await settle(many(25, 'hard'));
    const resumed = await resumeCampaign(press.deps, by(campaignId));

    expect(resumed).toMatchObject({ status: 'sending', stopCode: null, stopMessage: null });
    expect((await settle(many(24, 'hard'))).status).toBe('sending');
    expect((await settle(many(1, 'hard'))).status).toBe('paused');
  });

  it('is not overruled by what was counted before', async () => {
    const late = await note(many(25, 'hard'));
    await haltCampaigns(deps(), late);
    await resumeCampaign(press.deps, by(campaignId));

    await haltCampaigns(deps(), late);
    await haltBouncingCampaigns(deps());

    expect((await requireCampaign(press.deps.db, campaignId)).status).toBe('sending');
  });

  it('has decided, too, who paused or cancelled it at that moment', async () => {
    const verdicts = await note(many(25, 'hard'));
    await pauseCampaign(press.deps, by(campaignId));
    await haltCampaigns(deps(), verdicts);
    expect(await requireCampaign(press.deps.db, campaignId)).toMatchObject({ status: 'paused', stopCode: null });

    await cancelCampaign(press.deps, by(campaignId));
    await haltCampaigns(deps(), verdicts);
    expect(await requireCampaign(press.deps.db, campaignId)).toMatchObject({ status: 'cancelled', stopCode: null });
  });
});

describe('bounce limits', () => {
  it('are what the installation says, at once and for every campaign', async () => {
    await changeBounceLimits(press.deps, { hardPercent: 50, window: 100 }, CLI_ACTOR);
    expect((await settle(many(60, 'good'), many(40, 'hard'))).status).toBe('sending');

    await changeBounceLimits(press.deps, { hardPercent: 5, window: 500 }, CLI_ACTOR);
    expect((await settle(many(1, 'hard'))).status).toBe('paused');
  });

  it('fall back to the defaults when what is stored is not understood', async () => {
    await sql`update settings set value = '{"window": "many"}' where key = 'bounce_limits'`.execute(press.deps.db);

    expect((await settle(many(24, 'hard'))).status).toBe('sending');
    expect((await settle(many(1, 'hard'))).status).toBe('paused');
  });
});
