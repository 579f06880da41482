import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { addFoundFeed, listFeeds } from '../../../src/content/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { NewsletterId } from '../../../src/shared/ids.ts';
import { openContent } from './content-setup.ts';
import type { ContentSetup } from './content-setup.ts';
import { openFeedSite, rssOf } from './feed-site.ts';
import type { FeedSite } from './feed-site.ts';

let setup: ContentSetup;
let site: FeedSite;
let newsletterId: NewsletterId;
/** What the site has, by path. Everything else is 404. */
let paths: Record<string, { readonly body: string; readonly type?: string }>;

beforeAll(async () => {
  setup = await openContent();
  site = await openFeedSite();
  site.answer = (req, res) => {
    const found = paths[req.url ?? ''];
    res.writeHead(found === undefined ? 404 : 200, { 'content-type': found?.type ?? 'text/html; charset=utf-8' });
    res.end(found?.body ?? 'nothing here');
  };
});
afterAll(async () => {
  await site.close();
  await setup.close();
});
beforeEach(async () => {
  paths = {};
  site.requests.length = 0;
  newsletterId = (await setup.newNewsletter()).id;
});

function add(path: string, base = site.url) {
  return addFoundFeed(setup, { newsletterId, section: { slug: 'insights' }, url: `${base}${path}` }, CLI_ACTOR);
}

const feed = () => ({ body: rssOf([{ id: 'one' }], setup.clock.now()), type: 'application/rss+xml' });
const link = (href: string, title = 'News', type = 'application/rss+xml') =>
  `<link rel="alternate" type="${type}" title="${title}" href="${href}">`;

it('takes a feed as it is given', async () => {
  paths['/news.rss'] = feed();

  expect(await add('/news.rss')).toMatchObject({ url: `${site.url}/news.rss`, warning: null });
  expect(site.requests).toEqual(['/news.rss']);
});

it('takes the one feed that a page names, resolved against its base, and leaves comments and other types alone', async () => {
  const base = '<base href="/deep/">';
  const others = `${link('/wp-json/posts/1', 'JSON', 'application/json')}${link('/comments/feed/', 'Comments')}`;
  const inText = `<!-- ${link('/commented-out')} --><body>${link('/in-the-text')}`;
  paths['/'] = {
    body: `<!doctype html><html><head>${base}${others}${link('all.xml?a=1&amp;b=2')}</head>${inText}</html>`,
  };

  expect(await add('/')).toMatchObject({ url: `${site.url}/deep/all.xml?a=1&b=2`, warning: null });
});

it('lists the feeds of a page that has several, and adds none', async () => {
  paths['/'] = { body: `<html><head>${link('/a.xml', 'Politics')}${link('/b.xml', 'Sport')}</head></html>` };

  await expect(add('/')).rejects.toMatchObject({
    code: 'feed_ambiguous',
    details: { feeds: { [`${site.url}/a.xml`]: 'Politics', [`${site.url}/b.xml`]: 'Sport' } },
  });
  expect((await listFeeds(setup.db, newsletterId)).every(({ isSample }) => isSample)).toBe(true);
});

it('looks at the usual places when a page names no feed', async () => {
  paths['/start'] = { body: '<html><head><title>Paper</title></head><body>Hello</body></html>' };
  paths['/feed'] = { body: '<html><body>Not this one</body></html>' };
  paths['/feed.xml'] = feed();

  expect(await add('/start')).toMatchObject({ url: `${site.url}/feed.xml` });
});

it('says so when a page has no feed at all', async () => {
  paths['/'] = { body: '<html><body>Hello</body></html>' };

  await expect(add('/')).rejects.toMatchObject({ code: 'feed_not_found_on_page' });
});

it('refuses what is neither page nor feed with the reason', async () => {
  paths['/data'] = { body: '{"articles": []}', type: 'application/json' };

  await expect(add('/data')).rejects.toMatchObject({ code: 'feed_unrecognised' });
  await expect(add('/feed', 'http://10.0.0.1')).rejects.toMatchObject({ code: 'address_not_allowed' });
});

it('adds a feed whose server is down, and says so', async () => {
  expect((await add('/gone.xml')).warning).toContain('404');
  expect((await add('/feed.xml', 'http://127.0.0.1:1')).warning).toContain('tried again');
});
