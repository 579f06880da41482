import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openFaultDesk } from './fault-desk.ts';
import type { Answer, FaultDesk } from './fault-desk.ts';
import { rssOf } from './feed-site.ts';
import type { TestItem } from './feed-site.ts';

const WELL = ['Article well-1', 'Article well-2'];

let desk: FaultDesk;
beforeAll(async () => {
  desk = await openFaultDesk();
});
afterAll(() => desk.close());
beforeEach(() => desk.clock.advance(7 * 86_400_000));

function feed(items: readonly TestItem[]): string {
  return rssOf(items, desk.clock.now());
}

/** One byte every 20 ms, for ever: never idle, never done. */
const drip: Answer = (_req, res) => {
  res.writeHead(200, { 'content-type': 'application/rss+xml' });
  const timer = setInterval(() => res.write('x'), 20);
  res.on('close', () => clearInterval(timer));
};

const say =
  (contentType: string, body: string | Buffer): Answer =>
  (_req, res) => {
    res.writeHead(200, { 'content-type': contentType }).end(body);
  };

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex');
const BOMB = gzipSync(Buffer.alloc(60 * 1024 * 1024));
const ENTITIES = `<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><rss version="2.0"><channel><title>&b;</title></channel></rss>`;

describe('a feed that cannot be read', () => {
  it.each<readonly [string, string, Answer]>([
    ['hangs', 'timeout', () => undefined],
    ['drips a byte at a time', 'timeout', drip],
    [
      'stops in the middle',
      'bad_response|connection_failed',
      (_req, res) => {
        res.writeHead(200, { 'content-length': '5000' });
        res.write('<rss version="2.0"><channel>', () => res.destroy());
      },
    ],
    ['redirects in a loop', 'too_many_redirects', (_req, res) => res.writeHead(302, { location: '/ill' }).end()],
    [
      'redirects into the network of the server (S18)',
      'address_not_allowed',
      (_req, res) => res.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end(),
    ],
    [
      'redirects to a secure address with a certificate of nobody',
      'tls_failed|bad_response|connection_failed',
      (req, res) => res.writeHead(301, { location: `https://${String(req.headers.host)}/ill` }).end(),
    ],
    [
      'is a gzip bomb',
      'too_large',
      (_req, res) => {
        res.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/rss+xml' }).end(BOMB);
      },
    ],
    ['holds entities that grow (S18)', 'feed_declares_entities', say('application/rss+xml', ENTITIES)],
    ['is an image', 'feed_unrecognised', say('image/png', PNG)],
    ['is a page', 'feed_is_html', say('text/html', '<!doctype html><html><body><p>Log in</p></body></html>')],
    ['is other JSON', 'feed_unrecognised', say('application/json', '{"posts":[{"title":"One"}]}')],
    ['is empty', 'feed_empty', say('application/rss+xml', '')],
    ['fails', 'http_status', (_req, res) => res.writeHead(503, { 'retry-after': '7200' }).end()],
  ])('because it %s: the issue goes out with the rest, and the admin sees why', async (_name, code, answer) => {
    const { id, well, ill } = await desk.newPaper();
    desk.answer(answer);
    await desk.poll(well);

    expect(await desk.poll(ill)).toMatchObject({
      kind: 'failed',
      code: expect.stringMatching(new RegExp(`^(?:${code})$`)) as string,
    });

    expect(await desk.buildNext(id)).toEqual(WELL);
    const { feed: seen, polls } = await desk.look(id, ill);
    expect(seen).toMatchObject({ status: 'failing', failureCount: 1, articleCount: 0, lastSuccessAt: null });
    expect(seen['failureMessage']).toEqual(expect.stringMatching(/\w{3}/));
    expect(polls).toMatchObject([{ outcome: 'failed', code: seen['failureCode'], message: seen['failureMessage'] }]);
    expect(await desk.warnings()).toContain('feed_failing');

    desk.answer(say('application/rss+xml', feed([{ id: 'back' }])));
    expect(await desk.poll(ill)).toMatchObject({ kind: 'read', newCount: 1 });
    const after = await desk.look(id, ill);
    expect(after.feed).toMatchObject({ status: 'ok', failureCode: null, failureCount: 0 });
    expect(after.polls.map(({ outcome }) => outcome)).toEqual(['read', 'failed']);
    expect(await desk.buildNext(id)).toEqual(['Article back']);
  });

  it('keeps the articles of its better days', async () => {
    const { id, ill } = await desk.newPaper();
    desk.answer(say('application/rss+xml', feed([{ id: 'earlier' }])));
    await desk.poll(ill);
    desk.answer((_req, res) => res.writeHead(500).end());
    await desk.poll(ill);

    expect(await desk.buildNext(id)).toEqual(['Article earlier']);
  });
});

describe('a feed that is odd', () => {
  it('and gives its articles new guids with each poll sends none twice (T9)', async () => {
    const { id, ill } = await desk.newPaper();
    let poll = 0;
    desk.answer((_req, res) => {
      poll += 1;
      const items = ['one', 'two'].map((name, index) => ({
        minutesAgo: index,
        id: `${name}-${poll}`,
        title: name,
        link: `https://p.example/${name}`,
      }));
      res.end(feed(items));
    });
    await desk.poll(ill);
    expect(await desk.buildNext(id)).toEqual(['one', 'two']);

    await desk.poll(ill);
    expect(await desk.buildNext(id)).toEqual([]);
    expect((await desk.look(id, ill)).feed).toMatchObject({ articleCount: 2 });
  });

  it('and changes between http and https, with and without a slash, sends none twice (T9)', async () => {
    const { id, ill } = await desk.newPaper();
    const links = ['http://p.example/story/', 'https://p.example/story', 'https://p.example/story/?utm_source=rss'];
    for (const [index, link] of links.entries()) {
      desk.answer(say('application/rss+xml', feed([{ id: `guid-${index}`, title: 'Story', link }])));
      await desk.poll(ill);
    }

    expect(await desk.buildNext(id)).toEqual(['Story']);
    expect(await desk.buildNext(id)).toEqual([]);
  });

  it('and floods 10,000 items takes no more room than any other', async () => {
    const { id, well, ill } = await desk.newPaper();
    await desk.deps.db.updateTable('newsletters').set({ max_per_section: 5 }).where('id', '=', id).execute();
    const flood = (from: number): TestItem[] =>
      Array.from({ length: 10_000 }, (_, index) => ({ id: `${from + index}`, minutesAgo: index + 1 }));
    desk.answer(say('application/rss+xml', feed(flood(0))));
    await desk.poll(well);
    expect(await desk.poll(ill)).toMatchObject({ kind: 'read' });
    desk.answer(say('application/rss+xml', feed(flood(20_000))));
    await desk.poll(ill);

    const titles = await desk.buildNext(id);

    expect(titles).toHaveLength(7);
    expect(titles).toEqual(expect.arrayContaining(WELL));
    const { polls } = await desk.look(id, ill);
    expect(polls).toHaveLength(2);
    expect(polls.every(({ warningCount }) => Number(warningCount) > 0)).toBe(true);
  });

  it('and dates its articles in the future, in nonsense or not at all has them sent, once', async () => {
    const { id, ill } = await desk.newPaper();
    const item = (name: string, date: string): string =>
      `<item><title>${name}</title><link>https://p.example/${name}</link><description>What ${name} says</description>${date}</item>`;
    const items = [
      item('future', '<pubDate>Mon, 01 Jan 2126 00:00:00 GMT</pubDate>'),
      item('nonsense', '<pubDate>soon</pubDate>'),
      item('undated', ''),
    ].join('');
    desk.answer(say('application/rss+xml', `<rss version="2.0"><channel><title>P</title>${items}</channel></rss>`));
    await desk.poll(ill);
    await desk.poll(ill);

    const titles = await desk.buildNext(id);

    expect(titles.toSorted()).toEqual(['future', 'nonsense', 'undated']);
    await desk.poll(ill);
    expect(await desk.buildNext(id)).toEqual([]);
  });

  it('and says for ever that nothing is new, or has no item, is well and holds nothing up', async () => {
    const { id, well, ill } = await desk.newPaper();
    desk.answer((_req, res) => res.writeHead(304).end());
    await desk.poll(well);
    for (let poll = 0; poll < 3; poll += 1) {
      expect(await desk.poll(ill)).toEqual({ kind: 'not-modified' });
    }
    desk.answer(say('application/rss+xml', feed([])));
    expect(await desk.poll(ill)).toMatchObject({ kind: 'read', itemCount: 0 });

    expect(await desk.buildNext(id)).toEqual(WELL);
    const { feed: seen, polls } = await desk.look(id, ill);
    expect(seen).toMatchObject({ status: 'ok', failureCode: null });
    expect(polls.map(({ outcome }) => outcome)).toEqual(['read', 'not_modified', 'not_modified', 'not_modified']);
  });

  it('and ends in the middle of an article gives those before it', async () => {
    const { id, ill } = await desk.newPaper();
    const whole = feed(['first', 'second', 'third'].map((id, minutesAgo) => ({ id, minutesAgo })));
    desk.answer(say('application/rss+xml', whole.slice(0, whole.indexOf('Article third') + 5)));

    expect(await desk.poll(ill)).toMatchObject({ kind: 'read' });
    expect(await desk.buildNext(id)).toEqual(['Article first', 'Article second']);
  });
});
