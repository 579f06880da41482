import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  approveIssue,
  buildIssue,
  decideWaitingIssues,
  listDueNewsletters,
  listIssues,
} from '../../../src/digests/index.ts';
import { defaultDigestRules } from '../../../src/newsletters/digest-rules.ts';
import type { DigestRules } from '../../../src/newsletters/digest-rules.ts';
import { upsertDigestRules } from '../../../src/newsletters/digest-rules.repository.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { NewsletterId } from '../../../src/shared/ids.ts';
import { SATURDAY } from '../content/content-setup.ts';
import { FIRST_RUN, openDigests, WEEK_MS } from './digest-setup.ts';
import type { DigestSetup } from './digest-setup.ts';

const HOUR_MS = 3_600_000;
const SECOND_RUN = new Date(Date.parse(FIRST_RUN) + WEEK_MS);

let setup: DigestSetup;
beforeAll(async () => {
  setup = await openDigests();
});
afterAll(() => setup.close());

/** Its first issue is out, and it is an hour later. */
async function newsletterWith(rules: Partial<DigestRules>): Promise<NewsletterId> {
  setup.clock.set(SATURDAY);
  const { id } = await setup.newNewsletter();
  await setup.publish(id, 'insights', `first-${id}`);
  setup.clock.set(FIRST_RUN);
  const built = await buildIssue(setup, id);
  if (built.kind !== 'awaiting-approval') {
    throw new Error(`the first issue is ${built.kind}`);
  }
  await approveIssue(setup, built.issueId, CLI_ACTOR);
  await setup.db
    .transaction()
    .execute((tx) => upsertDigestRules(tx, { ...defaultDigestRules(id), ...rules }, setup.clock.now()));
  setup.clock.advance(HOUR_MS);
  return id;
}

function newestRow(id: NewsletterId) {
  return setup.db
    .selectFrom('issues as i')
    .leftJoin('campaigns as c', 'c.issue_id', 'i.id')
    .selectAll('i')
    .select('c.start_at')
    .where('i.newsletter_id', '=', id)
    .orderBy('i.id', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
}

test('an issue prepared ahead is built hours before and starts at its time, once', async () => {
  const id = await newsletterWith({ prepareHours: 24 });
  await setup.publish(id, 'insights', `p-${id}`);
  setup.clock.set(new Date(SECOND_RUN.getTime() - 25 * HOUR_MS));
  expect(await listDueNewsletters(setup.db, setup.clock.now())).not.toContain(id);
  setup.clock.advance(HOUR_MS);
  expect(await listDueNewsletters(setup.db, setup.clock.now())).toContain(id);
  const built = await buildIssue(setup, id);
  expect(built).toMatchObject({ kind: 'published', startAt: SECOND_RUN });
  expect(setup.rings).not.toContainEqual({
    name: 'start-campaign',
    payload: { campaignId: built.kind === 'published' ? built.campaignId : 0 },
  });
  expect(await newestRow(id)).toMatchObject({
    start_at: SECOND_RUN,
    published_at: SECOND_RUN,
    closes_frequencies: ['weekly', 'monthly'],
  });
  expect(await buildIssue(setup, id)).toEqual({ kind: 'not-due' });
  setup.clock.set(SECOND_RUN);
  expect(await buildIssue(setup, id)).toEqual({ kind: 'not-due' });
});

test.each([
  ['send', 'approved'],
  ['drop', 'dropped'],
  ['wait', 'awaiting_approval'],
] as const)('an issue that nobody approved by its time: %s', async (deadlinePolicy, status) => {
  const id = await newsletterWith({ approval: 'required', prepareHours: 12, deadlinePolicy });
  await setup.publish(id, 'insights', `d-${id}`);
  setup.clock.set(new Date(SECOND_RUN.getTime() - 12 * HOUR_MS));
  expect((await buildIssue(setup, id)).kind).toBe('awaiting-approval');
  await decideWaitingIssues(setup);
  expect(await newestRow(id)).toMatchObject({ status: 'awaiting_approval', waits_because: 'required' });
  setup.clock.set(SECOND_RUN);
  await Promise.all([decideWaitingIssues(setup), decideWaitingIssues(setup)]);
  expect((await newestRow(id)).status).toBe(status);
  expect(await listIssues(setup.db, id, 10)).toHaveLength(2);
});

test('an overdue issue waits for an editor, whatever the deadline policy', async () => {
  const id = await newsletterWith({ approval: 'required', deadlinePolicy: 'send', catchUpHours: 2 });
  await setup.publish(id, 'insights', `o-${id}`);
  setup.clock.set(new Date(SECOND_RUN.getTime() + 3 * HOUR_MS));
  await buildIssue(setup, id);
  await decideWaitingIssues(setup);
  expect(await newestRow(id)).toMatchObject({ status: 'awaiting_approval', waits_because: 'overdue' });
});

test('too few articles make no issue, are said so, and wait for the next', async () => {
  const id = await newsletterWith({ minArticles: 3, nextIntro: 'Hello' });
  await setup.publish(id, 'insights', `a-${id}`, `b-${id}`);
  setup.clock.set(SECOND_RUN);
  expect((await buildIssue(setup, id)).kind).toBe('skipped');
  expect(await newestRow(id)).toMatchObject({ remarks: [{ code: 'issue_too_small' }] });
  await setup.publish(id, 'opinion', `c-${id}`);
  setup.clock.set(new Date(SECOND_RUN.getTime() + WEEK_MS));
  expect((await buildIssue(setup, id)).kind).toBe('published');
  const row = await newestRow(id);
  expect(row.content).toMatchObject({ intro: 'Hello', sections: [{ articles: [{}, {}] }, { articles: [{}] }] });
  const { next_intro: left } = await setup.db
    .selectFrom('digest_rules')
    .select('next_intro')
    .where('newsletter_id', '=', id)
    .executeTakeFirstOrThrow();
  expect(left).toBeNull();
});

test('a thin issue is filled with what had no room before, and nothing comes twice', async () => {
  const id = await newsletterWith({ fillTo: 3 });
  const names = Array.from({ length: 7 }, (_, index) => `f${index}-${id}`);
  await setup.publish(id, 'insights', ...names);
  setup.clock.set(SECOND_RUN);
  await buildIssue(setup, id);
  await setup.publish(id, 'opinion', `new-${id}`);
  setup.clock.set(new Date(SECOND_RUN.getTime() + WEEK_MS));
  await buildIssue(setup, id);
  const { content } = await newestRow(id);
  expect(content).toMatchObject({
    sections: [
      { articles: [{ title: `Article f5-${id}` }, { title: `Article f6-${id}` }] },
      { articles: [{ title: `Article new-${id}` }] },
    ],
  });
});
