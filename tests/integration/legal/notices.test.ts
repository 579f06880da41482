import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { approveIssue, buildIssue, dropIssue, previewNextIssue, runDigestNow } from '../../../src/digests/index.ts';
import { publishDocument, seedLegalDocuments } from '../../../src/legal/index.ts';
import type { Newsletter } from '../../../src/newsletters/index.ts';
import { loadMailTemplates } from '../../../src/rendering/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { IssueId } from '../../../src/shared/ids.ts';
import { openDigests, WEEK_MS } from '../digests/digest-setup.ts';
import type { DigestSetup } from '../digests/digest-setup.ts';

let setup: DigestSetup;
let newsletter: Newsletter;
let articles = 0;
let texts = 0;

beforeAll(async () => {
  setup = await openDigests();
  await seedLegalDocuments(setup.db, setup.clock);
  await publish({});
  await publish({ locale: 'de', title: 'Bedingungen' });
});
afterAll(() => setup.close());
beforeEach(async () => {
  newsletter = await setup.newNewsletter();
  setup.clock.advance(1000);
});

async function publish(changes: Partial<Parameters<typeof publishDocument>[1]>) {
  texts += 1;
  const text = { kind: 'terms', locale: 'en', title: 'Terms', markdown: `Text ${texts}`, actor: CLI_ACTOR } as const;
  return publishDocument(setup, { ...text, ...changes });
}

async function nextIssue(of = newsletter): Promise<IssueId> {
  articles += 1;
  await setup.publish(of.id, 'insights', `article-${articles}`);
  const outcome = await runDigestNow(setup, of, CLI_ACTOR);
  if (outcome.kind !== 'published') {
    throw new Error('nothing new');
  }
  return outcome.issueId;
}

/** What the frozen mail of the issue says about legal texts. */
async function linesOf(issueId: IssueId): Promise<readonly string[]> {
  const { source } = await setup.db
    .selectFrom('campaigns')
    .select('source')
    .where('issue_id', '=', issueId)
    .executeTakeFirstOrThrow();
  const { notices = [] } = JSON.parse(source) as { notices?: { text: string; path: string; acceptText?: string }[] };
  return notices.map(({ text, path, acceptText = '-' }) => `${text} | ${path} | ${acceptText}`);
}

it('tells of a new version in the next issue of each newsletter, once', async () => {
  const other = await setup.newNewsletter();
  setup.clock.advance(1000);
  const { url } = await publish({ change: 'notice' });
  const line = `We have changed our terms; the new ones apply since 21 November 2026. | ${url} | -`;
  expect(await linesOf(await nextIssue())).toEqual([line]);
  expect(await linesOf(await nextIssue())).toEqual([]);
  expect(await linesOf(await nextIssue(other))).toEqual([line]);
});

it('says nothing of an editorial change, nor of one from before the newsletter', async () => {
  await publish({ change: 'editorial' });
  expect(await linesOf(await nextIssue())).toEqual([]);
  await publish({ change: 'notice' });
  const younger = await setup.newNewsletter();
  expect(await linesOf(await nextIssue(younger))).toEqual([]);
});

it('asks to accept, also when an editorial version has followed, and links to the newest', async () => {
  await publish({ change: 'acceptance' });
  const { url } = await publish({ change: 'editorial' });
  const [line = ''] = await linesOf(await nextIssue());
  expect(line).toContain('please accept the new ones');
  expect(line).toContain(`| ${url} | Accept the new terms`);
  expect(await linesOf(await nextIssue())).toEqual([]);
});

it('speaks the language of the newsletter, and leaves the others alone', async () => {
  await setup.db.updateTable('newsletters').set({ locale: 'de-AT' }).where('id', '=', newsletter.id).execute();
  const german = { ...newsletter, locale: 'de-AT' };
  await publish({ change: 'notice' });
  expect(await linesOf(await nextIssue(german))).toEqual([]);
  const { url } = await publish({ locale: 'de', title: 'Bedingungen', change: 'notice' });
  const [line = ''] = await linesOf(await nextIssue(german));
  expect(line).toMatch(/^Wir haben unsere Nutzungsbedingungen geändert; die neuen gelten seit 21\. November 2026\./);
  expect(line).toContain(url);
});

it('waits for the day on which a scheduled version takes effect', async () => {
  const from = new Date(setup.clock.now().getTime() + WEEK_MS);
  const { url } = await publish({ change: 'notice', from });
  expect(await linesOf(await nextIssue())).toEqual([]);
  setup.clock.advance(WEEK_MS);
  expect((await linesOf(await nextIssue())).join()).toContain(url);
});

it('makes no issue of its own, and shows the line in the preview without using it up', async () => {
  await publish({ kind: 'privacy', title: 'Privacy', change: 'editorial' });
  setup.clock.advance(1000);
  await publish({ kind: 'privacy', title: 'Privacy', change: 'notice' });
  expect(await runDigestNow(setup, newsletter, CLI_ACTOR)).toEqual({ kind: 'nothing-new' });
  await setup.publish(newsletter.id, 'insights', 'for-the-preview');
  const config = { publicUrl: 'https://news.example', mailFrom: undefined, postalAddress: '1 Harbour Street' };
  const deps = { ...setup, mailTemplates: loadMailTemplates(), config };
  const { mail } = await previewNextIssue(deps, newsletter);
  expect(mail?.html).toContain('We have changed our privacy notice');
  expect(mail?.text).toMatch(/Read the new version: https:\/\/news\.example\/privacy\/en\/\d+/);
  expect((await linesOf(await nextIssue())).join()).toContain('We have changed our privacy notice');
});

it('is in the issue that goes out, not in one that was dropped', async () => {
  setup.clock.set(newsletter.nextRunAt ?? setup.clock.now());
  setup.clock.advance(1000);
  await publish({ change: 'notice' });
  await setup.publish(newsletter.id, 'insights', 'first-scheduled');
  const built = await buildIssue(setup, newsletter.id);
  if (built.kind !== 'awaiting-approval') {
    throw new Error(built.kind);
  }
  // While it waits no other issue says it.
  expect(await linesOf(await nextIssue())).toEqual([]);
  await dropIssue(setup, built.issueId, CLI_ACTOR);
  const told = await nextIssue();
  expect(await linesOf(told)).toHaveLength(1);
  await expect(approveIssue(setup, built.issueId, CLI_ACTOR)).rejects.toMatchObject({ code: 'issue_already_decided' });
});

it('is in exactly one issue, however many are built at once', async () => {
  await publish({ change: 'notice' });
  await setup.publish(newsletter.id, 'insights', 'race-a', 'race-b');
  await Promise.all([1, 2, 3].map(() => runDigestNow(setup, newsletter, CLI_ACTOR)));
  await nextIssue();
  const told = await setup.db
    .selectFrom('legal_notices')
    .select('issue_id')
    .where('newsletter_id', '=', newsletter.id)
    .execute();
  expect(told).toHaveLength(1);
});

it('is kept when a build dies in the middle', async () => {
  await publish({ change: 'notice' });
  await setup.publish(newsletter.id, 'insights', 'dies');
  await setup.db.schema
    .alterTable('campaigns')
    .addColumn('broken', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await setup.db.schema
    .alterTable('campaigns')
    .alterColumn('broken', (column) => column.dropDefault())
    .execute();
  await expect(runDigestNow(setup, newsletter, CLI_ACTOR)).rejects.toThrow(/broken/);
  await setup.db.schema.alterTable('campaigns').dropColumn('broken').execute();
  expect(await linesOf(await nextIssue())).toHaveLength(1);
});
