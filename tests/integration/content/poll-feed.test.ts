import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  addExampleFeed,
  addFeed,
  listDueFeeds,
  listFeeds,
  pollFeed,
  removeExampleFeeds,
  removeFeed,
} from '../../../src/content/index.ts';
import type { FeedId, NewsletterId } from '../../../src/shared/ids.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { openContent } from './content-setup.ts';
import type { ContentSetup } from './content-setup.ts';
import { openFeedSite, rssOf } from './feed-site.ts';
import type { FeedSite, TestItem } from './feed-site.ts';

let setup: ContentSetup;
let site: FeedSite;

beforeAll(async () => {
  setup = await openContent();
});
afterAll(() => setup.close());
beforeEach(async () => {
  site = await openFeedSite();
});
afterEach(() => site.close());

function offer(items: readonly TestItem[], headers: Readonly<Record<string, string>> = {}): void {
  site.answer = (_req, res) => {
    res.writeHead(200, { 'content-type': 'application/rss+xml', ...headers }).end(rssOf(items, setup.clock.now()));
  };
}

async function newFeed(path = '/feed'): Promise<{ readonly newsletterId: NewsletterId; readonly feedId: FeedId }> {
  const { id } = await setup.newNewsletter();
  return { newsletterId: id, feedId: await add(id, path) };
}

function add(newsletterId: NewsletterId, path: string, section = 'insights'): Promise<FeedId> {
  return addFeed(setup, { newsletterId, section: { slug: section }, url: `${site.url}${path}` }, CLI_ACTOR);
}

function poll(feedId: FeedId) {
  return pollFeed(setup, feedId, { force: true });
}

async function articlesOf(newsletterId: NewsletterId) {
  return setup.db.selectFrom('articles').selectAll().where('newsletter_id', '=', newsletterId).orderBy('id').execute();
}

async function healthOf(newsletterId: NewsletterId) {
  const [feed] = await listFeeds(setup.db, newsletterId);
  return feed;
}

function numbered(count: number, from = 1): TestItem[] {
  return Array.from({ length: count }, (_, index) => ({ id: `a${from + index}`, minutesAgo: from + index }));
}

test('an article is stored once, however often the feed is polled, also by two at once', async () => {
  const { newsletterId, feedId } = await newFeed();
  offer(numbered(3));
  await Promise.all([poll(feedId), poll(feedId), poll(feedId)]);
  await poll(feedId);
  const articles = await articlesOf(newsletterId);
  expect(articles.map(({ title }) => title).sort()).toEqual(['Article a1', 'Article a2', 'Article a3']);
  expect(articles[0]).toMatchObject({
    url: 'https://paper.example/a1',
    source_name: 'The Paper',
    is_eligible: true,
    summary_text: expect.stringContaining('This is what article a1 says') as string,
  });
  expect(await healthOf(newsletterId)).toMatchObject({ status: 'ok', title: 'The Paper', articleCount: 3 });
});

test('an article stays the same when its feed moves to https, changes guids or corrects the headline', async () => {
  const { newsletterId, feedId } = await newFeed();
  offer([{ id: 'one', title: 'Teh headline', link: 'http://paper.example/one' }]);
  await poll(feedId);
  offer([{ id: 'one-changed', title: 'Teh headline', link: 'https://paper.example/one/?utm_source=rss' }]);
  await poll(feedId);
  offer([{ id: 'one-changed', title: 'The headline', link: 'https://paper.example/moved' }]);
  await poll(feedId);
  const articles = await articlesOf(newsletterId);
  expect(articles.map(({ title }) => title)).toEqual(['The headline']);
});

test('of the first reading only the newest ten are eligible, and of later ones all', async () => {
  const { newsletterId, feedId } = await newFeed();
  offer(numbered(15));
  await poll(feedId);
  const first = await articlesOf(newsletterId);
  expect(first.filter((article) => article.is_eligible).map(({ title }) => title)).toEqual(
    numbered(10).map(({ id }) => `Article ${id}`),
  );
  offer([...numbered(12, 100), ...numbered(15)]);
  await poll(feedId);
  const later = (await articlesOf(newsletterId)).slice(15);
  expect(later).toHaveLength(12);
  expect(later.every((article) => article.is_eligible)).toBe(true);
});

test('a second feed of the newsletter brings only what is new', async () => {
  const { newsletterId, feedId } = await newFeed('/one');
  const second = await add(newsletterId, '/two', 'opinion');
  offer(numbered(3));
  await Promise.all([poll(feedId), poll(second)]);
  expect(await articlesOf(newsletterId)).toHaveLength(3);
});

test('it asks conditionally, and takes 304 for an answer', async () => {
  const { newsletterId, feedId } = await newFeed();
  offer(numbered(1), { etag: '"v1"', 'last-modified': 'Sat, 21 Nov 2026 11:00:00 GMT' });
  await poll(feedId);
  site.answer = (req, res) => {
    expect(req.headers).toMatchObject({
      'if-none-match': '"v1"',
      'if-modified-since': 'Sat, 21 Nov 2026 11:00:00 GMT',
    });
    res.writeHead(304).end();
  };
  expect(await poll(feedId)).toEqual({ kind: 'not-modified' });
  expect(await healthOf(newsletterId)).toMatchObject({ status: 'ok', failureCode: null });
});

test.each([
  ['http_status', (_req: unknown, res: { writeHead(status: number): { end(): void } }) => res.writeHead(500).end()],
  ['feed_is_html', (_req: unknown, res: { end(text: string): void }) => res.end('<html><body>Hello</body></html>')],
  [
    'address_not_allowed',
    (_req: unknown, res: { writeHead(status: number, headers: object): { end(): void } }) =>
      res.writeHead(301, { location: 'http://10.0.0.1/feed' }).end(),
  ],
  ['too_large', (_req: unknown, res: { end(body: Buffer): void }) => res.end(Buffer.alloc(6_000_000, 'x'))],
] as const)('trouble is recorded as %s, backed off, and forgotten once it is over', async (code, answer) => {
  const { newsletterId, feedId } = await newFeed();
  const now = setup.clock.now().getTime();
  site.answer = answer as FeedSite['answer'];
  expect(await poll(feedId)).toMatchObject({ kind: 'failed', code });
  const once = await healthOf(newsletterId);
  await poll(feedId);
  const twice = await healthOf(newsletterId);
  expect(twice).toMatchObject({ status: 'failing', failureCode: code, failureCount: 2, lastSuccessAt: null });
  expect(twice?.failureMessage).not.toBe('');
  const pauses = [once, twice].map((feed) => ((feed?.nextPollAt.getTime() ?? 0) - now) / 60_000);
  expect(pauses.map((minutes) => Math.floor(minutes / 15))).toEqual([1, 2]);
  offer(numbered(1));
  await poll(feedId);
  expect(await healthOf(newsletterId)).toMatchObject({ status: 'ok', failureCode: null, failureCount: 0 });
});

test('a permanent redirect moves the feed, but never onto another one of the newsletter', async () => {
  const { newsletterId, feedId } = await newFeed('/old');
  const other = await add(newsletterId, '/taken');
  site.answer = (req, res) => {
    if (req.url === '/old' || req.url === '/new') {
      res.writeHead(308, { location: req.url === '/old' ? '/new' : '/taken' }).end();
    } else {
      res.end(rssOf(numbered(1), setup.clock.now()));
    }
  };
  await poll(feedId);
  const urls = (await listFeeds(setup.db, newsletterId)).map((feed) => feed.url);
  expect(urls).toEqual([`${site.url}/old`, `${site.url}/taken`]);
  await removeFeed(setup, other, CLI_ACTOR);
  await poll(feedId);
  expect((await healthOf(newsletterId))?.url).toBe(`${site.url}/taken`);
});

test('a feed is due at once, then not before its time', async () => {
  const { feedId } = await newFeed();
  offer(numbered(1));
  expect(await listDueFeeds(setup.db, setup.clock.now(), 100)).toContain(feedId);
  expect(setup.rings).toContainEqual({ name: 'poll-feed', payload: { feedId } });
  expect(await pollFeed(setup, feedId)).toMatchObject({ kind: 'read', newCount: 1 });
  expect(await listDueFeeds(setup.db, setup.clock.now(), 100)).not.toContain(feedId);
  expect(await pollFeed(setup, feedId)).toEqual({ kind: 'not-due' });
  expect(site.requests).toHaveLength(1);
  const inAnHour = new Date(setup.clock.now().getTime() + 3_600_000);
  expect(await listDueFeeds(setup.db, inAnHour, 100)).toContain(feedId);
});

test('a poll that the drain stops is no failure and is due again', async () => {
  const { newsletterId, feedId } = await newFeed();
  const drain = new AbortController();
  site.answer = () => drain.abort();
  expect(await pollFeed(setup, feedId, { force: true, signal: drain.signal })).toEqual({ kind: 'cancelled' });
  expect(await healthOf(newsletterId)).toMatchObject({ status: 'new', failureCount: 0 });
  expect(await listDueFeeds(setup.db, setup.clock.now(), 100)).toContain(feedId);
});

test('a feed is refused twice, without an address, or for a section there is not', async () => {
  const { newsletterId } = await newFeed('/twice');
  await expect(add(newsletterId, '/twice')).rejects.toMatchObject({ code: 'feed_exists' });
  await expect(add(newsletterId, '/other', 'sports')).rejects.toMatchObject({ code: 'section_unknown' });
  for (const url of ['nonsense', 'ftp://paper.example/feed', 'https://user:secret@paper.example/feed']) {
    const feed = { newsletterId, section: { slug: 'insights' }, url };
    await expect(addFeed(setup, feed, CLI_ACTOR)).rejects.toMatchObject({ code: 'feed_url_invalid' });
  }
});

test('removing a feed takes its unsent articles along', async () => {
  const { newsletterId, feedId } = await newFeed();
  offer(numbered(2));
  await poll(feedId);
  await removeFeed(setup, feedId, CLI_ACTOR);
  expect(await articlesOf(newsletterId)).toEqual([]);
  expect(await poll(feedId)).toEqual({ kind: 'gone' });
  await expect(removeFeed(setup, feedId, CLI_ACTOR)).rejects.toMatchObject({ code: 'feed_not_found' });
});

describe('the example feed', () => {
  test('gives a new newsletter twelve samples, four in each section, dated lately', async () => {
    const newsletter = await setup.newNewsletter();
    await addExampleFeed(setup, newsletter.id);
    await addExampleFeed(setup, newsletter.id);
    const articles = await articlesOf(newsletter.id);
    expect(articles.every((article) => article.is_sample && article.is_eligible)).toBe(true);
    const perSection = newsletter.sections.map(({ id }) => articles.filter((found) => found.section_id === id).length);
    expect(perSection).toEqual([4, 4, 4]);
    const weekAgo = setup.clock.now().getTime() - 7 * 86_400_000;
    expect(articles.every((article) => (article.published_at?.getTime() ?? 0) > weekAgo)).toBe(true);
  });

  test('its dates follow the clock until they are sent', async () => {
    const newsletter = await setup.newNewsletter();
    await addExampleFeed(setup, newsletter.id);
    const [before] = await articlesOf(newsletter.id);
    setup.clock.advance(3_600_000);
    const [feed] = await listFeeds(setup.db, newsletter.id);
    expect(await poll(feed?.id ?? (0 as FeedId))).toMatchObject({ kind: 'read', newCount: 0 });
    const [after] = await articlesOf(newsletter.id);
    expect((after?.published_at?.getTime() ?? 0) - (before?.published_at?.getTime() ?? 0)).toBe(3_600_000);
  });

  test('ends with the first real feed, and everywhere when asked', async () => {
    const newsletter = await setup.newNewsletter();
    const other = await setup.newNewsletter();
    await addExampleFeed(setup, newsletter.id);
    await addExampleFeed(setup, other.id);
    await add(newsletter.id, '/real');
    expect(await articlesOf(newsletter.id)).toEqual([]);
    expect((await listFeeds(setup.db, newsletter.id)).map((feed) => feed.isSample)).toEqual([false]);
    await removeExampleFeeds(setup);
    expect(await articlesOf(other.id)).toEqual([]);
    expect(await listFeeds(setup.db, other.id)).toEqual([]);
  });
});

/** Real feeds that lie beside the repository on some machines. */
const FOLDER = fileURLToPath(new URL('../../../../shared/data/feeds/', import.meta.url));
const PAPERS = ['rss-parser/guardian.rss', 'rss-parser/heise.atom', 'feedjira/HuffPostCanada.xml'] as const;

test.runIf(existsSync(FOLDER))('three real papers are read over loopback', async () => {
  const newsletter = await setup.newNewsletter();
  site.answer = (req, res) => res.end(readFileSync(`${FOLDER}${(req.url ?? '').slice(1)}`));
  const sections = ['current-events', 'insights', 'opinion'];
  const counts: number[] = [];
  for (const [index, path] of PAPERS.entries()) {
    const outcome = await poll(await add(newsletter.id, `/${path}`, sections[index]));
    counts.push(outcome.kind === 'read' ? outcome.newCount : -1);
  }
  expect(counts).toEqual([55, 15, 2]);
  const eligible = (await articlesOf(newsletter.id)).filter((article) => article.is_eligible);
  expect(eligible).toHaveLength(22);
});
