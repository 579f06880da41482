import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startCampaign } from '../../../src/campaigns/index.ts';
import { claimDue, countAudience, countDeliveries, registerWorker } from '../../../src/deliveries/index.ts';
import { createNewsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { CampaignId } from '../../../src/shared/ids.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { sendTestCampaign } from '../../support/readers.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { becomeReader, get, post, statusesOf, subscriptionOf } from '../subscriptions/reader.ts';
import { openVisit, preferencesOf, recordsOf, subscriberIdOf } from './visitor.ts';

const DAY = 86_400_000;
const WEEK = 7 * DAY;
const clock = createFakeClock('2026-11-23T07:00:00Z');
let system: TestSystem;
let reader = 0;
let address: string;

beforeAll(async () => {
  system = await startTestSystem({ worker: false, clock });
  await createNewsletter(system.deps, { name: 'The Daily', slug: 'the-daily' }, CLI_ACTOR);
});
beforeEach(async () => {
  clock.set('2026-11-23T07:00:00Z');
  reader += 1;
  address = `reader-${reader}@example.org`;
  await becomeReader(system, address, ['the-weekly', 'the-daily']);
});
afterAll(() => system.stop());

const dayIn = (weeks: number): string => new Date(clock.now().getTime() + weeks * WEEK).toISOString().slice(0, 10);
const pause = async (fields: Record<string, string>): Promise<Response> =>
  post(system, await preferencesOf(system, address), { action: 'pause', newsletterId: '', ...fields });

async function pausesOf(): Promise<Record<string, string | null>> {
  const { rows } = await sql<{ slug: string; until: Date | null }>`
    select l.slug, n.paused_until as until from subscriptions n join newsletters l on l.id = n.newsletter_id
    where n.subscriber_id = ${await subscriberIdOf(system, address)} order by l.slug`.execute(system.deps.db);
  return Object.fromEntries(rows.map(({ slug, until }) => [slug, until?.toISOString().slice(0, 10) ?? null]));
}

const changes = async () =>
  (await recordsOf(system, await subscriberIdOf(system, address))).filter(({ action }) => action === 'changed');

describe('a pause', () => {
  it('is offered for 1, 2, 4, 8 and 12 weeks, in days that the page names', async () => {
    const page = await (await get(system, await preferencesOf(system, address))).text();

    const days = [...page.matchAll(/<option value="(\d{4}-\d\d-\d\d)">/g)].map((match) => match[1]);
    expect(days).toEqual([1, 2, 4, 8, 12].map(dayIn));
    expect(page).toContain('4 weeks, until 21 December 2026');
    expect(await changes()).toEqual([]);
  });

  it('is kept and recorded, for one newsletter or for all', async () => {
    const { newsletterId } = await subscriptionOf(system.deps, address, 'the-daily');
    const response = await pause({ newsletterId: String(newsletterId), until: dayIn(2) });
    expect(await response.text()).toContain('Paused until 7 December 2026');
    expect(await pausesOf()).toEqual({ 'the-daily': dayIn(2), 'the-weekly': null });

    await pause({ until: dayIn(4) });

    expect(await pausesOf()).toEqual({ 'the-daily': dayIn(4), 'the-weekly': dayIn(4) });
    expect((await changes()).map(({ details }) => details)).toEqual(
      [2, 4, 4].map((weeks) => ({ pausedUntil: `${dayIn(weeks)}T00:00:00.000Z` })),
    );
    expect(await statusesOf(system.deps, address)).toEqual(['the-daily:active', 'the-weekly:active']);
  });

  it('is one wish for a double click, a second tab and the back button', async () => {
    await Promise.all([pause({ until: dayIn(4) }), pause({ until: dayIn(4) })]);
    await pause({ until: dayIn(4) });

    expect(await changes()).toHaveLength(2);
  });

  it('is never made shorter by the link of a mail, and never longer than twelve weeks', async () => {
    await pause({ until: dayIn(8) });
    await pause({ until: dayIn(2) });
    expect(await (await pause({ until: dayIn(13) })).text()).toContain('The longest break is twelve weeks.');
    await pause({ until: dayIn(-1) });
    expect((await pause({ until: '' })).status).toBe(422);

    expect(await pausesOf()).toEqual({ 'the-daily': dayIn(8), 'the-weekly': dayIn(8) });
  });

  it('is made shorter and ended in a visit, which is recorded too', async () => {
    await pause({ until: dayIn(8) });
    const visitor = await openVisit(system, address);
    expect(await (await visitor.get()).text()).toContain('Paused until 18 January 2027');

    await visitor.post({ action: 'pause', newsletterId: '', until: dayIn(1) });
    expect(await pausesOf()).toEqual({ 'the-daily': dayIn(1), 'the-weekly': dayIn(1) });
    const response = await visitor.post({ action: 'pause', newsletterId: '', until: '' });
    await visitor.post({ action: 'pause', newsletterId: '', until: '' });

    expect(response.headers.get('location')).toBe('/my?done=resumed');
    expect(await pausesOf()).toEqual({ 'the-daily': null, 'the-weekly': null });
    expect((await changes()).map(({ details }) => details['pausedUntil']).slice(4)).toEqual([null, null]);
  });

  it('is forgotten by leaving and coming back', async () => {
    await pause({ until: dayIn(8) });
    await post(system, await preferencesOf(system, address), { action: 'leave', scope: 'all' });
    await becomeReader(system, address, ['the-weekly', 'the-daily']);

    expect(await pausesOf()).toEqual({ 'the-daily': null, 'the-weekly': null });
  });
});

describe('mails of a paused reader', () => {
  async function outcomeOf(id: CampaignId): Promise<{ state: string; reason: string | null } | undefined> {
    return system.deps.db
      .selectFrom('deliveries')
      .select(['state', 'reason'])
      .where('campaign_id', '=', id)
      .where('address', '=', address)
      .executeTakeFirst();
  }

  async function claimAll(): Promise<readonly string[]> {
    const { db } = system.deps;
    const workerId = await registerWorker(db, { host: 'test', pid: 1, leaseSeconds: 60 });
    const { claimed } = await claimDue(db, { lane: 'campaigns', workerId, limit: 1000, now: clock.now() });
    return claimed.map((delivery) => delivery.address);
  }

  const sendCampaign = async (): Promise<CampaignId> => {
    const { newsletterId } = await subscriptionOf(system.deps, address);
    const { rows } = await sql<{ id: CampaignId }>`select id from campaigns where status = 'sending'`.execute(
      system.deps.db,
    );
    for (const { id } of rows) {
      await sql`update campaigns set status = 'cancelled' where id = ${id}`.execute(system.deps.db);
    }
    return sendTestCampaign(system.deps, newsletterId);
  };

  it('are left out when the audience is frozen, and never sent later', async () => {
    const { newsletterId } = await subscriptionOf(system.deps, address);
    const before = await countAudience(system.deps.db, newsletterId, clock.now());
    await pause({ until: dayIn(1) });
    expect(await countAudience(system.deps.db, newsletterId, clock.now())).toBe(before - 1);

    const id = await sendCampaign();

    expect(await outcomeOf(id)).toBeUndefined();
    clock.advance(WEEK);
    await startCampaign(system.deps, id);
    expect(await outcomeOf(id)).toBeUndefined();
    expect(await claimAll()).not.toContain(address);
  });

  it('are turned away by the gate when the pause began later, and never sent later', async () => {
    const id = await sendCampaign();
    await pause({ until: dayIn(1) });

    expect(await claimAll()).not.toContain(address);
    expect(await outcomeOf(id)).toEqual({ state: 'suppressed', reason: 'paused' });

    clock.advance(WEEK);
    expect(await claimAll()).not.toContain(address);
    const counts = await countDeliveries(system.deps.db, id);
    const { accepted, rejected, suppressed, ambiguous, cancelled, open } = counts;
    expect(counts.audience).toBe(accepted + rejected + suppressed + ambiguous + cancelled + open);
  });

  it('come again when it is over, by itself', async () => {
    await pause({ until: dayIn(1) });
    clock.advance(WEEK);
    const id = await sendCampaign();

    expect(await outcomeOf(id)).toMatchObject({ state: 'planned' });
    expect(await claimAll()).toContain(address);
    expect(await (await get(system, await preferencesOf(system, address))).text()).not.toContain('Paused until');
  });
});
