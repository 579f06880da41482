import { existsSync, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addFeed, listFeeds } from '../../src/content/index.ts';
import { runDigestNow } from '../../src/digests/index.ts';
import { requireNewsletter } from '../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../src/shared/actor.ts';
import { openFeedSite, rssOf } from '../integration/content/feed-site.ts';
import type { FeedSite } from '../integration/content/feed-site.ts';
import { expectNoAxeViolations, launchBrowser, takeScreenshot } from '../support/browser.ts';
import { addReaders } from '../support/readers.ts';
import { startTestSystem } from '../support/system.ts';
import type { TestSystem } from '../support/system.ts';
import { waitFor } from '../support/wait-for.ts';

const DEADLINE_MS = 40_000;
/** Real feeds that lie beside the repository on some machines. Elsewhere the site serves feeds of our own. */
const REAL = fileURLToPath(new URL('../../../shared/data/feeds/', import.meta.url));
const FEEDS = [
  { section: 'insights', path: 'rss-parser/guardian.rss' },
  { section: 'opinion', path: 'feedjira/HuffPostCanada.xml' },
  { section: 'current-events', path: 'rss-parser/heise.atom' },
] as const;

let system: TestSystem;
let site: FeedSite;

beforeAll(async () => {
  site = await openFeedSite();
  site.answer = (req, res) => {
    const path = (req.url ?? '/').slice(1);
    const items = [1, 2, 3].map((n) => ({ id: `${path}-${n}`, title: `Story ${n} of ${path}`, minutesAgo: n * 60 }));
    res.end(existsSync(REAL + path) ? readFileSync(REAL + path) : rssOf(items, new Date()));
  };
  system = await startTestSystem({ inbox: true, environment: { FETCH_ALLOW: '127.0.0.0/8' } });
});
afterAll(async () => {
  await system.stop();
  await site.close();
});

it(
  'makes a digest of three feeds that a reader can read in the inbox and on the web',
  { timeout: 180_000 },
  async () => {
    const { deps, url } = system;
    const newsletterId = await addReaders(deps, 2);
    for (const { section, path } of FEEDS) {
      await addFeed(deps, { newsletterId, section: { slug: section }, url: `${site.url}/${path}` }, CLI_ACTOR);
    }
    const feeds = await waitFor(
      'every feed to be polled',
      async () => {
        const listed = await listFeeds(deps.db, newsletterId);
        return listed.every(({ status }) => status === 'ok') ? listed : undefined;
      },
      DEADLINE_MS,
    );
    expect(feeds.map(({ isSample }) => isSample)).toEqual([false, false, false]);

    const issue = await runDigestNow(deps, await requireNewsletter(deps.db, { id: newsletterId }), CLI_ACTOR);

    expect(issue).toMatchObject({ kind: 'published', number: 1 });
    expect(issue.kind === 'published' ? issue.articleCount : 0).toBeGreaterThanOrEqual(9);
    expect(issue.kind === 'published' ? issue.articleCount : 0).toBeLessThanOrEqual(15);
    const mails = await waitFor(
      'both mails',
      async () => {
        const { rows } = { rows: await deps.db.selectFrom('inbox_mails').selectAll().execute() };
        return rows.length === 2 ? rows : undefined;
      },
      DEADLINE_MS,
    );
    expect(mails.flatMap((mail) => mail.envelope_to).sort()).toEqual([
      'reader-1@readers.example',
      'reader-2@readers.example',
    ]);
    expect(Math.max(...mails.map((mail) => mail.raw.length))).toBeLessThan(130_000);
    await readDigest(url, issue.kind === 'published' ? issue.title : '');
    expect(await runDigestNow(deps, await requireNewsletter(deps.db, { id: newsletterId }), CLI_ACTOR)).toEqual({
      kind: 'nothing-new',
    });
  },
);

async function readDigest(url: string, title: string): Promise<void> {
  const browser = await launchBrowser({ viewport: { width: 700, height: 900 } });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(DEADLINE_MS);
    // The pictures of the real feeds are on the internet, which is not part of this test.
    await page.route(
      (address) => address.hostname !== '127.0.0.1',
      (route) => route.abort(),
    );
    await page.goto(`${url}/inbox/latest?to=reader-1@readers.example`);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(title);
    await expectNoAxeViolations(page);
    const mail = await page.locator('iframe').getAttribute('src');
    await page.goto(url + (mail ?? ''));
    const text = await page.locator('body').innerText();
    expect(['Insights', 'Opinion', 'Current events'].filter((section) => !new RegExp(section, 'i').test(text))).toEqual(
      [],
    );
    expect(await page.getByRole('link', { name: /unsubscribe/i }).count()).toBeGreaterThan(0);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    // An empty page of this size is a few kilobytes.
    expect((await stat(await takeScreenshot(page, 'digest-700'))).size).toBeGreaterThan(30_000);

    await page.goto(`${url}/archive`);
    await expectNoAxeViolations(page);
    await page.getByRole('link', { name: title }).first().click();
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toContain(title);
    await expectNoAxeViolations(page);
  } finally {
    await browser.close();
  }
}
