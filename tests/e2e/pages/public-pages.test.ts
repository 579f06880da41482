import { readdirSync } from 'node:fs';
import express from 'express';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp, sendPage } from '../../../src/http/index.ts';
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

it('has a sample of every view that readers may meet', () => {
  const views = readdirSync('src/subscriptions/views')
    .filter((file) => file !== 'legal-sentence.liquid')
    .map((file) => `subscriptions/views/${file.replace('.liquid', '')}`);
  expect(SAMPLE_PAGES.map((page) => page.view)).toEqual(expect.arrayContaining(views));
});

describe.each([
  { viewport: { width: 375, height: 700 }, colorScheme: 'light' },
  { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
] as const)('at $viewport.width px, $colorScheme', (options) => {
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
      const response = await page.goto(`${server.origin}/sample/${name}`);
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
