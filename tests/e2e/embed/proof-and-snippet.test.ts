import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeSnippet } from '../../../src/embed/form-code.ts';
import { formForOne } from '../../../src/subscriptions/index.ts';
import { lastRequestOf, requestsOf, waitForMailTo } from '../../integration/subscriptions/reader.ts';
import { launchBrowser, takeScreenshot } from '../../support/browser.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { startForeignSite } from './foreign-site.ts';
import type { ForeignSite } from './foreign-site.ts';
import { nameSites } from './name-site.ts';

let system: TestSystem;
let site: ForeignSite;

beforeAll(async () => {
  system = await startTestSystem({ environment: { SIGNUP_PROOF_OF_WORK: 'always' } });
  const form = formForOne(await system.deps.signupForms.current('en'), 'the-weekly');
  if (form === undefined) {
    throw new Error('there is no such newsletter');
  }
  site = await startForeignSite({
    courantUrl: system.url,
    element: '<courant-signup newsletters="the-weekly" lang="en"></courant-signup>',
    snippet: writeSnippet(system.url, form),
  });
  await nameSites(system, [site.origin]);
});
afterAll(async () => {
  await site.close();
  await system.stop();
});

async function fillIn(page: Page, address: string): Promise<void> {
  await page.getByLabel('Mail address').fill(address);
  await page.getByRole('checkbox', { name: 'I accept the terms.' }).check();
}

it('proves its work on a foreign page, with the solver loaded only then (R38)', async () => {
  const browser = await launchBrowser();
  const page = await browser.newPage();
  page.setDefaultTimeout(40_000);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`${site.origin}/article`);
  await fillIn(page, 'proof@example.org');
  expect(asked).not.toContain('GET /embed-challenge.js');

  await page.getByRole('button', { name: 'Subscribe' }).click();
  await page.getByText('proving that it is not a robot').waitFor();
  await page.getByText('Check your mail').waitFor();

  expect(asked.filter((one) => one.startsWith('POST') || one.includes('challenge'))).toEqual([
    'POST /api/v1/subscriptions',
    'GET /embed-challenge.js',
    'POST /api/v1/subscriptions',
  ]);
  expect(complaints).toEqual([]);
  await waitForMailTo(system, 'proof@example.org', /confirm/i);
  await browser.close();
});

it('takes a plain form from a page without scripts to our page, where one press subscribes', async () => {
  const browser = await launchBrowser({ javaScriptEnabled: false });
  const page = await browser.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(`${site.origin}/plain`);
  await takeScreenshot(page, 'embed-snippet');
  await fillIn(page, 'plain@example.org');
  await page.getByRole('button', { name: 'Subscribe' }).click();

  await page.getByRole('heading', { name: 'The Weekly, in your inbox' }).waitFor();
  await takeScreenshot(page, 'embed-snippet-our-page');
  expect(new URL(page.url()).origin).toBe(system.url);
  expect(await page.getByLabel('Mail address').inputValue()).toBe('plain@example.org');
  expect(await requestsOf(system.deps, 'plain@example.org')).toEqual([]);
  const shown = await page.locator('#consent').innerText();

  // Whoever presses at once is shown the page again, as a program would be (R38).
  for (let presses = 0; !page.url().includes('/check-your-mail/') && presses < 20; presses += 1) {
    await page.getByRole('button', { name: 'Subscribe' }).click();
    await page.waitForLoadState();
  }
  await page.getByRole('heading', { name: 'Check your mail' }).waitFor();
  const { subscriberId } = await lastRequestOf(system.deps, 'plain@example.org');
  const record = await system.deps.db
    .selectFrom('consent_records as r')
    .innerJoin('consent_texts as c', 'c.hash', 'r.consent_text')
    .select(['c.text', 'r.form_id'])
    .where('r.subscriber_id', '=', subscriberId)
    .where('r.action', '=', 'requested')
    .executeTakeFirstOrThrow();
  expect(record).toEqual({ text: shown, form_id: 'snippet' });
  await browser.close();
});
