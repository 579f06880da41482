import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Newsletter } from '../../../src/newsletters/index.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { get } from '../subscriptions/reader.ts';
import { addIssues, newNewsletter } from './archive-setup.ts';

let system: TestSystem;
let post: Newsletter;

const article = {
  title: 'The tide gauge',
  url: 'https://paper.example/tide',
  summaryText: 'Every day at seven.',
  author: 'Miriam Castellan',
  source: 'Harbour Review',
  readingMinutes: 9,
  imageUrl: 'https://paper.example/tide.jpg',
  imageAlt: 'A brass scale',
  imageWidth: 1200,
  imageHeight: 600,
};
const harmless = { sections: [{ name: 'Insights', articles: [article] }], preheader: 'And two more' };

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
  post = await newNewsletter(system, { name: 'Harbour Post', slug: 'post', description: 'News of the coast.' });
  await addIssues(system, post.id, [
    { number: 1, at: '2025-12-29T07:00:00Z', title: 'The old year' },
    { number: 2, at: '2026-01-05T07:00:00Z', title: 'A dropped one', status: 'dropped' },
    { number: 4, at: '2026-01-12T07:00:00Z', title: 'The new year', content: harmless },
    { number: 5, at: '2026-02-02T07:00:00Z', title: 'The tide gauge', content: harmless },
  ]);
});
afterAll(() => system.stop());

async function read(path: string): Promise<string> {
  const response = await get(system, path);
  expect(response.status).toBe(200);
  return response.text();
}

describe('the page of a newsletter', () => {
  it('lists its issues under their months, newest first, and leads to each', async () => {
    const html = await read('/archive/post');

    expect(html).toMatch(/February 2026[^]*The tide gauge[^]*January 2026[^]*The new year[^]*December 2025[^]*The old/);
    expect(html).toContain('href="/archive/post/4"');
    expect(html).not.toContain('A dropped one');
    expect(html).toContain(`<link rel="canonical" href="${system.url}/archive/post">`);
    expect(html).toContain(
      `type="application/atom+xml" title="Harbour Post" href="${system.url}/archive/post/feed.xml"`,
    );
    expect(html).toContain('href="/newsletters/post"');
  });

  it('shows one year alone, by the newsletter’s calendar', async () => {
    const html = await read('/archive/post?year=2025');

    expect(html).toContain('Issues of 2025');
    expect(html).toContain('The old year');
    expect(html).not.toContain('The new year');
  });

  it('is the same at the address that mails have always named', async () => {
    const html = await read('/archive?newsletter=post');

    expect(html).toContain('href="/archive/post/5"');
    expect(html).toContain(`<link rel="canonical" href="${system.url}/archive/post">`);
  });

  it.each(['?page=2', '?page=0', '?page=x', '?year=2019', '?year=', '?page=1&page=2', '?year=99999999'])(
    'is nowhere else: %s',
    async (query) => {
      expect((await get(system, `/archive/post${query}`)).status).toBe(404);
    },
  );
});

describe('the page of an issue', () => {
  it('shows what the mail showed, with the picture of the lead', async () => {
    const response = await get(system, '/archive/post/5');
    const html = await response.text();

    expect(html).toMatch(
      /<h1 dir="auto"><a href="https:\/\/paper.example\/tide" rel="noopener">The tide gauge<\/a><\/h1>/,
    );
    expect(html).toMatch(/<img class="wide" src="https:\/\/paper.example\/tide.jpg" alt="A brass scale" width="552"/);
    expect(html).toMatch(/height="276" loading="lazy" decoding="async" referrerpolicy="no-referrer">/);
    expect(html).toContain('Miriam Castellan</bdi> · <bdi>Harbour Review</bdi> · <bdi>9 min');
    expect(response.headers.get('content-security-policy')).toContain("script-src 'self';");
    expect(response.headers.get('content-security-policy')).toContain("img-src 'self' data: https:;");
  });

  it('names itself to whoever shows a card of it', async () => {
    const html = await read('/archive/post/5');

    for (const [property, content] of [
      ['og:title', 'The tide gauge'],
      ['og:description', 'And two more'],
      ['og:url', `${system.url}/archive/post/5`],
      ['og:site_name', 'Harbour Post'],
      ['og:locale', 'en_US'],
      ['og:image', 'https://paper.example/tide.jpg'],
      ['article:published_time', '2026-02-02T07:00:00.000Z'],
    ]) {
      expect(html).toContain(`<meta property="${property}" content="${content}">`);
    }
    expect(html).toContain('<meta name="twitter:card" content="summary_large_image">');
  });

  it('leads to its neighbours, past numbers that never went out', async () => {
    const html = await read('/archive/post/4');

    expect(html).toMatch(/href="\/archive\/post\/1" rel="prev"/);
    expect(html).toMatch(/href="\/archive\/post\/5" rel="next"/);
    expect(await read('/archive/post/5')).not.toContain('rel="next"');
  });

  it('is not there for a number that never went out, and says where the others are', async () => {
    for (const number of ['2', '3', '0', '05', '5x', '99999999999']) {
      const response = await get(system, `/archive/post/${number}`);
      expect(response.status).toBe(404);
      expect(await response.text()).toContain('href="/archive/post"');
    }
    const problem = await fetch(`${system.url}/archive/post/3`, { headers: { accept: 'application/json' } });
    expect(await problem.json()).toMatchObject({ status: 404, code: 'issue_not_found' });
  });

  it.each([
    ['scheduled ahead of its time', { status: 'scheduled', frozen_at: null }, 404],
    ['taken back', { status: 'draft', frozen_at: null }, 404],
    ['cancelled before it had an audience', { status: 'cancelled', frozen_at: null }, 404],
    ['cancelled on its way', { status: 'cancelled', frozen_at: new Date(), audience_count: 0 }, 200],
    ['sent', { status: 'sent', frozen_at: new Date(), audience_count: 0 }, 200],
  ] as const)('is there only once readers get it: %s', async (_what, campaign, status) => {
    const { db } = system.deps;
    const paper = await newNewsletter(system, { name: 'Paper' });
    await addIssues(system, paper.id, [{ number: 1, at: '2026-01-12T07:00:00Z' }]);
    const at = new Date('2026-01-11T07:00:00Z');
    const { id } = await db
      .updateTable('issues')
      .set({ decided_at: at })
      .where('newsletter_id', '=', paper.id)
      .returning('id')
      .executeTakeFirstOrThrow();
    const source = { kind: 'issue', source_format: 'digest', source: '{}', subject: 'S', created_by: 'clock' } as const;
    await db
      .insertInto('campaigns')
      .values({ ...source, ...campaign, newsletter_id: paper.id, issue_id: id, created_at: at, updated_at: at })
      .execute();

    expect((await get(system, `/archive/${paper.slug}/1`)).status).toBe(status);
    expect((await read(`/archive/${paper.slug}`)).includes('Issue 1')).toBe(status === 200);
  });

  it('stays as it was sent when its articles change later', async () => {
    const before = await read('/archive/post/5');
    await system.deps.db.updateTable('articles').set({ title: 'Changed', summary_text: 'Changed' }).execute();

    expect(await read('/archive/post/5')).toBe(before);
  });

  it('can be kept: who has it is not sent it again, until it changes', async () => {
    const first = await get(system, '/archive/post/4');
    const etag = first.headers.get('etag') ?? '';
    expect(first.headers.get('cache-control')).toBe('public, max-age=60');
    expect(first.headers.get('vary')).toMatch(/Accept-Language/);

    const ask = (language: string) =>
      fetch(`${system.url}/archive/post/4`, {
        headers: { accept: 'text/html', 'if-none-match': etag, 'accept-language': language },
      });
    const [again, german] = await Promise.all([ask('en'), ask('de')]);
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
    expect(german.status).toBe(200);
    expect((await get(system, '/archive/post/4', 'HEAD')).headers.get('etag')).toBe(etag);
  });
});

describe('hostile content (S2)', () => {
  const evil = [
    { ...article, title: '<svg onload=alert(1)>', url: 'javascript:alert(1)', imageUrl: 'data:image/svg+xml,<svg/>' },
    { ...article, title: '"><script>alert(1)</script>', url: 'data:text/html,x', imageUrl: 'http://paper.example/a' },
    { ...article, title: 'Fine', url: ' https://paper.example/a"onmouseover=alert(1)', summaryText: '<img src=x>' },
    { ...article, author: '<b onclick=alert(1)>', imageUrl: 'javascript:alert(1)', imageAlt: '" onerror="alert(1)' },
  ];
  const intro =
    '<script>alert(1)</script> [go](javascript:alert(1)) ![x](http://paper.example/x) <img src=x onerror=y>';

  it('stays text, on the page and in the feed', async () => {
    const paper = await newNewsletter(system, { name: '<i>Evil</i>', slug: 'evil' });
    await addIssues(system, paper.id, [
      {
        number: 1,
        at: '2026-01-12T07:00:00Z',
        title: '</title><script>alert(1)</script>',
        content: { intro, preheader: '"><script>', sections: [{ name: '<hr onfocus=x>', articles: evil }] },
      },
    ]);

    for (const path of ['/archive/evil/1', '/archive/evil', '/archive', '/archive/evil/feed.xml']) {
      const text = await read(path);
      expect(text).not.toMatch(/<script|<svg|<hr|<i>|(?:href|src)="(?:javascript|data|http:\/\/paper)/i);
      expect(text).not.toMatch(/<[^>]*\son[a-z]+\s*=/i);
      expect(text).not.toMatch(/(?:href|src)=(?:&#34;|&quot;)(?:javascript|data)/i);
    }
    const page = await read('/archive/evil/1');
    expect(page).toContain('&lt;svg onload=alert(1)&gt;');
    expect(page).not.toContain('paper.example/x');
    expect(page).not.toMatch(/\/unsubscribe\/|\/preferences\/|\/confirm\//);
  });

  it('may be as old as the first issues: without ids, pictures or notices', async () => {
    const paper = await newNewsletter(system, { name: 'Old', slug: 'old' });
    const articles = [{ title: 'A', url: 'https://paper.example/a', summaryText: 'b', summaryHtml: '<p>b</p>' }];
    await addIssues(system, paper.id, [
      { number: 1, at: '2020-01-12T07:00:00Z', content: { sections: [{ name: 'News', articles }] } },
    ]);

    expect(await read('/archive/old/1')).toContain('href="https://paper.example/a"');
  });
});

describe('a newsletter that is not public', () => {
  it.each(['', '/1', '/feed.xml', '/brand.css'])('has no archive: %s', async (path) => {
    const board = await newNewsletter(system, { name: 'Board', isPublic: false });
    await addIssues(system, board.id, [{ number: 1, at: '2026-01-12T07:00:00Z' }]);

    expect((await get(system, `/archive/${board.slug}${path}`)).status).toBe(404);
    expect((await get(system, `/archive?newsletter=${board.slug}`)).status).toBe(404);
    expect(await read('/archive')).not.toContain(`/archive/${board.slug}`);
    expect(await read('/sitemap/newsletters.xml')).not.toContain(board.slug);
  });
});

describe('the look of a publisher', () => {
  it('comes as a style sheet, with colours that can be read, and a logo', async () => {
    const paper = await newNewsletter(system, { name: 'Pale', slug: 'pale' });
    expect(await read('/archive/pale')).not.toContain('brand.css');
    await system.deps.db
      .insertInto('newsletter_brands')
      .values({
        newsletter_id: paper.id,
        accent_color: '#ffee00',
        background_color: '#102030',
        logo_url: 'https://paper.example/logo.png',
        logo_width: 180,
        font: 'sans',
        updated_at: system.deps.clock.now(),
      })
      .execute();

    const html = await read('/archive/pale');
    const styles = await read(/href="(\/archive\/pale\/brand.css\?v=\w+)"/.exec(html)?.[1] ?? '');
    expect(styles).toMatch(/--accent:#[0-9a-f]{6};.*--paper:#102030;--foot:#[0-9a-f]{6};--serif:var\(--sans\)/);
    expect(styles).not.toContain('--accent:#ffee00;--accent-strong:#ffee00;--paper');
    expect(html).toContain('<img class="logo" src="https://paper.example/logo.png" alt="Pale" width="180"');
    expect(html).not.toMatch(/<style|\sstyle=/);
  });
});
