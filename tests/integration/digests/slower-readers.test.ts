import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cancelCampaign } from '../../../src/campaigns/index.ts';
import { updateNewsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { CampaignId, SubscriberId } from '../../../src/shared/ids.ts';
import { waitFor } from '../../support/wait-for.ts';
import { openDailyPaper } from './daily-paper.ts';
import type { DailyPaper } from './daily-paper.ts';

let paper: DailyPaper;
beforeAll(async () => {
  paper = await openDailyPaper();
});
afterAll(() => paper.close());

type Newsletter = Awaited<ReturnType<DailyPaper['open']>>;

const politics = (...days: readonly number[]): string[] => days.map((day) => `Politics ${day}`);

async function buildDay(newsletter: Newsletter, day: number): Promise<CampaignId> {
  await newsletter.publish(`Politics ${day}`);
  const id = await newsletter.build();
  if (id === undefined) {
    throw new Error(`there was no issue on day ${day}`);
  }
  return id;
}

/** Day 1 is a Monday. The campaign of the last one. */
async function sendDays(newsletter: Newsletter, from: number, to: number): Promise<CampaignId> {
  const id = await buildDay(newsletter, from);
  await newsletter.start(id);
  return from === to ? id : sendDays(newsletter, from + 1, to);
}

async function openWeekly(name: string): Promise<{ newsletter: Newsletter; weekly: SubscriberId }> {
  const newsletter = await paper.open(name);
  return { newsletter, weekly: await newsletter.join({ frequency: 'weekly' }) };
}

it('brings with the next digest what one brought that was cancelled', async () => {
  const { newsletter, weekly } = await openWeekly('Cancelled digest');
  const sunday = await sendDays(newsletter, 1, 7);
  await cancelCampaign(paper.deps, { id: sunday, actor: CLI_ACTOR });
  const next = await sendDays(newsletter, 8, 14);
  expect(await paper.titlesFor(next, weekly)).toEqual(politics(14, 13, 12, 11, 10, 9, 8, 6, 5, 4, 3, 2, 1));
});

it('does not bring an issue that its editor stopped', async () => {
  const { newsletter, weekly } = await openWeekly('Stopped');
  const wednesday = await sendDays(newsletter, 1, 3);
  await cancelCampaign(paper.deps, { id: wednesday, actor: CLI_ACTOR });
  expect(await paper.titlesFor(await sendDays(newsletter, 4, 7), weekly)).toEqual(politics(7, 6, 5, 4, 2, 1));
});

it('brings an issue that started after the digest with the next one, once', async () => {
  const { newsletter, weekly } = await openWeekly('Out of order');
  await sendDays(newsletter, 1, 5);
  const saturday = await buildDay(newsletter, 6);
  const sunday = await sendDays(newsletter, 7, 7);
  paper.deps.clock.advance(1000);
  await newsletter.start(saturday);
  const next = await sendDays(newsletter, 8, 14);
  expect(await paper.titlesFor(sunday, weekly)).toEqual(politics(7, 5, 4, 3, 2, 1));
  expect(await paper.titlesFor(next, weekly)).toEqual(politics(14, 13, 12, 11, 10, 9, 8, 6));
});

it('brings an issue that is frozen while the digest is prepared', async () => {
  const { newsletter, weekly } = await openWeekly('At the same time');
  const switcher = await newsletter.join();
  await sendDays(newsletter, 1, 5);
  const saturday = await buildDay(newsletter, 6);
  const sunday = await buildDay(newsletter, 7);
  const holder = await paper.deps.db.startTransaction().execute();
  await holder.selectFrom('campaigns').select('id').where('id', '=', sunday).forUpdate().execute();
  const starting = newsletter.start(sunday);
  await waitFor('the freeze to wait', async () => {
    const { rows } = await sql`select 1 from pg_stat_activity where datname = current_database()
      and wait_event_type = 'Lock' and query like '%"campaigns"%for no key update%'`.execute(paper.deps.db);
    return rows.length > 0;
  });
  await newsletter.start(saturday);
  await newsletter.choose(switcher, { frequency: 'weekly' });
  await holder.commit().execute();
  expect(await starting).toMatchObject({ kind: 'started' });
  expect(await paper.titlesFor(sunday, weekly)).toEqual(politics(7, 6, 5, 4, 3, 2, 1));
  expect(await paper.titlesFor(sunday, switcher)).toEqual(politics(7));
});

it('closes a week once after a downtime over its end', async () => {
  const { newsletter, weekly } = await openWeekly('Down over Sunday');
  await sendDays(newsletter, 1, 5);
  await newsletter.publish('Politics 6');
  paper.deps.clock.set('2026-11-30T12:00:00Z');
  const catchUp = await newsletter.buildNow();
  if (catchUp === undefined) {
    throw new Error('nothing was caught up on');
  }
  await newsletter.start(catchUp);
  const tuesday = await sendDays(newsletter, 9, 9);
  const sunday = await sendDays(newsletter, 10, 14);
  expect(await paper.titlesFor(catchUp, weekly)).toEqual(politics(6, 5, 4, 3, 2, 1));
  expect(await paper.titlesFor(tuesday, weekly)).toBeUndefined();
  expect(await paper.titlesFor(sunday, weekly)).toEqual(politics(14, 13, 12, 11, 10, 9));
});

it('goes on closing weeks after a clock was a year ahead', async () => {
  const { newsletter, weekly } = await openWeekly('A year ahead');
  await sendDays(newsletter, 1, 3);
  const before = paper.deps.clock.now();
  paper.deps.clock.set('2027-11-28T12:00:00Z');
  await newsletter.publish('Politics 100');
  const ahead = await newsletter.buildNow();
  if (ahead !== undefined) {
    await newsletter.start(ahead);
  }
  paper.deps.clock.set(before);
  await newsletter.publish('Politics 4');
  expect(await newsletter.buildNow()).toBeUndefined();
  // Thursday's issue is the one that was built then.
  expect(await newsletter.build()).toBeUndefined();
  const sunday = await sendDays(newsletter, 5, 7);
  const next = await sendDays(newsletter, 8, 14);
  const got = [...((await paper.titlesFor(sunday, weekly)) ?? []), ...((await paper.titlesFor(next, weekly)) ?? [])];
  expect(got).toEqual([...new Set(got)]);
  expect(got).toEqual(expect.arrayContaining(politics(4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14)));
});

it('gives slower readers every issue of a newsletter without a schedule', async () => {
  const { newsletter, weekly } = await openWeekly('By hand');
  await updateNewsletter(paper.deps, newsletter.newsletter.id, { cron: '' }, CLI_ACTOR);
  await newsletter.publish('Politics 1');
  const id = await newsletter.runNow();
  await newsletter.start(id);
  expect(await paper.titlesFor(id, weekly)).toEqual(politics(1));
});
