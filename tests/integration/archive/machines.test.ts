import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFeed } from '../../../src/content/read-feed.ts';
import type { Newsletter } from '../../../src/newsletters/index.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { get } from '../subscriptions/reader.ts';
import { addIssues, dailyIssues, newNewsletter } from './archive-setup.ts';

const COUNT = 5000;

let system: TestSystem;
let daily: Newsletter;

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
  daily = await newNewsletter(system, { name: 'Daily & more', slug: 'daily', locale: 'de' });
  await addIssues(system, daily.id, dailyIssues(COUNT, '2026-11-23T07:00:00Z'));
});
afterAll(() => system.stop());

async function read(path: string): Promise<string> {
  const response = await get(system, path);
  expect(response.status).toBe(200);
  return response.text();
}

function locations(xml: string): readonly string[] {
  return Array.from(xml.matchAll(/<loc>([^<]+)<\/loc>/g), (match) => match[1] ?? '');
}

describe('an archive of thousands', () => {
  it('is read in pages of 50, each issue on exactly one', async () => {
    const first = await read('/archive/daily');
    expect(first.match(/href="\/archive\/daily\/\d+"/g)).toHaveLength(50);
    expect(first).toContain('Page 1 of 100');
    expect(first).toMatch(/href="\/archive\/daily\?page=2" rel="next"/);

    const last = await read('/archive/daily?page=100');
    expect(last).toContain('href="/archive/daily/1"');
    expect(last).toContain('href="/archive/daily/50"');
    expect(last).not.toMatch(/rel="next"/);
    expect((await get(system, '/archive/daily?page=101')).status).toBe(404);
  });

  it('is read by years, the pages of which know their year and language', async () => {
    const html = await read('/archive/daily?year=2025&lang=de');

    expect(html).toContain('Ausgaben von 2025');
    expect(html).toContain('Seite 1 von 8');
    expect(html).toContain('href="/archive/daily?year=2025&amp;page=2&amp;lang=de"');
    expect(html).toContain(`<link rel="canonical" href="${system.url}/archive/daily?year=2025">`);
  });

  it('is on the page of all newsletters with its newest alone', async () => {
    const html = await read('/archive');

    expect(html.match(/href="\/archive\/daily\/\d+"/g)).toHaveLength(5);
    expect(html).toContain('href="/archive/daily"');
  });
});

describe('the feed of a newsletter', () => {
  it('can be read by a reader of feeds, with each issue whole', async () => {
    const paper = await newNewsletter(system, {
      name: 'Fed & read',
      slug: 'fed',
      description: 'A <b> of \u0007 bells',
    });
    const article = { title: 'Fish & <chips>', url: 'https://paper.example/a?b&c', summaryText: 'Hot\u000B' };
    const image = { imageUrl: 'https://paper.example/f.jpg', imageWidth: 800, imageHeight: 400 };
    await addIssues(system, paper.id, [
      {
        number: 1,
        at: '2026-01-12T07:00:00Z',
        title: 'Salt & \uFFFE vinegar',
        content: { intro: 'Dear **all**', sections: [{ name: 'News', articles: [{ ...article, ...image }] }] },
      },
    ]);
    const response = await get(system, '/archive/fed/feed.xml');
    const xml = await response.text();
    const url = `${system.url}/archive/fed/feed.xml`;

    expect(response.headers.get('content-type')).toBe('application/atom+xml; charset=utf-8');
    expect(['\u0007', '\u000B', '\uFFFE'].filter((banned) => xml.includes(banned))).toEqual([]);
    expect(xml).toContain(`<link rel="self" type="application/atom+xml" href="${url}"/>`);
    expect(xml).toContain(`<link rel="alternate" type="text/html" href="${system.url}/archive/fed"/>`);
    const reading = readFeed({
      bytes: Buffer.from(xml),
      contentType: undefined,
      url,
      now: new Date('2026-11-23'),
      isFull: true,
    });
    expect(reading).toMatchObject({ kind: 'feed', format: 'atom', title: 'Fed & read', language: 'en', warnings: [] });
    expect(reading.kind === 'feed' ? reading.items : []).toMatchObject([
      {
        guid: expect.stringMatching(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
        title: expect.stringMatching(/^Salt & +vinegar$/),
        url: `${system.url}/archive/fed/1`,
        publishedAt: new Date('2026-01-12T07:00:00Z'),
        imageUrl: 'https://paper.example/f.jpg',
      },
    ]);
    expect(JSON.stringify(reading)).toContain('Fish &amp; &lt;chips&gt;</a></h3>');
  });

  it('knows its entries by what stays when the newsletter moves', async () => {
    const ids = async (slug: string) =>
      Array.from((await read(`/archive/${slug}/feed.xml`)).matchAll(/<id>([^<]+)/g), (match) => match[1]);
    const before = await ids('daily');
    await system.deps.db.updateTable('newsletters').set({ slug: 'moved' }).where('id', '=', daily.id).execute();
    const after = await ids('moved');
    await system.deps.db.updateTable('newsletters').set({ slug: 'daily' }).where('id', '=', daily.id).execute();

    expect(before).toHaveLength(21);
    expect(new Set(before).size).toBe(21);
    expect(after).toEqual(before);
  });

  it('is not sent again to who has it, by its tag or its time', async () => {
    const first = await get(system, '/archive/daily/feed.xml');
    const modified = first.headers.get('last-modified') ?? '';
    expect(modified).toBe('Mon, 23 Nov 2026 07:00:00 GMT');
    const ask = async (headers: Record<string, string>) =>
      (await fetch(`${system.url}/archive/daily/feed.xml`, { headers })).status;

    expect(await ask({ 'if-none-match': first.headers.get('etag') ?? '' })).toBe(304);
    expect(await ask({ 'if-modified-since': modified })).toBe(304);
    expect(await ask({ 'if-modified-since': 'Sun, 22 Nov 2026 07:00:00 GMT' })).toBe(200);
  });

  it('is there before the first issue', async () => {
    await newNewsletter(system, { name: 'To come', slug: 'to-come' });

    expect(await read('/archive/to-come/feed.xml')).toMatch(/<updated>\d{4}-[^<]+Z<\/updated>[^]*<\/feed>\n$/);
  });
});

describe('what search engines read', () => {
  it('begins with robots.txt, which names the sitemap', async () => {
    const text = await read('/robots.txt');

    expect(text).toContain(`Sitemap: ${system.url}/sitemap.xml`);
    expect(text).not.toMatch(/Disallow: \/(?:archive|newsletters)?$/m);
  });

  it('leads from the index to each page and issue, once', async () => {
    const files = locations(await read('/sitemap.xml'));
    const pages = await Promise.all(files.map((file) => read(file.slice(system.url.length))));
    const urls = pages.flatMap(locations);

    expect(new Set(urls).size).toBe(urls.length);
    expect(urls).toContain(`${system.url}/newsletters/daily`);
    expect(urls.filter((url) => /\/archive\/daily\/\d+$/.test(url))).toHaveLength(COUNT);
    expect((await get(system, '/sitemap/issues-2.xml')).status).toBe(404);
    expect((await get(system, '/sitemap/issues-0.xml')).status).toBe(404);
    expect((await get(system, '/sitemap/nothing.xml')).status).toBe(404);
  });

  it('leaves out a newsletter that is not for search engines, which each of its pages says', async () => {
    const quiet = await newNewsletter(system, { name: 'Quiet', slug: 'quiet' });
    await addIssues(system, quiet.id, dailyIssues(2, '2026-11-23T07:00:00Z'));
    await system.deps.db
      .insertInto('digest_rules')
      .values({ newsletter_id: quiet.id, archive_indexable: false, updated_at: system.deps.clock.now() })
      .execute();

    for (const path of ['/archive/quiet', '/archive/quiet/1', '/archive/quiet/feed.xml']) {
      const response = await get(system, path);
      expect(response.headers.get('x-robots-tag')).toBe('noindex');
      expect((await response.text()).includes('<meta name="robots" content="noindex">')).toBe(!path.endsWith('xml'));
    }
    const files = locations(await read('/sitemap.xml'));
    const pages = await Promise.all(files.map((file) => read(file.slice(system.url.length))));
    expect(pages.join('')).not.toContain('quiet');
    expect(await read('/archive')).toContain('/archive/quiet');
  });
});
