import { stat } from 'node:fs/promises';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectNoAxeViolations, launchBrowser, takeScreenshot } from '../support/browser.ts';
import { startTestSystem } from '../support/system.ts';
import type { TestSystem } from '../support/system.ts';
import { waitFor } from '../support/wait-for.ts';
import { addIssues, dailyIssues, newNewsletter } from '../integration/archive/archive-setup.ts';

const TIMEOUT_MS = 120_000;
/** A picture of the size that is asked for, so that the pages look as they do with those of real sites. */
const PICTURE = (width: number, height: number): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#4a6a78"/><circle cx="70%" cy="35%" r="20%" fill="#e8c98f"/></svg>`;

let system: TestSystem;

const tide = {
  title: 'The tide gauge that outlived four governments',
  url: 'https://paper.example/tide',
  summaryText:
    'For 140 years somebody has read the same brass scale at seven in the morning. Now the harbour wants a sensor, and the town is not so sure.',
  author: 'Miriam Castellan',
  source: 'Harbour Review',
  readingMinutes: 9,
  imageUrl: 'https://pictures.example/wide.svg',
  imageAlt: 'A brass scale at the quay',
  imageWidth: 1200,
  imageHeight: 600,
};
const ferry = {
  ...tide,
  title: 'Ferries will run all night in summer',
  summaryText: 'The council has found the money.',
  imageUrl: 'https://pictures.example/thumb.svg',
  imageWidth: 400,
  imageHeight: 300,
};
const short = { title: 'In short: bread, bells and a lost dog', url: 'https://paper.example/short', summaryText: '' };
const sections = [
  { name: 'Insights', articles: [tide, { ...short, title: 'What a harbour costs', summaryText: 'A ledger of it.' }] },
  { name: 'Current events', articles: [ferry, short] },
];

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
  const post = await newNewsletter(system, { name: 'Harbour Post', slug: 'post', description: 'The coast, weekly.' });
  await addIssues(system, post.id, [
    ...dailyIssues(120, '2026-11-20T07:00:00Z'),
    { number: 121, at: '2026-11-21T07:00:00Z', title: tide.title, content: { sections, preheader: 'Ferries' } },
    {
      number: 122,
      at: '2026-11-22T07:00:00Z',
      title: 'A quiet week',
      content: {
        sections,
        intro: 'Dear readers,\n\nit was **quiet**.\n\n## Thank you\n\n- for [writing](https://a.example)',
      },
    },
  ]);
  await system.deps.db
    .insertInto('newsletter_brands')
    .values({ newsletter_id: post.id, accent_color: '#0f6b5c', background_color: '#e6efec', updated_at: new Date() })
    .execute();
  const arabic = await newNewsletter(system, { name: 'صحيفة المرفأ', slug: 'sahifa', locale: 'ar' });
  const story = {
    ...tide,
    title: 'مقياس المد الذي عاصر أربع حكومات',
    summaryText: 'منذ مئة وأربعين عامًا يقرأ أحدهم المقياس النحاسي نفسه في السابعة صباحًا.',
    author: 'مريم قسطلان',
    source: 'مجلة المرفأ',
  };
  const other = {
    ...story,
    title: 'العبّارات ستعمل طوال الليل',
    imageUrl: ferry.imageUrl,
    imageWidth: 400,
    imageHeight: 300,
  };
  const inArabic = { title: story.title, content: { sections: [{ name: 'رؤى', articles: [story, other] }] } };
  await addIssues(system, arabic.id, [
    { number: 1, at: '2026-11-15T07:00:00Z', title: 'العدد الأول' },
    { number: 2, at: '2026-11-22T07:00:00Z', ...inArabic },
  ]);
});
afterAll(() => system.stop());

async function openPage(options: BrowserContextOptions): Promise<{ page: Page; close: () => Promise<void> }> {
  const browser = await launchBrowser({ javaScriptEnabled: true, ...options });
  const page = await browser.newPage();
  await page.route('https://pictures.example/**', (route) => {
    const isWide = route.request().url().includes('wide');
    return route.fulfill({ contentType: 'image/svg+xml', body: isWide ? PICTURE(1200, 600) : PICTURE(400, 300) });
  });
  return { page, close: browser.close };
}

const PAGES = [
  '/archive',
  '/archive/post',
  '/archive/post/121',
  '/archive/post/122',
  '/archive/post/999',
  '/archive/sahifa/2',
];

it.each([
  ['desktop', { viewport: { width: 1100, height: 900 } }],
  ['desktop-dark', { viewport: { width: 1100, height: 900 }, colorScheme: 'dark' }],
  ['phone', { viewport: { width: 375, height: 740 } }],
  ['phone-dark', { viewport: { width: 375, height: 740 }, colorScheme: 'dark' }],
  ['arabic', { viewport: { width: 375, height: 740 }, locale: 'ar' }],
] as const)('is readable for everybody: %s', { timeout: TIMEOUT_MS }, async (name, options) => {
  const { page, close } = await openPage(options);
  const refused: string[] = [];
  page.on('console', (message) => refused.push(message.text()));
  try {
    for (const path of PAGES) {
      refused.length = 0;
      await page.goto(system.url + path, { waitUntil: 'networkidle' });
      await expectNoAxeViolations(page);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      const shot = await takeScreenshot(page, `archive-${name}${path.replaceAll('/', '-')}`);
      expect((await stat(shot)).size).toBeGreaterThan(5000);
      // The browser itself says when a page breaks its own Content-Security-Policy.
      expect(refused.filter((line) => line.includes('Content Security Policy'))).toEqual([]);
    }
  } finally {
    await close();
  }
});

it('is walked from list to issue to neighbour and back without a script', { timeout: TIMEOUT_MS }, async () => {
  const { page, close } = await openPage({ javaScriptEnabled: false, viewport: { width: 900, height: 800 } });
  try {
    await page.goto(`${system.url}/archive`);
    await page.getByRole('link', { name: 'All past issues of Harbour Post' }).click();
    await page.getByRole('link', { name: 'Older issues' }).click();
    expect(await page.getByText('Page 2 of 3').isVisible()).toBe(true);
    await page.goBack();
    await page.getByRole('link', { name: tide.title }).click();
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(tide.title);
    await page.locator('img.wide').scrollIntoViewIfNeeded();
    await waitFor('the picture', async () => {
      const width = await page.evaluate("document.querySelector('img.wide').naturalWidth");
      return width === 1200 ? width : undefined;
    });
    await page.getByRole('link', { name: 'Next issue' }).click();
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('A quiet week');
    await page.getByRole('link', { name: 'Subscribe', exact: true }).first().click();
    expect(await page.getByLabel(/mail/i).first().isVisible()).toBe(true);
  } finally {
    await close();
  }
});

it('has a feed and a sitemap that are well-formed XML', { timeout: TIMEOUT_MS }, async () => {
  const { page, close } = await openPage({});
  try {
    await page.goto(`${system.url}/archive`);
    for (const path of [
      '/archive/post/feed.xml',
      '/archive/sahifa/feed.xml',
      '/sitemap.xml',
      '/sitemap/issues-1.xml',
    ]) {
      const roots = await page.evaluate(
        `fetch('${path}').then((response) => response.text()).then((xml) => {
          const document = new DOMParser().parseFromString(xml, 'application/xml');
          return [document.documentElement.namespaceURI, document.querySelectorAll('parsererror').length];
        })`,
      );
      const isFeed = path.endsWith('feed.xml');
      expect(roots).toEqual([
        isFeed ? 'http://www.w3.org/2005/Atom' : 'http://www.sitemaps.org/schemas/sitemap/0.9',
        0,
      ]);
    }
  } finally {
    await close();
  }
});
