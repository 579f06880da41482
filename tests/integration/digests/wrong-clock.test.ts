import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { healPolls } from '../../../src/content/index.ts';
import {
  approveIssue,
  buildIssue,
  dropIssue,
  healClocks,
  listDueNewsletters,
  listIssues,
  selectPreparedIssueAt,
} from '../../../src/digests/index.ts';
import { requireNewsletter } from '../../../src/newsletters/index.ts';
import { defaultDigestRules } from '../../../src/newsletters/digest-rules.ts';
import { upsertDigestRules } from '../../../src/newsletters/digest-rules.repository.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { NewsletterId } from '../../../src/shared/ids.ts';
import { SATURDAY } from '../content/content-setup.ts';
import { FIRST_RUN, openDigests, WEEK_MS } from './digest-setup.ts';
import type { DigestSetup } from './digest-setup.ts';

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
const runAt = (week: number): Date => new Date(Date.parse(FIRST_RUN) + week * WEEK_MS);

let setup: DigestSetup;
beforeAll(async () => {
  setup = await openDigests();
});
afterAll(() => setup.close());

/** Its first issue is out, and it is an hour later. */
async function startNewsletter(): Promise<NewsletterId> {
  setup.clock.set(SATURDAY);
  const { id } = await setup.newNewsletter();
  await setup.publish(id, 'insights', `first-${id}`);
  setup.clock.set(runAt(0));
  await approveIssue(setup, await buildWaiting(id), CLI_ACTOR);
  setup.clock.advance(HOUR_MS);
  return id;
}

async function buildWaiting(id: NewsletterId) {
  const built = await buildIssue(setup, id);
  if (built.kind !== 'awaiting-approval') {
    throw new Error(`the issue is ${built.kind}`);
  }
  return built.issueId;
}

/** As the worker: the clock's minute, then what is due. */
async function tick(id: NewsletterId): Promise<readonly string[]> {
  await healClocks(setup);
  const due = await listDueNewsletters(setup.db, setup.clock.now());
  return due.includes(id) ? [(await buildIssue(setup, id)).kind] : [];
}

async function titlesByIssue(id: NewsletterId): Promise<readonly string[][]> {
  const rows = await setup.db
    .selectFrom('issues as i')
    .leftJoin('issue_articles as h', 'h.issue_id', 'i.id')
    .leftJoin('articles as a', 'a.id', 'h.article_id')
    .select(['i.id', 'a.title'])
    .where('i.newsletter_id', '=', id)
    .where('i.status', 'in', ['approved', 'awaiting_approval'])
    .orderBy('i.id')
    .orderBy('h.position')
    .execute();
  return [...Map.groupBy(rows, (row) => row.id).values()].map((some) => some.map(({ title }) => title ?? ''));
}

function nextRun(id: NewsletterId): Promise<Date | null> {
  return requireNewsletter(setup.db, { id }).then(({ nextRunAt }) => nextRunAt);
}

describe('a clock that was wrong for a while (T8)', () => {
  it('a year ahead and back, while an issue waits: the next issue comes next week, with all that came', async () => {
    const id = await startNewsletter();
    await setup.publish(id, 'insights', 'before');
    setup.clock.advance(YEAR_MS);
    await setup.publish(id, 'insights', 'meanwhile');
    expect(await tick(id)).toEqual(['awaiting-approval']);
    await setup.publish(id, 'insights', 'after-it');

    setup.clock.set(new Date(runAt(0).getTime() + 2 * HOUR_MS));
    await setup.publish(id, 'insights', 'right-again');
    expect(await tick(id)).toEqual([]);
    expect(await nextRun(id)).toEqual(runAt(1));
    await setup.publish(id, 'insights', 'later');

    // The week that the waiting issue was for has its issue: there is none of the same name.
    setup.clock.set(runAt(1));
    expect(await tick(id)).toEqual(['already-built']);
    setup.clock.set(runAt(2));
    expect(await tick(id)).toEqual(['published']);
    const issues = await titlesByIssue(id);
    expect(issues.map((titles) => titles.toSorted())).toEqual([
      [`Article first-${id}`],
      ['Article before', 'Article meanwhile'],
      ['Article after-it', 'Article later', 'Article right-again'],
    ]);
    expect(await tick(id)).toEqual([]);
  });

  it('a year ahead without an issue due: what was read in that time is in the next issue', async () => {
    const id = await startNewsletter();
    setup.clock.advance(YEAR_MS);
    await setup.publish(id, 'insights', 'from-the-future');
    setup.clock.set(new Date(runAt(0).getTime() + 2 * HOUR_MS));
    await healPolls(setup.db, setup.clock.now());
    const feeds = await setup.db.selectFrom('feeds').select('next_poll_at').where('newsletter_id', '=', id).execute();
    expect(feeds).toEqual([{ next_poll_at: setup.clock.now() }]);
    await tick(id);
    setup.clock.set(runAt(1));
    expect(await tick(id)).toEqual(['published']);
    expect((await titlesByIssue(id)).at(-1)).toEqual(['Article from-the-future']);
  });

  it('a week back while an issue waits: it is not built again, nor is anything lost', async () => {
    const id = await startNewsletter();
    await setup.publish(id, 'insights', 'week-1');
    setup.clock.set(new Date(runAt(1).getTime() + 2 * 24 * HOUR_MS));
    const waiting = await buildWaiting(id);
    setup.clock.advance(-WEEK_MS);
    await setup.publish(id, 'insights', 'while-back');
    expect(await tick(id)).toEqual([]);
    setup.clock.set(runAt(1));
    expect(await tick(id)).toEqual(['already-built']);
    setup.clock.set(runAt(2));
    expect(await tick(id)).toEqual(['published']);
    expect(await titlesByIssue(id)).toEqual([[`Article first-${id}`], ['Article week-1'], ['Article while-back']]);
    // And what waited may still be dropped; then its article is free.
    await dropIssue(setup, waiting, CLI_ACTOR);
    expect(await listIssues(setup.db, id, 10)).toHaveLength(3);
  });

  it('an issue built ahead by rule is no sign of a wrong clock, whichever worker looks', async () => {
    const id = await startNewsletter();
    await setup.db
      .insertInto('digest_rules')
      .values({ newsletter_id: id, prepare_hours: 48, updated_at: setup.clock.now() })
      .execute();
    await setup.publish(id, 'insights', 'ahead');
    setup.clock.set(new Date(runAt(1).getTime() - 48 * HOUR_MS));
    expect(await tick(id)).toEqual(['published']);
    // Another machine's clock is two minutes behind.
    setup.clock.advance(-120_000);
    expect(await tick(id)).toEqual([]);
    expect(await nextRun(id)).toEqual(runAt(2));
    const records = await setup.db
      .selectFrom('audit_log')
      .select('action')
      .where('action', '=', 'newsletter.clock_healed')
      .where('subject_id', '=', String(id))
      .execute();
    expect(records).toEqual([]);
  });
});

it('no clock was wrong where an issue was built ahead and its rule changed since', async () => {
  const id = await startNewsletter();
  const setHours = (prepareHours: number) =>
    setup.db
      .transaction()
      .execute((tx) => upsertDigestRules(tx, { ...defaultDigestRules(id), prepareHours }, setup.clock.now()));
  await setHours(168);
  await setup.publish(id, 'insights', `ahead-${id}`);
  expect(await tick(id)).toEqual(['published']);
  await setHours(0);
  expect(await tick(id)).toEqual([]);
  expect(await nextRun(id)).toEqual(runAt(2));
  expect(await selectPreparedIssueAt(setup.db, id, setup.clock.now())).toEqual(runAt(1));
  expect(await selectPreparedIssueAt(setup.db, id, runAt(1))).toBeNull();
});
