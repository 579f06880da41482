import { afterAll, beforeAll, expect, test } from 'vitest';
import { approveIssue, buildIssue, listDueNewsletters } from '../../../src/digests/index.ts';
import { createNewsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { NewsletterId, SectionId } from '../../../src/shared/ids.ts';
import { openContent } from '../content/content-setup.ts';

const MINUTE_MS = 60_000;
const WEEKS = 52;
/** A Sunday. */
const BEGIN = Date.UTC(2026, 10, 22, 12);
/** On Sundays at half past two, which clocks skip or show twice in most of these. */
const SUNDAY_NIGHT = '30 2 * * 0';
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Havana',
  'Antarctica/Troll',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Auckland',
] as const;

let content: Awaited<ReturnType<typeof openContent>>;
beforeAll(async () => {
  content = await openContent();
});
afterAll(() => content.close());

async function startNewsletters(): Promise<ReadonlyMap<NewsletterId, { zone: string; sectionId: SectionId }>> {
  content.clock.set(new Date(BEGIN));
  const made = new Map<NewsletterId, { zone: string; sectionId: SectionId }>();
  for (const zone of ZONES) {
    const newsletter = await createNewsletter(content, { name: zone, cron: SUNDAY_NIGHT, timeZone: zone }, CLI_ACTOR);
    const [section] = newsletter.sections;
    if (section === undefined) {
      throw new Error('a newsletter without a section');
    }
    made.set(newsletter.id, { zone, sectionId: section.id });
  }
  return made;
}

test('a year of weekly issues in eight zones: 52 each, none doubled, none empty (T8)', async () => {
  const newsletters = await startNewsletters();
  const addArticles = async (week: number): Promise<void> => {
    await content.db
      .insertInto('articles')
      .values(
        [...newsletters].map(([newsletter_id, { sectionId }]) => ({
          newsletter_id,
          section_id: sectionId,
          url: `https://paper.example/${newsletter_id}/${week}`,
          title: `Week ${week}`,
          first_seen_at: content.clock.now(),
        })),
      )
      .execute();
  };
  // The clock's minute comes and two workers look, at each moment at which something is due and once more a minute later.
  for (let week = 1; week <= WEEKS; week += 1) {
    content.clock.advance(MINUTE_MS);
    await addArticles(week);
    for (;;) {
      const { at } = await content.db
        .selectFrom('newsletters')
        .select((eb) => eb.fn.min('next_run_at').as('at'))
        .executeTakeFirstOrThrow();
      if (at === null || at.getTime() > BEGIN + week * 7 * 24 * 60 * MINUTE_MS) {
        break;
      }
      content.clock.set(at);
      const due = await listDueNewsletters(content.db, content.clock.now());
      expect(due.length).toBeGreaterThan(0);
      await Promise.all([...due, ...due].map((id) => buildIssue(content, id)));
      await Promise.all(due.map((id) => buildIssue(content, id)));
    }
    content.clock.set(new Date(BEGIN + week * 7 * 24 * 60 * MINUTE_MS));
    if (week === 1) {
      const waiting = await content.db
        .selectFrom('issues')
        .select('id')
        .where('status', '=', 'awaiting_approval')
        .execute();
      await Promise.all(waiting.map(({ id }) => approveIssue(content, id, CLI_ACTOR)));
    }
  }
  const issues = await content.db
    .selectFrom('issues as i')
    .innerJoin('issue_articles as a', 'a.issue_id', 'i.id')
    .select(['i.newsletter_id', 'i.number', 'i.title', 'i.status'])
    .orderBy('i.newsletter_id')
    .orderBy('i.number')
    .execute();
  const expected = [...newsletters.keys()].flatMap((newsletter_id) =>
    Array.from({ length: WEEKS }, (_, index) => ({
      newsletter_id,
      number: index + 1,
      title: `Week ${index + 1}`,
      status: 'approved',
    })),
  );
  expect(issues).toEqual(expected);
  const { count } = await content.db
    .selectFrom('issues')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  expect(count).toBe(ZONES.length * WEEKS);
}, 180_000);
