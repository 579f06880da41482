import { readdirSync } from 'node:fs';
import express from 'express';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp, sendPage } from '../../../src/http/index.ts';
import { DEFAULT_LOCALE, LOCALES } from '../../../src/i18n/index.ts';
import { createLogger } from '../../../src/platform/logging/index.ts';
import { expectNoAxeViolations, launchBrowser } from '../../support/browser.ts';
import type { TestBrowser } from '../../support/browser.ts';
import { listen } from '../../support/listen.ts';
import type { Listening } from '../../support/listen.ts';
import { SAMPLE_PAGES } from './sample-pages.ts';

let server: Listening;

beforeAll(async () => {
  const router = express.Router();
  router.get('/sample/:name', async (req, res) => {
    const sample = SAMPLE_PAGES.find((page) => page.name === req.params.name);
    await sendPage(res, sample?.view ?? '', { publication: 'The Harbour Post', ...sample?.data });
  });
  server = await listen(
    createApp({
      log: createLogger('silent', 'test'),
      publicUrl: 'http://localhost:3000',
      trustProxy: false,
      authenticate: () => Promise.resolve(undefined),
      apiRoutes: [],
      routers: [router],
    }),
  );
});
afterAll(() => server.close());

/** Parts of other views, and what is for the person who runs Courant: those have tests of their own. */
const NOT_PAGES = new Set([
  'http/views/layout',
  'subscriptions/views/legal-sentence',
  'subscriptions/views/renew-form',
  'subscriptions/views/signup-form',
  'preferences/views/content',
  'preferences/views/note',
  'preferences/views/pause',
  'archive/views/article-body',
  'archive/views/feed',
  'archive/views/feed-article',
  'archive/views/feed-entry',
  'archive/views/head',
  'archive/views/masthead',
  'archive/views/subscribe',
  'embed/views/embed-preview',
  'inbox/views/inbox',
  'rights/views/evidence',
  'rights/views/find-evidence',
]);

it('has a sample of every view that readers may meet', () => {
  const views = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.liquid'))
    .map((file) => file.replace('.liquid', ''));
  const sampled = new Set(SAMPLE_PAGES.map((page) => page.view));

  expect(views.filter((view) => !sampled.has(view) && !NOT_PAGES.has(view))).toEqual([]);
});

const PHONE = { width: 375, height: 700 };
const DESKTOP = { width: 1280, height: 900 };

describe.each([
  { locale: DEFAULT_LOCALE, viewport: PHONE, colorScheme: 'light' as const },
  { locale: DEFAULT_LOCALE, viewport: DESKTOP, colorScheme: 'dark' as const },
  // Once is enough to find what a language breaks; the narrow page is the one that overflows.
  ...LOCALES.slice(1).map((locale) => ({ locale, viewport: PHONE, colorScheme: 'dark' as const })),
])('in $locale at $viewport.width px, $colorScheme', ({ locale, ...options }) => {
  let browser: TestBrowser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    browser = await launchBrowser(options);
    page = await browser.newPage();
    page.on('console', (message) => complaints.push(message.text()));
  });
  afterAll(() => browser.close());

  it.each(SAMPLE_PAGES.map((sample) => sample.name))(
    '%s has no barrier, no sideways scroll and nothing blocked',
    async (name) => {
      const response = await page.goto(`${server.origin}/sample/${name}?lang=${locale}`);
      expect(response?.status()).toBe(200);
      await expectNoAxeViolations(page);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      expect(complaints.filter((text) => /content.security.policy|failed to load/i.test(text))).toEqual([]);
    },
  );
});

it('shows what is wrong first, with a link to each field, and keeps what was typed', async () => {
  const browser = await launchBrowser({ javaScriptEnabled: false });
  const page = await browser.newPage();
  await page.goto(`${server.origin}/sample/signup-errors`);
  expect(await page.getByRole('alert').getByRole('link').allTextContents()).toHaveLength(4);
  await page.getByRole('link', { name: 'This is not a mail address.' }).click();
  expect(new URL(page.url()).hash).toBe('#email');
  expect(await page.getByLabel('Mail address').inputValue()).toBe('<b>@');
  expect(await page.getByLabel('Mail address').getAttribute('aria-describedby')).toBe('email-error');
  expect(await page.getByRole('checkbox', { name: /City/ }).isChecked()).toBe(true);
  expect(await page.getByRole('checkbox', { name: 'I accept the terms.' }).isChecked()).toBe(false);
  await browser.close();
});
