import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addFeed, createHostGate, listDueFeeds, listFeeds, pollFeed } from '../../../src/content/index.ts';
import { listPolls } from '../../../src/content/feed-polls.repository.ts';
import type { FeedId, NewsletterId } from '../../../src/shared/ids.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { openContent } from './content-setup.ts';
import type { ContentSetup } from './content-setup.ts';
import { openFeedSite, rssOf } from './feed-site.ts';
import type { FeedSite, TestItem } from './feed-site.ts';

const MINUTE_MS = 60_000;

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
  const feedId = await addFeed(
    setup,
    { newsletterId: id, section: { slug: 'insights' }, url: `${site.url}${path}` },
    CLI_ACTOR,
  );
  return { newsletterId: id, feedId };
}

function poll(feedId: FeedId) {
  return pollFeed(setup, feedId, { force: true });
}

async function healthOf(newsletterId: NewsletterId) {
  const [feed] = await listFeeds(setup.db, newsletterId);
  if (feed === undefined) {
    throw new Error('the feed is gone');
  }
  return feed;
}

async function titlesOf(newsletterId: NewsletterId): Promise<readonly string[]> {
  const rows = await setup.db
    .selectFrom('articles')
    .select('title')
    .where('newsletter_id', '=', newsletterId)
    .orderBy('id')
    .execute();
  return rows.map(({ title }) => title);
}

function numbered(count: number, changes: (index: number) => Partial<TestItem> = () => ({})): TestItem[] {
  return Array.from({ length: count }, (_, index) => ({ id: `a${index}`, minutesAgo: index + 20, ...changes(index) }));
}

describe('the pace', () => {
  it('follows how often there is news, and is remembered', async () => {
    const { newsletterId, feedId } = await newFeed();
    offer(numbered(1));
    await poll(feedId);
    offer(numbered(2));
    await poll(feedId);
    expect(await healthOf(newsletterId)).toMatchObject({ pollEverySeconds: 450 });
    await poll(feedId);
    expect(await healthOf(newsletterId)).toMatchObject({ pollEverySeconds: 563 });
  });

  it('keeps to what the server calls fresh, on 200 and on 304', async () => {
    const { newsletterId, feedId } = await newFeed();
    offer(numbered(1), { 'cache-control': 'public, max-age=7200' });
    await poll(feedId);
    const soonest = setup.clock.now().getTime() + 7_200_000;
    expect((await healthOf(newsletterId)).nextPollAt.getTime()).toBeGreaterThanOrEqual(soonest);
    site.answer = (_req, res) => res.writeHead(304, { 'cache-control': 'max-age=7200' }).end();
    await poll(feedId);
    expect((await healthOf(newsletterId)).nextPollAt.getTime()).toBeGreaterThanOrEqual(soonest);
  });

  it('keeps to the time that the feed itself names', async () => {
    const { newsletterId, feedId } = await newFeed();
    site.answer = (_req, res) =>
      res.end(rssOf(numbered(1), setup.clock.now()).replace('<item>', '<ttl>180</ttl><item>'));
    await poll(feedId);
    const soonest = setup.clock.now().getTime() + 180 * MINUTE_MS;
    expect((await healthOf(newsletterId)).nextPollAt.getTime()).toBeGreaterThanOrEqual(soonest);
  });

  it('takes 410 for what it says, shows it, and asks once a day in case it was a slip', async () => {
    const { newsletterId, feedId } = await newFeed();
    site.answer = (_req, res) => res.writeHead(410).end();
    expect(await poll(feedId)).toMatchObject({ kind: 'failed', code: 'feed_gone' });
    const gone = await healthOf(newsletterId);
    expect(gone).toMatchObject({ status: 'failing', failureCode: 'feed_gone' });
    expect(gone.nextPollAt.getTime() - setup.clock.now().getTime()).toBeGreaterThanOrEqual(24 * 60 * MINUTE_MS);
    offer(numbered(1));
    await poll(feedId);
    expect(await healthOf(newsletterId)).toMatchObject({ status: 'ok', failureCode: null });
  });

  it('follows a permanent redirect whose end says that nothing is new', async () => {
    const { newsletterId, feedId } = await newFeed('/old');
    site.answer = (req, res) =>
      req.url === '/old' ? res.writeHead(301, { location: '/new' }).end() : res.writeHead(304).end();
    await poll(feedId);
    expect((await healthOf(newsletterId)).url).toBe(`${site.url}/new`);
  });
});

describe('many feeds of one site', () => {
  it('are asked few at a time; one that finds no place is due again soon, and nothing is held against it', async () => {
    const gate = createHostGate({ atOnce: 1, patienceMs: 0 });
    const [one, two] = [await newFeed('/one'), await newFeed('/two')];
    let release = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      site.answer = (_req, res) => {
        release = () => res.end(rssOf(numbered(1), setup.clock.now()));
        resolve();
      };
    });
    const first = pollFeed(setup, one.feedId, { gate });
    await asked;
    expect(await pollFeed(setup, two.feedId, { gate })).toEqual({ kind: 'host-busy' });
    release();
    expect(await first).toMatchObject({ kind: 'read' });
    expect(await healthOf(two.newsletterId)).toMatchObject({ status: 'new', failureCount: 0, lastPolledAt: null });
    const inAMinute = new Date(setup.clock.now().getTime() + MINUTE_MS);
    expect(await listDueFeeds(setup.db, inAMinute, 10_000)).toContain(two.feedId);
    expect(await listPolls(setup.db, two.feedId)).toEqual([]);
  });

  it('take turns with those of others', async () => {
    const { id: newsletterId } = await setup.newNewsletter();
    const add = (url: string): Promise<FeedId> =>
      addFeed(setup, { newsletterId, section: { slug: 'insights' }, url }, CLI_ACTOR);
    const many = [await add('https://many.example/1'), await add('https://many.example/2')];
    const single = await add('https://single.example/1');
    const due = (await listDueFeeds(setup.db, setup.clock.now(), 10_000)).filter((id) =>
      [...many, single].includes(id),
    );
    expect(due).toEqual([many[0], single, many[1]]);
  });
});

describe('the history of a feed', () => {
  it('tells what came of each poll, newest first', async () => {
    const { feedId } = await newFeed();
    offer(numbered(3));
    await poll(feedId);
    site.answer = (_req, res) => res.writeHead(304).end();
    await poll(feedId);
    site.answer = (_req, res) => res.writeHead(503).end();
    await poll(feedId);
    expect(await listPolls(setup.db, feedId)).toMatchObject([
      { outcome: 'failed', code: 'http_status', message: 'it answered 503', newCount: null },
      { outcome: 'not_modified', code: null, itemCount: null },
      { outcome: 'read', itemCount: 3, newCount: 3, warningCount: 0, code: null, polledAt: setup.clock.now() },
    ]);
  });

  it('keeps the newest thirty of each feed', async () => {
    const [feed, other] = [await newFeed('/one'), await newFeed('/two')];
    offer(numbered(1));
    await poll(other.feedId);
    for (let count = 0; count < 33; count += 1) {
      setup.clock.advance(MINUTE_MS);
      await poll(feed.feedId);
    }
    const polls = await listPolls(setup.db, feed.feedId);
    expect(polls).toHaveLength(30);
    expect(polls[0]?.polledAt).toEqual(setup.clock.now());
    const { count } = await setup.db
      .selectFrom('feed_polls')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('feed_id', 'in', [feed.feedId, other.feedId])
      .executeTakeFirstOrThrow();
    expect(count).toBe(31);
  });
});

describe('a feed that changes under us (T9)', () => {
  it.each([
    ['all guids', (index: number) => ({ id: `new-${index}`, link: `https://paper.example/a${index}` })],
    ['http to https', (index: number) => ({ link: `http://paper.example/a${index}` })],
    [
      'guids and addresses, as a rebuilt site does',
      (index: number) => ({ id: `urn:uuid:${index}`, link: `https://paper.example/2026/11/story-${index}/` }),
    ],
  ])('brings nothing old as new: %s', async (_what, changed) => {
    const { newsletterId, feedId } = await newFeed();
    const title = (index: number) => `What became of the bridges of district ${index}`;
    offer(numbered(8, (index) => ({ title: title(index) })));
    await poll(feedId);
    offer(numbered(8, (index) => ({ ...changed(index), title: title(index) })));
    expect(await poll(feedId)).toMatchObject({ kind: 'read', newCount: 0 });
    expect(await titlesOf(newsletterId)).toHaveLength(8);
  });

  it('keeps two articles apart that share a headline on one day', async () => {
    const { newsletterId, feedId } = await newFeed();
    const twins = ['one', 'two'].map((id) => ({ id, title: 'The news of the morning', minutesAgo: 60 }));
    offer(twins);
    await poll(feedId);
    await poll(feedId);
    expect(await titlesOf(newsletterId)).toHaveLength(2);
  });

  it('does not send an archive that is offered anew, with other texts and addresses', async () => {
    const { newsletterId, feedId } = await newFeed();
    offer(numbered(3));
    await poll(feedId);
    const archive = numbered(40, (index) => ({ id: `old-${index}`, minutesAgo: (60 + index) * 24 * 60 }));
    offer([{ id: 'fresh', minutesAgo: 5 }, ...archive]);
    expect(await poll(feedId)).toMatchObject({ kind: 'read', newCount: 41 });
    const eligible = await setup.db
      .selectFrom('articles')
      .select('title')
      .where('newsletter_id', '=', newsletterId)
      .where('is_eligible', '=', true)
      .execute();
    expect(eligible.map(({ title }) => title).sort()).toEqual([
      'Article a0',
      'Article a1',
      'Article a2',
      'Article fresh',
    ]);
  });

  it('takes a date in the future for now once, and not anew with each poll', async () => {
    const { newsletterId, feedId } = await newFeed();
    offer([{ id: 'skewed', minutesAgo: -60 * 24 }]);
    await poll(feedId);
    setup.clock.advance(20 * MINUTE_MS);
    offer([{ id: 'skewed', minutesAgo: -60 * 24, title: 'Corrected' }]);
    await poll(feedId);
    const article = await setup.db
      .selectFrom('articles')
      .select(['published_at', 'title', 'first_seen_at'])
      .where('newsletter_id', '=', newsletterId)
      .executeTakeFirstOrThrow();
    expect(article.title).toBe('Corrected');
    expect(article.published_at).toEqual(article.first_seen_at);
  });
});

it('leaves no trace of a poll whose articles could not be stored', async () => {
  const { newsletterId, feedId } = await newFeed();
  offer(numbered(2), { etag: '"v1"' });
  await setup.db.schema.alterTable('feed_polls').renameTo('feed_polls_away').execute();
  await expect(poll(feedId)).rejects.toThrow('feed_polls');
  await setup.db.schema.alterTable('feed_polls_away').renameTo('feed_polls').execute();
  expect(await titlesOf(newsletterId)).toEqual([]);
  expect(await poll(feedId)).toMatchObject({ kind: 'read', newCount: 2 });
});
