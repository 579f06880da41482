import { afterAll, beforeAll, expect, it } from 'vitest';
import { approveIssue, buildIssue, runDigestNow } from '../../../src/digests/index.ts';
import { countAlerts, readAlerts } from '../../../src/issue-alerts/index.ts';
import { requireNewsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { NewsletterId } from '../../../src/shared/ids.ts';
import { SATURDAY } from '../content/content-setup.ts';
import { FIRST_RUN, openDigests, WEEK_MS } from './digest-setup.ts';
import type { DigestSetup } from './digest-setup.ts';

let setup: DigestSetup;
beforeAll(async () => {
  setup = await openDigests();
});
afterAll(() => setup.close());

/** As no feed and no API would bring it in, so that whatever does is covered. */
async function breakArticle(id: NewsletterId, title: string): Promise<void> {
  await setup.db
    .updateTable('articles')
    .set({ url: `https://paper.example/${'x'.repeat(200_000)}` })
    .where('newsletter_id', '=', id)
    .where('title', '=', title)
    .execute();
}

async function shownIn(id: NewsletterId): Promise<readonly (readonly string[])[]> {
  const rows = await setup.db
    .selectFrom('issues')
    .select('content')
    .where('newsletter_id', '=', id)
    .where('kind', '=', 'scheduled')
    .orderBy('id')
    .execute();
  return rows.map(({ content }) => (JSON.stringify(content).match(/"title":"Article [^"]+"/g) ?? []).slice(1));
}

it('an article that no mail can show is left out, the issue goes out, and the admins hear of it once', async () => {
  setup.clock.set(SATURDAY);
  const { id } = await setup.newNewsletter();
  await setup.publish(id, 'insights', 'good', 'broken', 'fine');
  await breakArticle(id, 'Article broken');
  setup.clock.set(FIRST_RUN);
  const built = await buildIssue(setup, id);
  if (built.kind !== 'awaiting-approval') {
    throw new Error(`the issue is ${built.kind}`);
  }
  expect(await shownIn(id)).toEqual([['"title":"Article good"', '"title":"Article fine"']]);
  await approveIssue(setup, built.issueId, CLI_ACTOR);

  const alerts = await readAlerts(setup.db, setup.clock.now());
  expect(alerts.filter(({ newsletterId }) => newsletterId === id)).toMatchObject([
    { kind: 'left_out', facts: { count: 1, reason: expect.stringContaining('“Article broken”') as string } },
  ]);
  const { slug } = await requireNewsletter(setup.db, { id });
  expect(await countAlerts(setup.db, setup.clock.now())).toContainEqual({
    newsletter: slug,
    kind: 'left_out',
    lateSeconds: 0,
  });

  // Nor is it tried again, not even to fill a thin issue.
  await setup.db
    .insertInto('digest_rules')
    .values({ newsletter_id: id, fill_to: 5, updated_at: setup.clock.now() })
    .execute();
  setup.clock.advance(3_600_000);
  await setup.publish(id, 'insights', 'next');
  setup.clock.set(new Date(Date.parse(FIRST_RUN) + WEEK_MS));
  expect((await buildIssue(setup, id)).kind).toBe('published');
  expect((await shownIn(id))[1]).toEqual(['"title":"Article next"']);
  expect((await readAlerts(setup.db, setup.clock.now())).filter(({ kind }) => kind === 'left_out')).toEqual([]);
  const broken = await setup.db
    .selectFrom('articles')
    .select(['is_eligible', 'removed_at'])
    .where('newsletter_id', '=', id)
    .where('title', '=', 'Article broken')
    .execute();
  expect(broken).toEqual([{ is_eligible: false, removed_at: null }]);
});

it('when nothing but a broken article is there, there is no issue', async () => {
  setup.clock.set(SATURDAY);
  const { id } = await setup.newNewsletter();
  await setup.publish(id, 'insights', 'alone');
  await breakArticle(id, 'Article alone');
  const newsletter = await requireNewsletter(setup.db, { id });
  expect(await runDigestNow(setup, newsletter, CLI_ACTOR)).toEqual({ kind: 'nothing-new' });
});
