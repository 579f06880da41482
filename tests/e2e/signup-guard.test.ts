import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectNoAxeViolations, launchBrowser, takeScreenshot } from '../support/browser.ts';
import type { TestBrowser } from '../support/browser.ts';
import { startTestSystem } from '../support/system.ts';
import type { TestSystem } from '../support/system.ts';
import { waitFor } from '../support/wait-for.ts';

/** The machine that runs this may be busy, and it is to do work. */
const DEADLINE_MS = 60_000;
const PHONE = { viewport: { width: 375, height: 700 }, colorScheme: 'dark' } as const;
const DESK = { viewport: { width: 1280, height: 900 }, colorScheme: 'light' } as const;

let system: TestSystem;
let browser: TestBrowser | undefined;

beforeAll(async () => {
  system = await startTestSystem({ worker: false, environment: { SIGNUP_PROOF_OF_WORK: 'always' } });
});
afterEach(() => browser?.close());
afterAll(() => system.stop());

async function fill(page: Page, address: string): Promise<void> {
  await page.locator('#email').fill(address);
  await page.locator('#terms').check();
}

/** Presses the button; a form that was sent faster than people are comes back once, with everything in it. */
async function press(page: Page): Promise<void> {
  await waitFor(
    'the page after the form',
    async () => {
      await page.locator('form button[type=submit]').click();
      await page.waitForURL(/\/(?:check-your-mail\/|subscribe)/, { timeout: DEADLINE_MS });
      return page.url().includes('/check-your-mail/');
    },
    DEADLINE_MS,
  );
}

async function requestOf(address: string): Promise<{ readonly mail_hold: string | null } | undefined> {
  return system.deps.db
    .selectFrom('signup_requests as r')
    .innerJoin('subscribers as s', 's.id', 'r.subscriber_id')
    .select('r.mail_hold')
    .where('s.address', '=', address)
    .executeTakeFirst();
}

describe('the proof of work in a browser', () => {
  it.each([
    ['en', DESK],
    ['de', PHONE],
    ['ar', PHONE],
  ])(
    'is done by the page itself, says so in %s, and nothing comes from elsewhere',
    async (locale, options) => {
      browser = await launchBrowser(options);
      const page = await browser.newPage();
      const complaints: string[] = [];
      const asked: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => asked.push(request.url()));
      await page.goto(`${system.url}/?lang=${locale}`);
      expect(asked.filter((url) => /challenge|worker/.test(url))).toEqual([]);
      expect(await page.locator('[data-proof]').isVisible()).toBe(false);

      await page.locator('#email').focus();
      const box = page.locator('[data-proof]');
      await box.waitFor({ state: 'visible', timeout: DEADLINE_MS });
      await takeScreenshot(page, `proof-working-${locale}`);
      await fill(page, `reader-${locale}@example.org`);
      const done = await box.getAttribute('data-done');
      await page.getByText(done ?? 'nothing', { exact: true }).waitFor({ timeout: DEADLINE_MS });
      await expectNoAxeViolations(page);
      await takeScreenshot(page, `proof-done-${locale}`);
      await press(page);

      expect(await requestOf(`reader-${locale}@example.org`)).toEqual({ mail_hold: null });
      expect(complaints).toEqual([]);
      expect(asked.filter((url) => !url.startsWith(system.url))).toEqual([]);
      expect(asked.some((url) => url.includes('/assets/altcha-worker.js'))).toBe(true);
    },
    2 * DEADLINE_MS,
  );

  it(
    'is waited for when the button is pressed first, and pressing twice signs up once',
    async () => {
      browser = await launchBrowser(DESK);
      const page = await browser.newPage();
      await page.goto(`${system.url}/`);
      await fill(page, 'hasty@example.org');
      await page.locator('form button[type=submit]').dblclick();
      await page.waitForURL(/\/(?:check-your-mail\/|subscribe)/, { timeout: DEADLINE_MS });
      if (!page.url().includes('/check-your-mail/')) {
        await press(page);
      }

      expect(await requestOf('hasty@example.org')).toEqual({ mail_hold: null });
      const { count } = await system.deps.db
        .selectFrom('signup_requests as r')
        .innerJoin('subscribers as s', 's.id', 'r.subscriber_id')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('s.address', '=', 'hasty@example.org')
        .executeTakeFirstOrThrow();
      expect(count).toBe(1);
    },
    2 * DEADLINE_MS,
  );

  it(
    'does not stand in the way when the challenge cannot be had',
    async () => {
      browser = await launchBrowser(PHONE);
      const page = await browser.newPage();
      await page.route('**/api/v1/signup-challenge', (route) => route.abort());
      await page.goto(`${system.url}/`);
      await fill(page, 'offline@example.org');
      await page.getByText('The check did not work.').waitFor({ timeout: DEADLINE_MS });
      await takeScreenshot(page, 'proof-failed');
      await press(page);

      expect(await requestOf('offline@example.org')).toBeDefined();
    },
    2 * DEADLINE_MS,
  );

  it(
    'is not asked of a browser without JavaScript, which is told that its mail may take longer',
    async () => {
      browser = await launchBrowser({ ...PHONE, javaScriptEnabled: false });
      const page = await browser.newPage();
      await page.goto(`${system.url}/`);
      await page.getByText('may take a little longer').waitFor();
      await takeScreenshot(page, 'proof-without-script');
      await fill(page, 'plain@example.org');
      await press(page);

      expect(await requestOf('plain@example.org')).toBeDefined();
    },
    2 * DEADLINE_MS,
  );
});
