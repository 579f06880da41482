import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  addExampleFeed,
  addFeed,
  contentRoutes,
  listFeeds,
  lockContent,
  pollFeed,
} from '../../../src/content/index.ts';
import { createApp } from '../../../src/http/index.ts';
import type { Newsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { ArticleId, FeedId } from '../../../src/shared/ids.ts';
import { listen } from '../../support/listen.ts';
import type { Listening } from '../../support/listen.ts';
import { openContent } from './content-setup.ts';
import type { ContentSetup } from './content-setup.ts';
import { openFeedSite, rssOf } from './feed-site.ts';
import type { FeedSite, TestItem } from './feed-site.ts';

interface ArticleJson {
  readonly id: ArticleId;
  readonly title: string;
  readonly sectionSlug: string;
  readonly state: string;
}

let setup: ContentSetup;
let server: Listening;
let site: FeedSite;
let paper: Newsletter;

beforeAll(async () => {
  setup = await openContent();
  server = await listen(
    createApp({
      log: setup.log,
      publicUrl: 'http://localhost:3000',
      trustProxy: false,
      authenticate: () => Promise.resolve(CLI_ACTOR),
      apiRoutes: contentRoutes(setup),
      routers: [],
    }),
  );
});
afterAll(async () => {
  await server.close();
  await setup.close();
});
beforeEach(async () => {
  site = await openFeedSite();
  paper = await setup.newNewsletter();
});
afterEach(() => site.close());

async function call(method: string, path: string, body?: unknown): Promise<{ status: number; body: never }> {
  const response = await fetch(`${server.origin}/api/v1${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as never };
}

function post(article: object) {
  return call('POST', `/newsletters/${paper.id}/articles`, article);
}

async function added(article: object): Promise<ArticleJson> {
  const { status, body } = await post(article);
  expect(status).toBe(201);
  return body;
}

async function list(query = ''): Promise<readonly ArticleJson[]> {
  const { body } = await call('GET', `/newsletters/${paper.id}/articles${query}`);
  return (body as { readonly articles: readonly ArticleJson[] }).articles;
}

async function readFeed(items: readonly TestItem[], section = 'insights'): Promise<FeedId> {
  site.answer = (_req, res) => res.end(rssOf(items, setup.clock.now()));
  const url = `${site.url}/${section}`;
  const feedId = await addFeed(setup, { newsletterId: paper.id, section: { slug: section }, url }, CLI_ACTOR);
  await pollFeed(setup, feedId, { force: true });
  return feedId;
}

async function putIntoIssue(articleId: ArticleId): Promise<void> {
  const now = setup.clock.now();
  const issue = await setup.db
    .insertInto('issues')
    .values({
      newsletter_id: paper.id,
      kind: 'extra',
      period_at: now,
      number: 1,
      status: 'approved',
      from_at: now,
      cutoff_at: now,
      title: 'An issue',
      content: '{}',
      created_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const section = paper.sections[0]?.id;
  if (section === undefined) {
    throw new Error('no section');
  }
  await setup.db
    .insertInto('issue_articles')
    .values({ issue_id: issue.id, article_id: articleId, newsletter_id: paper.id, section_id: section, position: 0 })
    .execute();
}

const BRIDGE = { title: 'The bridge', url: 'https://paper.example/bridge' };

describe('adding an article', () => {
  it('answers 201 for a new address and 200 for a known one, whatever its scheme, slash or tracking', async () => {
    const { id } = await added({
      ...BRIDGE,
      summary: 'It   holds.\nFor now.',
      author: 'Ada',
      section: 'opinion',
      imageUrl: 'https://paper.example/bridge.jpg',
      imageAlt: 'A bridge',
      categories: ['City'],
      publishedAt: '2026-11-20T10:00:00+01:00',
      weight: 3,
      isPinned: true,
    });
    const again = await post({ title: 'The bridges', url: 'http://paper.example/bridge/?utm_source=cms' });
    expect(again.status).toBe(200);
    expect(again.body).toMatchObject({
      id,
      title: 'The bridges',
      summary: 'It holds. For now.',
      author: 'Ada',
      sectionSlug: 'opinion',
      sectionIsChosen: true,
      publishedAt: '2026-11-20T09:00:00.000Z',
      weight: 3,
      isPinned: true,
      isEligible: true,
      state: 'unsent',
      feedId: null,
    });
    expect(await list()).toHaveLength(1);
  });

  it('makes one article of a double click', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => post(BRIDGE)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(await list()).toHaveLength(1);
  });

  it('keeps two articles that begin alike apart, since each has its address', async () => {
    const words = { title: 'The weather', summary: 'What it is going to be like in the days to come. '.repeat(3) };
    await added({ ...words, url: 'https://paper.example/weather/1' });
    await added({ ...words, url: 'https://paper.example/weather/2' });
    expect(await list()).toHaveLength(2);
  });

  it('is the same article that a feed brought, and the feed no longer changes it', async () => {
    const feedId = await readFeed([{ id: 'bridge', title: 'Bridge (draft)', link: BRIDGE.url }]);
    const { status } = await post({ ...BRIDGE, url: 'http://paper.example/bridge' });
    expect(status).toBe(200);
    await pollFeed(setup, feedId, { force: true });
    expect((await list()).map(({ title }) => title)).toEqual(['The bridge']);
  });

  it('ends the example of the newsletter', async () => {
    await addExampleFeed(setup, paper.id);
    expect(await list()).toHaveLength(12);
    await added(BRIDGE);
    expect((await list()).map(({ title }) => title)).toEqual(['The bridge']);
    expect(await listFeeds(setup.db, paper.id)).toEqual([]);
  });

  it('counts a date in the future as now, and shows markup as text', async () => {
    const article = await added({ ...BRIDGE, title: '<b>Bold</b>', publishedAt: '2031-01-01T00:00:00Z' });
    expect(article).toMatchObject({ title: '<b>Bold</b>', publishedAt: setup.clock.now().toISOString() });
  });

  it.each([
    ['title', { ...BRIDGE, title: '  ' }],
    ['url', { ...BRIDGE, url: 'javascript:alert(1)' }],
    ['url', { ...BRIDGE, url: 'https://user:secret@paper.example/' }],
    ['section', { ...BRIDGE, section: 'sports' }],
    ['imageUrl', { ...BRIDGE, imageUrl: 'http://paper.example/a.jpg' }],
    ['weight', { ...BRIDGE, weight: 11 }],
    ['publishedAt', { ...BRIDGE, publishedAt: 'yesterday' }],
    ['categories.0', { ...BRIDGE, categories: [''] }],
  ])('refuses a wrong %s at its field', async (field, article) => {
    const { status, body } = await post(article);
    expect(status).toBe(422);
    expect((body as { errors: { field: string }[] }).errors.map((error) => error.field)).toContain(field);
    expect(await list()).toEqual([]);
  });

  it('refuses a newsletter that there is not, and unknown fields', async () => {
    expect(await call('POST', '/newsletters/999999/articles', BRIDGE)).toMatchObject({
      status: 404,
      body: { code: 'newsletter_not_found' },
    });
    expect((await post({ ...BRIDGE, colour: 'red' })).status).toBe(422);
  });

  it('waits while an issue is being built, so that it is in that issue or in the next', async () => {
    let wasWaiting = false;
    const waiting = await setup.db.transaction().execute(async (tx) => {
      await lockContent(tx, paper.id);
      const adding = post(BRIDGE);
      wasWaiting = Array.isArray(await Promise.race([adding, list()]));
      return { adding };
    });
    expect((await waiting.adding).status).toBe(201);
    expect(wasWaiting).toBe(true);
  });
});

describe('the list', () => {
  it('is turned page by page, newest first', async () => {
    await readFeed(Array.from({ length: 60 }, (_, index) => ({ id: `n${index}`, minutesAgo: index + 20 })));
    const first = await call('GET', `/newsletters/${paper.id}/articles`);
    const { articles, nextCursor } = first.body as { articles: readonly ArticleJson[]; nextCursor: number };
    expect(articles).toHaveLength(50);
    const rest = await list(`?cursor=${nextCursor}`);
    expect(rest).toHaveLength(10);
    expect(new Set([...articles, ...rest].map(({ id }) => id)).size).toBe(60);
  });

  it('finds by state, section, feed and words', async () => {
    const feedId = await readFeed([{ id: 'one', title: '100% of it' }, { id: 'two' }], 'opinion');
    const { id } = await added({ ...BRIDGE, section: 'insights' });
    const sent = await added({ title: 'Sent', url: 'https://paper.example/sent' });
    await putIntoIssue(sent.id);
    await call('PATCH', `/articles/${id}`, { isEligible: false });
    const titles = async (query: string) => (await list(query)).map(({ title }) => title).sort();
    expect(await titles('?state=unsent')).toEqual(['100% of it', 'Article two']);
    expect(await titles('?state=left_out')).toEqual(['The bridge']);
    expect(await titles('?state=used')).toEqual(['Sent']);
    expect(await titles('?section=opinion')).toEqual(['100% of it', 'Article two']);
    expect(await titles(`?feed=${feedId}&q=two`)).toEqual(['Article two']);
    expect(await titles('?q=0%25')).toEqual(['100% of it']);
    expect(await titles('?q=PAPER.example/bridge')).toEqual(['The bridge']);
  });
});

describe('changing by hand', () => {
  it('keeps the words from the feed and the section from rules and feeds', async () => {
    const feedId = await readFeed([{ id: 'one', title: 'As the feed has it' }]);
    const [article] = await list();
    const { status, body } = await call('PATCH', `/articles/${article?.id ?? 0}`, {
      title: 'As we have it',
      section: 'opinion',
      isPinned: true,
      weight: -2,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ title: 'As we have it', isEdited: true, sectionSlug: 'opinion', isPinned: true });
    await pollFeed(setup, feedId, { force: true });
    await call('PATCH', `/feeds/${feedId}`, { sectionId: paper.sections[2]?.id });
    expect(await list()).toMatchObject([{ title: 'As we have it', sectionSlug: 'opinion' }]);
  });

  it('brings one that was left out into the next issue, however long it has been known', async () => {
    const { id } = await added(BRIDGE);
    await call('PATCH', `/articles/${id}`, { isEligible: false });
    setup.clock.advance(10 * 24 * 3_600_000);
    const cutoff = setup.clock.now();
    await setup.db.updateTable('newsletters').set({ cutoff_at: cutoff }).where('id', '=', paper.id).execute();
    const { body } = await call('PATCH', `/articles/${id}`, { isEligible: true });
    expect(new Date((body as { firstSeenAt: string }).firstSeenAt).getTime()).toBeGreaterThan(cutoff.getTime());
  });

  it('refuses one that an issue holds, and one that there is not', async () => {
    const { id } = await added(BRIDGE);
    await putIntoIssue(id);
    for (const [method, body] of [
      ['PATCH', { title: 'Too late' }],
      ['DELETE', undefined],
    ] as const) {
      expect(await call(method, `/articles/${id}`, body)).toMatchObject({
        status: 409,
        body: { code: 'article_in_issue' },
      });
      expect(await call(method, '/articles/999999', body)).toMatchObject({
        status: 404,
        body: { code: 'article_not_found' },
      });
    }
    expect((await post({ ...BRIDGE, title: 'Too late' })).body).toMatchObject({ title: 'The bridge', state: 'used' });
  });

  it('accepts a change of nothing', async () => {
    const { id } = await added(BRIDGE);
    expect(await call('PATCH', `/articles/${id}`, {})).toMatchObject({ status: 200, body: { title: 'The bridge' } });
  });
});

describe('removing', () => {
  it('is for good, also while the feed still offers it, until somebody adds it again', async () => {
    const feedId = await readFeed([{ id: 'one', link: BRIDGE.url }]);
    const [article] = await list();
    const path = `/articles/${article?.id ?? 0}`;
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('DELETE', path)).status).toBe(404);
    await pollFeed(setup, feedId, { force: true });
    expect(await list()).toEqual([]);
    expect((await listFeeds(setup.db, paper.id))[0]).toMatchObject({ articleCount: 0 });
    expect((await post(BRIDGE)).status).toBe(201);
    expect(await list()).toMatchObject([{ title: 'The bridge', state: 'unsent' }]);
  });

  it('lets an article of no feed be added anew', async () => {
    const { id } = await added(BRIDGE);
    await call('DELETE', `/articles/${id}`);
    expect((await added(BRIDGE)).id).not.toBe(id);
  });
});

describe('category rules', () => {
  const put = (rules: readonly object[]) => call('PUT', `/newsletters/${paper.id}/category-rules`, { rules });
  const ruled = (category: string, sectionSlug: string) => ({ category, sectionSlug });

  it('place what comes, by the first category that has one', async () => {
    await put([ruled('Kultur', 'opinion'), ruled('stadt  leben', 'current-events')]);
    const article = await added({ ...BRIDGE, categories: ['Other', ' STADT leben', 'kultur'] });
    expect(article.sectionSlug).toBe('current-events');
    expect((await added({ title: 'None', url: 'https://paper.example/none' })).sectionSlug).toBe('insights');
  });

  it('move what is unsent and was not placed by hand, and back to the feed when they go', async () => {
    site.answer = (_req, res) =>
      res.end(
        rssOf([{ id: 'one' }, { id: 'two' }], setup.clock.now()).replaceAll(
          '</guid>',
          '</guid><category>Kunst</category>',
        ),
      );
    const url = `${site.url}/art`;
    const feedId = await addFeed(setup, { newsletterId: paper.id, section: { slug: 'insights' }, url }, CLI_ACTOR);
    await pollFeed(setup, feedId, { force: true });
    const [chosen] = await list();
    await call('PATCH', `/articles/${chosen?.id ?? 0}`, { section: 'current-events' });
    expect((await put([ruled('kunst', 'opinion')])).body).toMatchObject({ movedCount: 1 });
    expect((await list()).map(({ sectionSlug }) => sectionSlug)).toEqual(['current-events', 'opinion']);
    await put([]);
    expect((await list()).map(({ sectionSlug }) => sectionSlug)).toEqual(['current-events', 'insights']);
    await call('PATCH', `/feeds/${feedId}`, { sectionId: paper.sections[1]?.id, weight: 4 });
    expect((await list()).map(({ sectionSlug }) => sectionSlug)).toEqual(['current-events', 'opinion']);
    expect((await listFeeds(setup.db, paper.id))[0]).toMatchObject({ weight: 4, sectionId: paper.sections[1]?.id });
  });

  it('are refused twice for a category, or for a section that there is not; then the old ones stay', async () => {
    await put([ruled('Kultur', 'opinion')]);
    expect(await put([ruled('a', 'insights'), ruled('A ', 'opinion')])).toMatchObject({
      status: 422,
      body: { code: 'category_twice', errors: [{ field: 'rules.1.category' }] },
    });
    expect(await put([ruled('a', 'sports')])).toMatchObject({
      status: 422,
      body: { code: 'section_unknown', errors: [{ field: 'rules.0.sectionSlug' }] },
    });
    const { body } = await call('GET', `/newsletters/${paper.id}/category-rules`);
    expect(body).toEqual({ rules: [ruled('Kultur', 'opinion')] });
  });
});

it('tells the history of a feed, and refuses a feed that there is not', async () => {
  const feedId = await readFeed([{ id: 'one' }]);
  expect((await call('GET', `/feeds/${feedId}/polls`)).body).toMatchObject({
    polls: [{ outcome: 'read', newCount: 1 }],
  });
  for (const [method, path, body] of [
    ['GET', '/feeds/999999/polls', undefined],
    ['PATCH', '/feeds/999999', { weight: 1 }],
    ['POST', '/feeds/999999/poll', undefined],
  ] as const) {
    expect(await call(method, path, body)).toMatchObject({ status: 404, body: { code: 'feed_not_found' } });
  }
  expect(await call('PATCH', `/feeds/${feedId}`, { sectionId: 999_999 })).toMatchObject({
    status: 422,
    body: { code: 'section_unknown' },
  });
});

it('writes what was done into the audit log', async () => {
  const { id } = await added(BRIDGE);
  await call('PATCH', `/articles/${id}`, { title: 'Other' });
  await call('DELETE', `/articles/${id}`);
  const rows = await setup.db
    .selectFrom('audit_log')
    .select('action')
    .where('subject_kind', '=', 'article')
    .where('subject_id', '=', String(id))
    .orderBy('id')
    .execute();
  expect(rows.map(({ action }) => action)).toEqual(['article.added', 'article.updated', 'article.removed']);
});
