import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildIssue, previewNextIssue, runDigestNow } from '../../../src/digests/index.ts';
import { requireNewsletter } from '../../../src/newsletters/index.ts';
import { loadMailTemplates } from '../../../src/rendering/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { NewsletterId, SectionId } from '../../../src/shared/ids.ts';
import { SATURDAY } from '../content/content-setup.ts';
import { openDigests } from './digest-setup.ts';
import type { DigestSetup } from './digest-setup.ts';

const config = { publicUrl: 'http://localhost:3000', mailFrom: undefined, postalAddress: '1 Harbour Street' };

let setup: DigestSetup;
let mailTemplates: ReturnType<typeof loadMailTemplates>;
beforeAll(async () => {
  setup = await openDigests();
  mailTemplates = loadMailTemplates();
});
afterAll(() => setup.close());

async function newNewsletter(): Promise<NewsletterId> {
  setup.clock.set(SATURDAY);
  return (await setup.newNewsletter()).id;
}

async function preview(id: NewsletterId) {
  const newsletter = await requireNewsletter(setup.db, { id });
  return previewNextIssue({ ...setup, config, mailTemplates }, newsletter);
}

async function sectionOf(id: NewsletterId, slug: string): Promise<SectionId> {
  const { sections } = await requireNewsletter(setup.db, { id });
  const section = sections.find((one) => one.slug === slug);
  if (section === undefined) {
    throw new Error(`no section ${slug}`);
  }
  return section.id;
}

type SectionSettings = Partial<{ max_items: number; min_items: number; ranking: 'newest' | 'weight' | 'spread' }>;
function setSection(id: SectionId, settings: SectionSettings): Promise<unknown> {
  return setup.db.updateTable('newsletter_sections').set(settings).where('id', '=', id).execute();
}

interface Row {
  readonly title: string;
  readonly author?: string;
  readonly source?: string;
  readonly weight?: number;
  readonly isPinned?: boolean;
}

/** By hand, the first of them the newest. */
async function addArticles(id: NewsletterId, sectionId: SectionId, rows: readonly Row[]): Promise<void> {
  const now = setup.clock.now().getTime();
  await setup.db
    .insertInto('articles')
    .values(
      rows.map(({ title, author, source, weight = 0, isPinned = false }, index) => ({
        newsletter_id: id,
        section_id: sectionId,
        url: `https://paper.example/${id}/${title}`,
        title,
        author: author ?? null,
        source_name: source ?? null,
        weight,
        is_pinned: isPinned,
        first_seen_at: new Date(now + 60_000 - index),
      })),
    )
    .execute();
  setup.clock.advance(120_000);
}

it('says of each article where it comes from, and of each other one why it is not in the issue', async () => {
  const id = await newNewsletter();
  const [insights, opinion] = [await sectionOf(id, 'insights'), await sectionOf(id, 'opinion')];
  await setSection(insights, { max_items: 2 });
  await setSection(opinion, { min_items: 2 });
  await setup.publish(id, 'insights', 'old-1', 'old-2', 'old-3');
  const newsletter = await requireNewsletter(setup.db, { id });
  await runDigestNow(setup, newsletter, CLI_ACTOR);
  setup.clock.advance(60_000);

  await setup.publish(id, 'insights', 'new-1');
  await addArticles(id, insights, [
    { title: 'Pinned', isPinned: true },
    { title: 'Crowded out' },
    { title: 'Removed' },
  ]);
  await addArticles(id, opinion, [{ title: 'Lonely' }]);
  await setup.db.updateTable('articles').set({ is_eligible: false }).where('title', '=', 'Removed').execute();
  const { reasons, mail } = await preview(id);
  expect(mail?.text).toContain('Pinned');
  expect(reasons.taken).toMatchObject([
    { title: 'Pinned', section: 'Insights', feed: null, sectionBy: 'person', isPinned: true, isFill: false },
    { title: 'Crowded out', isPinned: false },
  ]);
  expect(Object.fromEntries(reasons.leftOut.map(({ title, code }) => [title, code]))).toEqual({
    Lonely: 'section_too_small',
    Removed: 'not_eligible',
    'Article new-1': 'no_room',
    'Article old-3': 'before_cutoff',
    'Article old-2': 'in_issue',
    'Article old-1': 'in_issue',
  });
  expect(reasons.leftOut.find(({ title }) => title === 'Article old-1')?.message).toBe('It is in issue 1.');
});

it('says what an issue that is too small has, and of earlier ones that they fill a thin one', async () => {
  const id = await newNewsletter();
  const insights = await sectionOf(id, 'insights');
  await setSection(insights, { max_items: 1 });
  await setup.db
    .insertInto('digest_rules')
    .values({ newsletter_id: id, min_articles: 2, updated_at: setup.clock.now() })
    .execute();
  await addArticles(id, insights, [{ title: 'First' }, { title: 'No room' }]);
  const small = await preview(id);
  expect(small.mail).toBeNull();
  expect(small.reasons).toMatchObject({
    taken: [],
    leftOut: [
      { title: 'No room', code: 'no_room' },
      { title: 'First', code: 'issue_too_small', message: 'Too little for an issue: 1 of 2 articles.' },
    ],
  });
  await setup.db
    .updateTable('digest_rules')
    .set({ min_articles: 1, fill_to: 2 })
    .where('newsletter_id', '=', id)
    .execute();
  await runDigestNow(setup, await requireNewsletter(setup.db, { id }), CLI_ACTOR);
  await addArticles(id, insights, [{ title: 'Second' }]);
  expect((await preview(id)).reasons.taken).toMatchObject([
    { title: 'Second', isFill: false },
    { title: 'No room', isFill: true },
  ]);
});

it('ranks by weight, pinned ones first', async () => {
  const id = await newNewsletter();
  const insights = await sectionOf(id, 'insights');
  await setSection(insights, { ranking: 'weight', max_items: 4 });
  await addArticles(id, insights, [
    { title: 'Light', weight: -2 },
    { title: 'Plain new' },
    { title: 'Plain old' },
    { title: 'Heavy', weight: 5 },
    { title: 'Pinned', weight: -9, isPinned: true },
  ]);
  const { reasons } = await preview(id);
  expect(reasons.taken.map(({ title }) => title)).toEqual(['Pinned', 'Heavy', 'Plain new', 'Plain old']);
});

it('spreads: the newest of each source and author before any second one', async () => {
  const id = await newNewsletter();
  const insights = await sectionOf(id, 'insights');
  await setSection(insights, { ranking: 'spread', max_items: 4 });
  await addArticles(id, insights, [
    { title: 'A1', source: 'A' },
    { title: 'A2', source: 'A' },
    { title: 'A3', source: 'A' },
    { title: 'B1', source: 'B', author: 'Ada' },
    { title: 'B2', source: 'B', author: 'Bob' },
  ]);
  const { reasons } = await preview(id);
  expect(reasons.taken.map(({ title }) => title)).toEqual(['A1', 'B1', 'B2', 'A2']);
});

it('stays quick with 100,000 articles, and says the newest 200', async () => {
  const id = await newNewsletter();
  const insights = await sectionOf(id, 'insights');
  await sql`
    insert into articles (newsletter_id, section_id, url, title, first_seen_at)
    select ${id}, ${insights}, 'https://paper.example/' || n, 'Old ' || n, '2020-01-01' from generate_series(1, 100000) n`.execute(
    setup.db,
  );
  await addArticles(id, insights, [{ title: 'New' }]);
  const { reasons } = await preview(id);
  expect(reasons.taken).toMatchObject([{ title: 'New' }]);
  expect(reasons.leftOut).toHaveLength(199);
  expect(await buildIssue(setup, id)).toEqual({ kind: 'not-due' });
});
