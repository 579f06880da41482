import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { issueSetupToken } from '../../../src/accounts/index.ts';
import { sealConsentRecords } from '../../../src/consent/index.ts';
import { expectNoAxeViolations, launchBrowser, takeScreenshot } from '../../support/browser.ts';
import type { TestBrowser } from '../../support/browser.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';
import { lastRequestOf, press, statusesOf, submitForm, tokenPath } from '../../integration/subscriptions/reader.ts';

const READER = 'grace@readers.example';

let system: TestSystem;
let browser: TestBrowser;
let page: Page;

beforeAll(async () => {
  system = await startTestSystem({ inbox: true });
  browser = await launchBrowser({ viewport: { width: 1280, height: 900 }, locale: 'en-GB', reducedMotion: 'reduce' });
  page = await browser.newPage();
  page.setDefaultTimeout(15_000);
  await submitForm(system, { email: READER, newsletters: 'the-weekly', terms: 'true' });
  const { id } = await waitFor('the confirmation mail', async () => {
    const request = await lastRequestOf(system.deps, READER);
    const mail = await system.deps.db
      .selectFrom('deliveries')
      .select('state')
      .where('subscriber_id', '=', request.subscriberId)
      .executeTakeFirst();
    return mail?.state === 'accepted' && request;
  });
  await press(system, tokenPath(system.deps, 'confirm', 'confirm', id));
  await sealConsentRecords(system.deps);
  await page.goto(`${system.url}/admin/setup#${(await issueSetupToken(system.deps)) ?? ''}`);
  await page.getByLabel('Your mail address').fill('ada@example.org');
  await page.getByRole('textbox', { name: 'A password' }).fill('quiet river under stones');
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.getByRole('heading', { name: 'Your first ten minutes' }).waitFor();
});
afterAll(async () => {
  await browser.close();
  await system.stop();
});

it('shows the evidence of a reader as a page to print, in every language without a fault', async () => {
  await page.goto(`${system.url}/admin/subscribers`);
  await page.getByRole('link', { name: READER }).click();
  await page.getByRole('heading', { name: 'Proof and rights' }).waitFor();
  await expectNoAxeViolations(page);
  await takeScreenshot(page, 'subscriber-room');
  const href = (await page.getByRole('link', { name: 'Evidence, to print' }).getAttribute('href')) ?? '';

  for (const lang of ['en', 'de', 'ar']) {
    await page.goto(`${system.url}${href}?lang=${lang}`);
    await page.locator('h1').waitFor();
    await expectNoAxeViolations(page);
    await takeScreenshot(page, `evidence-${lang}`);
  }
  await page.goto(system.url + href);
  // The three declarations of the form, and what stood beside the confirming button.
  expect(await page.locator('blockquote').allTextContents()).toHaveLength(4);
  await page.getByText('Message-ID:').first().waitFor();
});

it('closes an address that nobody has, finds it again by its hash, and opens it with a reason', async () => {
  await page.goto(`${system.url}/admin/subscribers/closed`);
  await page.getByLabel('Mail address').fill('stranger@elsewhere.example');
  await page.getByRole('button', { name: 'Look' }).click();
  await page.getByText('This address is open.').waitFor();
  await page.getByRole('button', { name: 'Close it' }).click();
  await page.getByText('An address that is not stored').first().waitFor();
  await expectNoAxeViolations(page);
  await takeScreenshot(page, 'closed-addresses');

  await page.getByRole('button', { name: 'Open again: an address that is not stored' }).first().click();
  await page.getByLabel('Why').fill('a misunderstanding');
  await expectNoAxeViolations(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Open again' }).click();
  await page.getByText('This address is open.').waitFor();
  await page.getByText('No address is closed for this.').waitFor();
});

it('forgets a person after one question, and finds the evidence by the address', async () => {
  await page.goto(`${system.url}/admin/subscribers`);
  await page.getByRole('link', { name: READER }).click();
  await page.getByRole('button', { name: 'Forget this person' }).click();
  await takeScreenshot(page, 'forget');
  await page.getByRole('button', { name: 'Forget for good' }).click();
  await page.waitForURL(/\/admin\/subscribers$/);
  expect(await statusesOf(system.deps, READER)).toEqual([]);

  await page.goto(`${system.url}/admin/evidence`);
  await expectNoAxeViolations(page);
  await takeScreenshot(page, 'find-evidence');
  await page.getByLabel('Mail address').fill(READER);
  await page.getByRole('button', { name: 'Show the evidence' }).click();
  await page.getByText(/was erased on/).waitFor();
  await expectNoAxeViolations(page);
  await takeScreenshot(page, 'evidence-erased');
});
