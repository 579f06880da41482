import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createCampaign, sendCampaign, startCampaign } from '../../../src/campaigns/index.ts';
import { countDeliveries } from '../../../src/deliveries/index.ts';
import { clearLimit, setLimit } from '../../../src/limits/index.ts';
import type { LimitScope } from '../../../src/limits/index.ts';
import { SYSTEM_ACTOR } from '../../../src/shared/actor.ts';
import type { CampaignId, NewsletterId } from '../../../src/shared/ids.ts';
import { parseSendWindow } from '../../../src/shared/send-window.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { addReaders } from '../../support/readers.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';

const READERS = 8;
const DEADLINE_MS = 15_000;
const clock = createFakeClock('2026-11-23T07:00:00Z');
let system: TestSystem;
let newsletterId: NewsletterId;

beforeAll(async () => {
  system = await startTestSystem({ clock });
  newsletterId = await addReaders(system.deps, READERS);
});
afterAll(() => system.stop());
beforeEach(() => clock.set('2026-11-23T07:00:00Z'));

async function send(window: string | null): Promise<CampaignId> {
  const { deps } = system;
  const text = { subject: 'News', preheader: null, format: 'markdown', source: 'All is well.' } as const;
  const { campaign } = await createCampaign(deps, { ...text, newsletter: { id: newsletterId } }, SYSTEM_ACTOR);
  const timing = { localTime: false, window: window === null ? null : (parseSendWindow(window) ?? null) };
  const wish = { expectedCount: READERS, start: { kind: 'immediately' }, timing } as const;
  await sendCampaign(deps, { id: campaign.id, actor: SYSTEM_ACTOR }, wish);
  await startCampaign(deps, campaign.id);
  return campaign.id;
}

const acceptedOf = async (id: CampaignId): Promise<number> => (await countDeliveries(system.deps.db, id)).accepted;

const ring = (): void => system.deps.doorbell.ring('send-campaigns', {});

/** Rings again and again, as the sweep does every minute: a queue that is slow to answer drops a ring. */
async function waitRinging(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const ringing = setInterval(ring, 1000);
  ring();
  try {
    await waitFor(what, isSo, DEADLINE_MS);
  } finally {
    clearInterval(ringing);
  }
}

async function dueTimes(id: CampaignId): Promise<readonly string[]> {
  const blocks = await system.deps.db
    .selectFrom('delivery_blocks')
    .select('due_at')
    .where('campaign_id', '=', id)
    .where('worker_id', 'is', null)
    .execute();
  return [...new Set(blocks.map((block) => block.due_at.toISOString()))].toSorted();
}

it('sends what a limit allows, puts the rest off without using an attempt, and goes on when it is raised', async () => {
  const order = { scope: 'overall' as LimitScope, actor: SYSTEM_ACTOR };
  await setLimit(system.deps, { ...order, limit: { perSecond: null, perHour: 4, perDay: null, concurrency: null } });
  clock.advance(2000);
  const id = await send(null);
  await waitFor('what the limit allows', async () => (await acceptedOf(id)) === 3, DEADLINE_MS);
  await waitFor(
    'the rest to be put off',
    async () => (await dueTimes(id)).some((at) => at >= '2026-11-23T08:00'),
    DEADLINE_MS,
  );
  const open = await system.deps.db
    .selectFrom('deliveries')
    .select(['state', 'attempt'])
    .where('campaign_id', '=', id)
    .where('state', '<>', 'accepted')
    .execute();
  expect(open).toEqual(Array.from({ length: READERS - 3 }, () => ({ state: 'planned', attempt: 0 })));

  await clearLimit(system.deps, order);
  clock.advance(5000);
  await waitRinging('everybody', async () => (await acceptedOf(id)) === READERS);
});

it('sends nothing outside the hours of a campaign, whatever kept it until then', async () => {
  const { db } = system.deps;
  await db.insertInto('settings').values({ key: 'kill_switch', value: '{}' }).execute();
  const id = await send('06:00-08:00');
  clock.advance(2 * 3_600_000);
  await db.deleteFrom('settings').where('key', '=', 'kill_switch').execute();
  await waitRinging('the next opening', async () => (await dueTimes(id)).join() === '2026-11-24T06:00:00.000Z');
  expect(await acceptedOf(id)).toBe(0);
  clock.advance(21 * 3_600_000 + 1000);
  await waitRinging('everybody', async () => (await acceptedOf(id)) === READERS);
});
