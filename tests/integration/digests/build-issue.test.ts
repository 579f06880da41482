import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  approveIssue,
  buildIssue,
  dropIssue,
  listDueNewsletters,
  listIssues,
  nextRuns,
  runDigestNow,
} from '../../../src/digests/index.ts';
import { findNewsletter } from '../../../src/newsletters/index.ts';
import type { Newsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { IssueId, NewsletterId } from '../../../src/shared/ids.ts';
import { SATURDAY } from '../content/content-setup.ts';
import { FIRST_RUN, openDigests, WEEK_MS } from './digest-setup.ts';
import type { DigestSetup } from './digest-setup.ts';

let setup: DigestSetup;

beforeAll(async () => {
  setup = await openDigests();
});
afterAll(() => setup.close());

async function newNewsletter(): Promise<Newsletter> {
  setup.clock.set(SATURDAY);
  return setup.newNewsletter();
}

/** A newsletter whose first issue was approved, on its first Monday. */
async function establishedNewsletter(): Promise<NewsletterId> {
  const { id } = await newNewsletter();
  await setup.publish(id, 'insights', `first-${id}`);
  setup.clock.set(FIRST_RUN);
  const built = await buildIssue(setup, id);
  if (built.kind !== 'awaiting-approval') {
    throw new Error(`the first issue is ${built.kind}`);
  }
  await approveIssue(setup, built.issueId, CLI_ACTOR);
  return id;
}

async function titlesOf(issueId: IssueId): Promise<readonly string[]> {
  const rows = await setup.db
    .selectFrom('issue_articles')
    .innerJoin('articles', 'articles.id', 'issue_articles.article_id')
    .select('articles.title')
    .where('issue_id', '=', issueId)
    .orderBy('issue_articles.position')
    .execute();
  return rows.map((row) => row.title);
}

function fresh(id: NewsletterId): Promise<Newsletter | undefined> {
  return findNewsletter(setup.db, { id });
}

async function run(id: NewsletterId) {
  const newsletter = await fresh(id);
  if (newsletter === undefined) {
    throw new Error('the newsletter is gone');
  }
  return runDigestNow(setup, newsletter, CLI_ACTOR);
}

test('before its time nothing is due; then the first issue waits, and goes out once it is approved', async () => {
  const { id } = await newNewsletter();
  await setup.publish(id, 'opinion', 'o1');
  await setup.publish(id, 'insights', 'i1', 'i2');
  expect(await buildIssue(setup, id)).toEqual({ kind: 'not-due' });
  expect(await listDueNewsletters(setup.db, setup.clock.now())).not.toContain(id);

  setup.clock.set(FIRST_RUN);
  expect(await listDueNewsletters(setup.db, setup.clock.now())).toContain(id);
  const built = await buildIssue(setup, id);
  expect(built.kind).toBe('awaiting-approval');
  const [waiting] = await listIssues(setup.db, id, 10);
  expect(waiting).toMatchObject({
    status: 'awaiting_approval',
    number: null,
    articleCount: 3,
    campaignId: null,
    title: 'Article i1',
  });
  expect((await fresh(id))?.nextRunAt?.toISOString()).toBe('2026-11-30T07:00:00.000Z');

  const issueId = waiting?.id ?? (0 as IssueId);
  expect(await titlesOf(issueId)).toEqual(['Article i1', 'Article i2', 'Article o1']);
  const campaignId = await approveIssue(setup, issueId, CLI_ACTOR);
  expect(setup.rings).toContainEqual({ name: 'start-campaign', payload: { campaignId } });
  const campaign = await setup.db
    .selectFrom('campaigns')
    .selectAll()
    .where('id', '=', campaignId)
    .executeTakeFirstOrThrow();
  expect(campaign).toMatchObject({
    kind: 'issue',
    issue_id: issueId,
    status: 'scheduled',
    start_at: setup.clock.now(),
    subject: 'Article i1',
    preheader: 'Article i2 · Article o1',
    source_format: 'digest',
    created_by: 'cli',
  });
  expect(JSON.parse(campaign.source)).toMatchObject({
    number: 1,
    dateIso: '2026-11-23',
    title: 'Article i1',
    sections: [{ name: 'Insights', articles: [{ title: 'Article i1' }, {}] }, { name: 'Opinion' }],
  });
  expect(await approveIssue(setup, issueId, CLI_ACTOR)).toBe(campaignId);
});

test('the next ones go out by themselves, with what is new since, and skip when nothing is', async () => {
  const id = await establishedNewsletter();
  setup.clock.advance(3_600_000);
  await setup.publish(id, 'insights', 'week-2');
  setup.clock.set(new Date(Date.parse(FIRST_RUN) + WEEK_MS));
  const second = await buildIssue(setup, id);
  expect(second.kind).toBe('published');
  expect(second.kind === 'published' && (await titlesOf(second.issueId))).toEqual(['Article week-2']);

  setup.clock.advance(WEEK_MS);
  expect((await buildIssue(setup, id)).kind).toBe('skipped');
  const issues = await listIssues(setup.db, id, 10);
  expect(issues.map(({ status, number }) => [status, number])).toEqual([
    ['skipped', null],
    ['approved', 2],
    ['approved', 1],
  ]);
});

test('many builders at once make one issue', async () => {
  const id = await establishedNewsletter();
  await setup.publish(id, 'insights', 'x1');
  setup.clock.advance(WEEK_MS);
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => buildIssue(setup, id)));
  expect(outcomes.filter(({ kind }) => kind === 'published')).toHaveLength(1);
  expect(outcomes.every(({ kind }) => ['published', 'busy', 'not-due'].includes(kind))).toBe(true);
  expect(await listIssues(setup.db, id, 10)).toHaveLength(2);
});

test('after three weeks of downtime there is one issue, which waits for an editor', async () => {
  const id = await establishedNewsletter();
  await setup.publish(id, 'insights', 'late');
  setup.clock.advance(3 * WEEK_MS + 3_600_000);
  expect((await buildIssue(setup, id)).kind).toBe('awaiting-approval');
  expect(await buildIssue(setup, id)).toEqual({ kind: 'not-due' });
  expect((await fresh(id))?.nextRunAt?.toISOString()).toBe('2026-12-21T07:00:00.000Z');
});

test('after some hours of downtime the one missed issue goes out by itself', async () => {
  const id = await establishedNewsletter();
  await setup.publish(id, 'insights', 'late');
  setup.clock.advance(WEEK_MS + 5 * 3_600_000);
  expect((await buildIssue(setup, id)).kind).toBe('published');
  expect(await buildIssue(setup, id)).toEqual({ kind: 'not-due' });
});

test('a period that has its issue is not built again when somebody turns the schedule back', async () => {
  const id = await establishedNewsletter();
  await setup.publish(id, 'insights', 'more');
  await setup.db
    .updateTable('newsletters')
    .set({ next_run_at: new Date(FIRST_RUN) })
    .where('id', '=', id)
    .execute();
  setup.clock.advance(60_000);
  expect(await buildIssue(setup, id)).toEqual({ kind: 'already-built' });
  expect((await fresh(id))?.nextRunAt?.toISOString()).toBe('2026-11-30T07:00:00.000Z');
  setup.clock.advance(WEEK_MS);
  expect((await buildIssue(setup, id)).kind).toBe('published');
});

test('a section gives its newest, up to its limit; what was left out never comes later', async () => {
  const { id } = await newNewsletter();
  await setup.db
    .updateTable('newsletter_sections')
    .set({ max_items: 2 })
    .where('newsletter_id', '=', id)
    .where('slug', '=', 'opinion')
    .execute();
  await setup.publish(id, 'insights', 'i1', 'i2', 'i3', 'i4', 'i5', 'i6', 'i7');
  await setup.publish(id, 'opinion', 'o1', 'o2', 'o3');
  const first = await run(id);
  expect(first.kind === 'published' && (await titlesOf(first.issueId))).toEqual(
    ['i1', 'i2', 'i3', 'i4', 'i5', 'o1', 'o2'].map((name) => `Article ${name}`),
  );
  setup.clock.advance(1000);
  expect(await run(id)).toEqual({ kind: 'nothing-new' });
});

test('an extra issue goes out at once and moves the cut-off of the scheduled one', async () => {
  const { id } = await newNewsletter();
  await setup.publish(id, 'insights', 'e1');
  const extra = await run(id);
  expect(extra).toMatchObject({ kind: 'published', number: 1, articleCount: 1, title: 'Article e1' });
  setup.clock.advance(1000);
  await setup.publish(id, 'insights', 'e2');
  setup.clock.set(FIRST_RUN);
  const scheduled = await buildIssue(setup, id);
  expect(scheduled.kind === 'published' && (await titlesOf(scheduled.issueId))).toEqual(['Article e2']);
});

test('a dropped issue never goes out, and its articles are free for the next', async () => {
  const { id } = await newNewsletter();
  await setup.publish(id, 'insights', 'd1', 'd2');
  setup.clock.set(FIRST_RUN);
  const built = await buildIssue(setup, id);
  const issueId = built.kind === 'awaiting-approval' ? built.issueId : (0 as IssueId);
  await Promise.all([
    dropIssue(setup, issueId, CLI_ACTOR),
    dropIssue(setup, issueId, CLI_ACTOR),
    dropIssue(setup, issueId, CLI_ACTOR),
  ]);
  await expect(approveIssue(setup, issueId, CLI_ACTOR)).rejects.toMatchObject({ code: 'issue_already_decided' });
  const again = await run(id);
  expect(again).toMatchObject({ kind: 'published', number: 1, articleCount: 2 });
});

test('a build that dies in the middle leaves nothing, and the next one makes the whole issue', async () => {
  const id = await establishedNewsletter();
  await setup.publish(id, 'insights', 'k1', 'k2');
  setup.clock.advance(WEEK_MS);
  const before = await fresh(id);
  await setup.db.schema
    .alterTable('campaigns')
    .addColumn('broken', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await setup.db.schema
    .alterTable('campaigns')
    .alterColumn('broken', (column) => column.dropDefault())
    .execute();
  await expect(buildIssue(setup, id)).rejects.toThrow(/broken/);
  expect(await fresh(id)).toEqual(before);
  expect(await listIssues(setup.db, id, 10)).toHaveLength(1);
  await setup.db.schema.alterTable('campaigns').dropColumn('broken').execute();
  const built = await buildIssue(setup, id);
  expect(built.kind === 'published' && (await titlesOf(built.issueId))).toEqual(['Article k1', 'Article k2']);
});

test('articles that arrive while issues are built are in exactly one issue', async () => {
  const { id } = await newNewsletter();
  await setup.db.updateTable('newsletters').set({ max_per_section: 50 }).where('id', '=', id).execute();
  const names = Array.from({ length: 12 }, (_, index) => `race-${index}`);
  const storing = (async () => {
    for (const name of names) {
      await setup.publish(id, 'insights', name);
    }
  })();
  const building = (async () => {
    for (let round = 0; round < 12; round += 1) {
      setup.clock.advance(1);
      await run(id);
    }
  })();
  await Promise.all([storing, building]);
  setup.clock.advance(60_000);
  await run(id);
  const sent = (
    await Promise.all((await listIssues(setup.db, id, 100)).map(async (issue) => titlesOf(issue.id)))
  ).flat();
  expect(sent.sort()).toEqual(names.map((name) => `Article ${name}`).sort());
});

test('fire times keep to the wall clock of the zone', async () => {
  const newsletter = await newNewsletter();
  const runs = nextRuns(newsletter, new Date('2027-03-20T00:00:00Z'), 3).map((at) => at.toISOString());
  expect(runs).toEqual(['2027-03-22T07:00:00.000Z', '2027-03-29T06:00:00.000Z', '2027-04-05T06:00:00.000Z']);
  expect(nextRuns({ ...newsletter, cron: '' }, new Date(), 3)).toEqual([]);
});
