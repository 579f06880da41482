import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createCampaign,
  requireCampaign,
  sendCampaign,
  startCampaign,
  undoSend,
} from '../../../src/campaigns/index.ts';
import type { SendTiming, StartTime } from '../../../src/campaigns/index.ts';
import { bringForward, opensAtExpression } from '../../../src/deliveries/index.ts';
import { requireNewsletter } from '../../../src/newsletters/index.ts';
import { SYSTEM_ACTOR } from '../../../src/shared/actor.ts';
import type { CampaignId } from '../../../src/shared/ids.ts';
import { parseSendWindow } from '../../../src/shared/send-window.ts';
import type { SendWindow } from '../../../src/shared/send-window.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { addReaders } from '../../support/readers.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';

const ZONES = ['Europe/Berlin', 'Asia/Kathmandu', 'America/New_York', 'europe/berlin', 'Mars/Olympus', null] as const;
const clock = createFakeClock('2026-11-23T07:00:00Z');
let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false, clock });
  await addReaders(system.deps, ZONES.length);
  for (const [index, zone] of ZONES.entries()) {
    const address = `reader-${index + 1}@readers.example`;
    await system.deps.db.updateTable('subscribers').set({ time_zone: zone }).where('address', '=', address).execute();
  }
  await system.deps.db.updateTable('newsletters').set({ time_zone: 'Europe/Berlin' }).execute();
});
afterAll(() => system.stop());
beforeEach(() => clock.set('2026-11-23T07:00:00Z'));

function window(text: string): SendWindow {
  const parsed = parseSendWindow(text);
  if (parsed === undefined) {
    throw new Error('no window');
  }
  return parsed;
}

async function schedule(start: StartTime, timing: SendTiming): Promise<CampaignId> {
  const { deps } = system;
  const { id: newsletterId } = await requireNewsletter(deps.db, { slug: 'the-weekly' });
  const written = {
    newsletter: { id: newsletterId },
    subject: 'News',
    preheader: null,
    format: 'markdown',
    source: 'Hello',
  } as const;
  const { campaign } = await createCampaign(deps, written, SYSTEM_ACTOR);
  await sendCampaign(deps, { id: campaign.id, actor: SYSTEM_ACTOR }, { expectedCount: ZONES.length, start, timing });
  return campaign.id;
}

/** Freezes it at the time it starts. @returns when each is due, by zone */
async function freeze(id: CampaignId): Promise<Record<string, string>> {
  const { deps } = system;
  const { startAt } = await requireCampaign(deps.db, id);
  clock.set(startAt ?? clock.now());
  expect(await startCampaign(deps, id)).toMatchObject({ kind: 'started', audienceCount: ZONES.length });
  const rows = await deps.db
    .selectFrom('deliveries as d')
    .innerJoin('subscribers as s', 's.id', 'd.subscriber_id')
    .select(['s.time_zone', 'd.due_at', 'd.give_up_at'])
    .where('d.campaign_id', '=', id)
    .execute();
  expect(rows.every((row) => row.give_up_at.getTime() - row.due_at.getTime() === 72 * 3_600_000)).toBe(true);
  return Object.fromEntries(
    rows.map((row) => [row.time_zone ?? 'none', row.due_at.toISOString().replace(':00.000Z', 'Z')]),
  );
}

const plain = { localTime: false, window: null };
const local = { localTime: true, window: null };

describe('when a reader is due', () => {
  it('is at once, without a window and by the clock of the newsletter', async () => {
    const due = await freeze(await schedule({ kind: 'immediately' }, plain));
    expect(new Set(Object.values(due))).toEqual(new Set(['2026-11-23T07:00Z']));
  });

  it('is when his own clock shows the time; a zone that nobody knows is the newsletter’s', async () => {
    const id = await schedule({ kind: 'at-wall-clock', wall: '2026-12-01T09:00:00' }, local);
    // It starts with the first of its readers.
    expect((await requireCampaign(system.deps.db, id)).startAt).toEqual(new Date('2026-12-01T03:15:00Z'));
    expect(await freeze(id)).toEqual({
      'Asia/Kathmandu': '2026-12-01T03:15Z',
      'Europe/Berlin': '2026-12-01T08:00Z',
      'europe/berlin': '2026-12-01T08:00Z',
      'Mars/Olympus': '2026-12-01T08:00Z',
      none: '2026-12-01T08:00Z',
      'America/New_York': '2026-12-01T14:00Z',
    });
  });

  it('is that time also when an instant is given: what the newsletter’s clock shows then', async () => {
    const id = await schedule({ kind: 'at', at: new Date('2026-12-01T07:30:00Z') }, local);
    expect(await requireCampaign(system.deps.db, id)).toMatchObject({
      localAt: '2026-12-01T08:30:00',
      localTime: true,
    });
    expect(await freeze(id)).toMatchObject({
      'America/New_York': '2026-12-01T13:30Z',
      'Europe/Berlin': '2026-12-01T07:30Z',
    });
  });

  it('is at once for whom the time is over', async () => {
    const due = await freeze(await schedule({ kind: 'immediately' }, local));
    expect(due).toMatchObject({
      'Asia/Kathmandu': '2026-11-23T07:00Z',
      'Europe/Berlin': '2026-11-23T07:00Z',
      'America/New_York': '2026-11-23T13:00Z',
    });
  });

  it.each([
    ['that the clock skips comes an hour later', '2026-03-20T00:00:00Z', '2026-03-29T02:30:00', '2026-03-29T01:30Z'],
    ['that the clock shows twice comes once', '2026-10-20T00:00:00Z', '2026-10-25T02:30:00', '2026-10-25T01:30Z'],
  ])('a time %s', async (_what, now, wall, expected) => {
    clock.set(now);
    const due = await freeze(await schedule({ kind: 'at-wall-clock', wall }, local));
    expect(due['Europe/Berlin']).toBe(expected);
  });

  it('is within the window of the newsletter’s clock', async () => {
    const morning = await freeze(
      await schedule({ kind: 'immediately' }, { localTime: false, window: window('09:30-18:00') }),
    );
    expect(new Set(Object.values(morning))).toEqual(new Set(['2026-11-23T08:30Z']));
    clock.set('2026-11-23T17:00:00Z');
    const evening = await freeze(
      await schedule({ kind: 'immediately' }, { localTime: false, window: window('9:30-18:00') }),
    );
    expect(new Set(Object.values(evening))).toEqual(new Set(['2026-11-24T08:30Z']));
  });

  it('is within the window of each reader’s clock, also over midnight', async () => {
    const day = await freeze(
      await schedule({ kind: 'immediately' }, { localTime: true, window: window('08:00-12:00') }),
    );
    expect(day).toMatchObject({
      'Europe/Berlin': '2026-11-23T07:00Z',
      'Asia/Kathmandu': '2026-11-24T02:15Z',
      'America/New_York': '2026-11-23T13:00Z',
    });
    clock.set('2026-11-23T07:00:00Z');
    const night = await freeze(
      await schedule({ kind: 'immediately' }, { localTime: true, window: window('22:00-06:00') }),
    );
    expect(night).toMatchObject({ 'Europe/Berlin': '2026-11-23T21:00Z', 'Asia/Kathmandu': '2026-11-23T16:15Z' });
    clock.set('2026-11-23T22:30:00Z');
    const inside = await freeze(
      await schedule({ kind: 'immediately' }, { localTime: false, window: window('22:00-06:00') }),
    );
    expect(inside).toMatchObject({ 'Europe/Berlin': '2026-11-23T22:30Z' });
  });

  it('falls into blocks of those who are due together', async () => {
    const id = await schedule({ kind: 'at-wall-clock', wall: '2026-12-01T09:00:00' }, local);
    await freeze(id);
    const blocks = await system.deps.db
      .selectFrom('delivery_blocks')
      .selectAll()
      .where('campaign_id', '=', id)
      .orderBy('due_at')
      .execute();
    expect(blocks.map((block) => block.last_id - block.first_id + 1)).toEqual([1, 4, 1]);
  });
});

it('refuses a time that is over everywhere, and one without an offset by the newsletter’s clock', async () => {
  await expect(schedule({ kind: 'at-wall-clock', wall: '2026-11-22T09:00:00' }, local)).rejects.toMatchObject({
    code: 'start_in_past',
  });
  await expect(schedule({ kind: 'at-wall-clock', wall: '2026-12-01T09:00:00' }, plain)).rejects.toMatchObject({
    code: 'local_time_missing',
  });
});

it('leaves time to undo when the first readers’ time is near, and forgets the timing then', async () => {
  const id = await schedule(
    { kind: 'at-wall-clock', wall: '2026-11-23T12:45:30' },
    { localTime: true, window: window('08:00-20:00') },
  );
  expect((await requireCampaign(system.deps.db, id)).startAt).toEqual(new Date('2026-11-23T07:01:00Z'));
  const draft = await undoSend(system.deps, { id, actor: SYSTEM_ACTOR });
  expect(draft).toMatchObject({ status: 'draft', localTime: false, localAt: null, sendWindow: null });
});

describe('a delivery that is to be claimed', () => {
  const opensAt = async (id: CampaignId, now: string): Promise<Record<string, string | null>> => {
    const { rows } = await sql<{ zone: string | null; opens: Date | null }>`
      select s.time_zone as zone, ${opensAtExpression(new Date(now))} as opens
      from deliveries d left join subscribers s on s.id = d.subscriber_id where d.campaign_id = ${id}`.execute(
      system.deps.db,
    );
    return Object.fromEntries(rows.map(({ zone, opens }) => [zone ?? 'none', opens?.toISOString() ?? null]));
  };

  it('waits until its window opens again, by the clock that counts', async () => {
    const id = await schedule({ kind: 'immediately' }, { localTime: true, window: window('08:00-20:00') });
    await freeze(id);
    expect(await opensAt(id, '2026-11-23T16:00:00Z')).toMatchObject({
      'Europe/Berlin': null,
      'America/New_York': null,
      'Mars/Olympus': null,
      'Asia/Kathmandu': '2026-11-24T02:15:00.000Z',
    });
    const atHome = await schedule({ kind: 'immediately' }, { localTime: false, window: window('08:00-20:00') });
    await freeze(atHome);
    expect(new Set(Object.values(await opensAt(atHome, '2026-11-23T20:00:00Z')))).toEqual(
      new Set(['2026-11-24T07:00:00.000Z']),
    );
  });

  it('waits for nothing without a window', async () => {
    const id = await schedule({ kind: 'immediately' }, local);
    await freeze(id);
    expect(new Set(Object.values(await opensAt(id, '2026-11-23T03:00:00Z')))).toEqual(new Set([null]));
  });
});

it('brings forward what was only put off, and leaves a retry its time', async () => {
  const { db } = system.deps;
  const id = await schedule({ kind: 'immediately' }, plain);
  await freeze(id);
  const later = new Date('2026-11-24T07:00:00Z');
  const rows = await db.selectFrom('deliveries').select('id').where('campaign_id', '=', id).orderBy('id').execute();
  const [first, second] = rows;
  if (first === undefined || second === undefined) {
    throw new Error('no deliveries');
  }
  await db.updateTable('deliveries').set({ state: 'deferred', due_at: later }).where('id', '=', second.id).execute();
  await db.deleteFrom('delivery_blocks').where('campaign_id', '=', id).execute();
  const block = { lane: 'campaigns', campaign_id: id, due_at: later } as const;
  await db
    .insertInto('delivery_blocks')
    .values([
      { ...block, first_id: first.id, last_id: first.id },
      { ...block, first_id: second.id, last_id: second.id },
    ])
    .execute();
  await bringForward(db, clock.now());
  const blocks = await db
    .selectFrom('delivery_blocks')
    .select('due_at')
    .where('campaign_id', '=', id)
    .orderBy('first_id')
    .execute();
  expect(blocks.map((one) => one.due_at)).toEqual([new Date('2026-11-23T07:00:03Z'), later]);
});
