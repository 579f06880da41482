import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cancelCampaign } from '../../../src/campaigns/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { CampaignId, SubscriberId } from '../../../src/shared/ids.ts';
import { createSeededRandom } from '../../support/seeded-random.ts';
import { waitFor } from '../../support/wait-for.ts';
import { openDailyPaper } from './daily-paper.ts';
import type { Choice, DailyPaper } from './daily-paper.ts';

let paper: DailyPaper;
beforeAll(async () => {
  paper = await openDailyPaper();
});
afterAll(() => paper.close());

type Newsletter = Awaited<ReturnType<DailyPaper['open']>>;

/** Days in a row, each with one article of politics; what each reader got of each. */
async function sendDays(
  newsletter: Newsletter,
  readers: readonly SubscriberId[],
  from: number,
  to: number,
): Promise<(readonly string[] | undefined)[][]> {
  const days: (readonly string[] | undefined)[][] = [];
  for (let day = from; day <= to; day += 1) {
    await newsletter.publish(`Politics ${day}`);
    const id = await sendNext(newsletter);
    days.push(await Promise.all(readers.map((reader) => paper.titlesFor(id, reader))));
  }
  return days;
}

async function sendNext(newsletter: Newsletter): Promise<CampaignId> {
  const id = await newsletter.build();
  if (id === undefined) {
    throw new Error('there was no issue');
  }
  await newsletter.start(id);
  return id;
}

describe('sections', () => {
  it('brings everybody the sections they chose, in one mail for each list of articles, and nobody an empty one', async () => {
    const newsletter = await paper.open('Sections');
    const all = await newsletter.join();
    const politics = await newsletter.join({ sections: ['politics'] });
    const politicsToo = await newsletter.join({ sections: ['politics', 'culture'] });
    const sports = await newsletter.join({ sections: ['sports'] });
    const culture = await newsletter.join({ sections: ['culture'] });
    await newsletter.publish('Politics 1', 'Sports 1', 'Politics 2');
    const id = await sendNext(newsletter);

    expect(await paper.titlesFor(id, all)).toEqual(['Politics 2', 'Politics 1', 'Sports 1']);
    expect(await paper.titlesFor(id, politics)).toEqual(['Politics 2', 'Politics 1']);
    expect(await paper.titlesFor(id, sports)).toEqual(['Sports 1']);
    expect(await paper.mailFor(id, culture)).toBeUndefined();
    const mails = await Promise.all([politics, politicsToo, sports].map((reader) => paper.mailFor(id, reader)));
    expect(mails[1]?.id).toBe(mails[0]?.id);
    expect(mails[0]?.source).not.toContain('Sports 1');
    expect(mails[2]?.source).toContain('"subject":["Sports 1"]');
    const campaign = await paper.deps.db
      .selectFrom('campaigns')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    expect(campaign).toMatchObject({ status: 'sending', audience_count: 4, subject: 'Politics 2' });
    expect(campaign.compiled_mail_id).toBe((await paper.mailFor(id, all))?.id);
  });

  it('ends an issue in which nobody finds anything', async () => {
    const newsletter = await paper.open('Nothing for them');
    await newsletter.join({ sections: ['culture'] });
    await newsletter.publish('Sports 1');
    const id = await newsletter.build();
    expect(id === undefined ? undefined : await newsletter.start(id)).toEqual({ kind: 'started', audienceCount: 0 });
  });

  it('sends what somebody chose while the issue was being frozen', async () => {
    const newsletter = await paper.open('Race');
    const early = await newsletter.join();
    const late = await newsletter.join();
    await newsletter.publish('Politics 1', 'Sports 1');
    const id = await newsletter.build();
    if (id === undefined) {
      throw new Error('there was no issue');
    }
    const holder = await paper.deps.db.startTransaction().execute();
    await holder.selectFrom('campaigns').select('id').where('id', '=', id).forUpdate().execute();
    const starting = newsletter.start(id);
    // It has listed the selections and made the mails, and waits for the campaign.
    await waitFor('the freeze to wait', async () => {
      const { rows } = await sql`select 1 from pg_stat_activity where datname = current_database()
        and wait_event_type = 'Lock' and query like '%"campaigns"%for no key update%'`.execute(paper.deps.db);
      return rows.length > 0 ? true : undefined;
    });
    await newsletter.choose(late, { sections: ['sports'] });
    await holder.commit().execute();

    expect(await starting).toEqual({ kind: 'started', audienceCount: 2 });
    expect(await paper.titlesFor(id, early)).toEqual(['Politics 1', 'Sports 1']);
    expect(await paper.titlesFor(id, late)).toEqual(['Sports 1']);
  });

  it('is frozen once, however many workers try at the same time', async () => {
    const newsletter = await paper.open('Twice');
    await newsletter.join({ sections: ['politics'] });
    await newsletter.join();
    await newsletter.publish('Politics 1', 'Sports 1');
    const id = await newsletter.build();
    if (id === undefined) {
      throw new Error('there was no issue');
    }
    const outcomes = await Promise.all([newsletter.start(id), newsletter.start(id), newsletter.start(id)]);
    expect(outcomes.filter(({ kind }) => kind === 'started')).toHaveLength(1);
    const variants = await paper.deps.db
      .selectFrom('issue_variants')
      .selectAll()
      .where('campaign_id', '=', id)
      .execute();
    expect(variants).toHaveLength(2);
  });
});

it('leaves out an article that no mail can show any more, and says so on the issue', async () => {
  const newsletter = await paper.open('Broken');
  const daily = await newsletter.join();
  const weekly = await newsletter.join({ frequency: 'weekly' });
  await newsletter.publish('Politics 1', 'Sports 1');
  const id = await newsletter.build();
  if (id === undefined) {
    throw new Error('there was no issue');
  }
  await sql`update campaigns set source = replace(source, '"title":"Politics 1"', '"readingMinutes":-5,"title":"Politics 1"')
    where id = ${id} and source like '%"title":"Politics 1"%'`.execute(paper.deps.db);
  expect(await newsletter.start(id)).toEqual({ kind: 'started', audienceCount: 1 });
  expect(await paper.titlesFor(id, daily)).toEqual(['Sports 1']);
  const issue = await paper.deps.db
    .selectFrom('issues as i')
    .innerJoin('campaigns as c', 'c.issue_id', 'i.id')
    .select('i.remarks')
    .where('c.id', '=', id)
    .executeTakeFirstOrThrow();
  expect(issue.remarks).toMatchObject([{ code: 'article_broken', articleId: expect.any(Number) }]);
  const days = await sendDays(newsletter, [weekly], 2, 7);
  expect(days.at(-1)).toEqual([[...[7, 6, 5, 4, 3, 2].map((day) => `Politics ${day}`), 'Sports 1']]);
});

describe('frequency', () => {
  it('gives weekly readers of a daily newsletter one digest of the week, by section and day', async () => {
    const newsletter = await paper.open('Weekly readers');
    const daily = await newsletter.join();
    const weekly = await newsletter.join({ frequency: 'weekly' });
    const picky = await newsletter.join({ frequency: 'weekly', sections: ['sports'] });
    const days = await sendDays(newsletter, [daily, weekly, picky], 1, 6);
    await newsletter.publish('Sports 7', 'Politics 7');
    const sunday = await sendNext(newsletter);

    expect(days).toEqual([1, 2, 3, 4, 5, 6].map((day) => [[`Politics ${day}`], undefined, undefined]));
    expect(await paper.titlesFor(sunday, daily)).toEqual(['Politics 7', 'Sports 7']);
    expect(await paper.titlesFor(sunday, weekly)).toEqual([
      ...[7, 6, 5, 4, 3, 2, 1].map((day) => `Politics ${day}`),
      'Sports 7',
    ]);
    expect(await paper.titlesFor(sunday, picky)).toEqual(['Sports 7']);
  });

  it('sends nobody again what they got before they chose another frequency, and leaves nothing out that they did not get', async () => {
    const newsletter = await paper.open('Switchers');
    const reader = await newsletter.join();
    const unlucky = await newsletter.join();
    const [, tuesday] = await sendDays(newsletter, [reader], 1, 3);
    expect(tuesday).toEqual([['Politics 2']]);
    const issues = await paper.deps.db
      .selectFrom('campaigns')
      .select('id')
      .where('newsletter_id', '=', newsletter.newsletter.id)
      .orderBy('id')
      .execute();
    await paper.deps.db
      .updateTable('deliveries')
      .set({ state: 'rejected' })
      .where('campaign_id', '=', issues[1]?.id ?? null)
      .where('subscriber_id', '=', unlucky)
      .execute();
    await newsletter.choose(reader, { frequency: 'weekly' });
    await newsletter.choose(unlucky, { frequency: 'weekly' });
    const rest = await sendDays(newsletter, [reader, unlucky], 4, 7);

    expect(rest.slice(0, 3)).toEqual(Array.from({ length: 3 }, () => [undefined, undefined]));
    expect(rest[3]).toEqual([
      [7, 6, 5, 4].map((day) => `Politics ${day}`),
      [7, 6, 5, 4, 2].map((day) => `Politics ${day}`),
    ]);
    await newsletter.choose(reader, { frequency: null });
    expect(await sendDays(newsletter, [reader], 8, 8)).toEqual([[['Politics 8']]]);
  });

  it('gives monthly readers the month without the weeks they had', async () => {
    const newsletter = await paper.open('Monthly readers', '0 8 * * 1');
    const reader = await newsletter.join({ frequency: 'monthly' });
    const switcher = await newsletter.join();
    // 23 November is the first issue, 30 November the last of its month.
    const [first] = await sendDays(newsletter, [reader, switcher], 1, 1);
    await newsletter.choose(switcher, { frequency: 'monthly' });
    const [last] = await sendDays(newsletter, [reader, switcher], 2, 2);
    expect(first).toEqual([undefined, ['Politics 1']]);
    expect(last).toEqual([['Politics 2', 'Politics 1'], ['Politics 2']]);
  });

  it('closes the week with the next issue where its last one was skipped', async () => {
    const newsletter = await paper.open('Skipped Sunday');
    const weekly = await newsletter.join({ frequency: 'weekly' });
    const daily = await newsletter.join();
    await sendDays(newsletter, [weekly], 1, 6);
    expect(await newsletter.build()).toBeUndefined();
    expect(await sendDays(newsletter, [daily, weekly], 8, 8)).toEqual([
      [['Politics 8'], [8, 6, 5, 4, 3, 2, 1].map((day) => `Politics ${day}`)],
    ]);
  });

  it('leaves out an issue that was cancelled before it went to anybody', async () => {
    const newsletter = await paper.open('Cancelled');
    const weekly = await newsletter.join({ frequency: 'weekly' });
    await newsletter.publish('Politics 1');
    const id = await newsletter.build();
    if (id === undefined) {
      throw new Error('there was no issue');
    }
    await cancelCampaign(paper.deps, { id, actor: CLI_ACTOR });
    const days = await sendDays(newsletter, [weekly], 2, 7);
    expect(days.at(-1)).toEqual([[7, 6, 5, 4, 3, 2].map((day) => `Politics ${day}`)]);
  });
});

describe('whatever readers choose, and how often', () => {
  it('nobody is sent an article twice, and who never changes gets everything of their sections', async () => {
    const newsletter = await paper.open('Many choices');
    const random = createSeededRandom('choices');
    const pick = <T>(options: readonly T[]): T => {
      const chosen = options[(random.bytes(1)[0] ?? 0) % options.length];
      if (chosen === undefined) {
        throw new Error('nothing to choose from');
      }
      return chosen;
    };
    const choice = (): Choice => ({
      sections: pick([null, ['politics'], ['sports', 'culture'], ['politics', 'culture'], ['culture']]),
      frequency: pick([null, 'weekly', 'monthly'] as const),
    });
    const steady = await Promise.all([
      newsletter.join(),
      newsletter.join({ frequency: 'weekly', sections: ['sports'] }),
      newsletter.join({ frequency: 'monthly', sections: ['politics', 'sports'] }),
    ]);
    const restless: SubscriberId[] = [];
    while (restless.length < 12) {
      restless.push(await newsletter.join(choice()));
    }
    const got = new Map<SubscriberId, string[]>([...steady, ...restless].map((reader) => [reader, []]));
    // From Monday 23 November to Thursday 31 December: five closed weeks and two closed months.
    const published: string[] = [];
    for (let day = 1; day <= 39; day += 1) {
      const titles = ['Politics', 'Sports', 'Culture']
        .filter(() => pick([true, false]))
        .map((name) => `${name} ${day}`);
      await newsletter.publish(...titles);
      published.push(...titles);
      const id = await newsletter.build();
      if (id !== undefined) {
        await newsletter.start(id);
        for (const [reader, all] of got) {
          all.push(...((await paper.titlesFor(id, reader)) ?? []));
        }
      }
      await newsletter.choose(pick(restless), choice());
    }
    for (const all of got.values()) {
      expect(all.toSorted()).toEqual([...new Set(all)].toSorted());
    }
    const ofSections = (...names: readonly string[]): readonly string[] =>
      published.filter((title) => names.some((name) => title.startsWith(name))).toSorted();
    const untilSunday = (title: string): boolean => Number(title.split(' ')[1]) <= 35;
    expect(got.get(steady[0])?.toSorted()).toEqual(published.toSorted());
    expect(got.get(steady[1])?.toSorted()).toEqual(ofSections('Sports').filter(untilSunday));
    expect(got.get(steady[2])?.toSorted()).toEqual(ofSections('Politics', 'Sports'));
  });
});
