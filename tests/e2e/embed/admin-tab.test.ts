import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { issueSetupToken } from '../../../src/accounts/index.ts';
import { requestsOf } from '../../integration/subscriptions/reader.ts';
import { expectNoAxeViolations, launchBrowser, takeScreenshot } from '../../support/browser.ts';
import type { TestBrowser } from '../../support/browser.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';

let system: TestSystem;
let browser: TestBrowser;
let page: Page;
const refused: string[] = [];

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
  browser = await launchBrowser({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', locale: 'en-GB' });
  page = await browser.newPage();
  page.setDefaultTimeout(15_000);
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) {
      refused.push(message.text());
    }
  });
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

it('shows the code, and the form as readers will see it, in any language', async () => {
  await page.goto(`${system.url}/admin/newsletters/1`);
  await page.getByRole('tab', { name: 'Sign-up form' }).click();
  await page.getByRole('region', { name: 'In article pages' }).getByText(`${system.url}/embed.js`).waitFor();
  const frame = page.frameLocator('iframe.form-preview');
  await frame.getByRole('button', { name: 'Subscribe' }).waitFor();
  await expectNoAxeViolations(page);
  await takeScreenshot(page, 'admin-signup-form');

  await page.getByRole('combobox', { name: 'Language of the form' }).click();
  await page.getByRole('option', { name: 'Deutsch' }).click();
  await page.getByRole('region', { name: 'In article pages' }).getByText('lang="de"').waitFor();
  await frame.getByRole('button', { name: 'Abonnieren' }).waitFor();
});

it('copies', async () => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy: In article pages' }).click();
  await page.getByText('Copied').waitFor();

  expect(await page.evaluate('navigator.clipboard.readText()')).toContain('<courant-signup newsletters="the-weekly"');
});

it('lets nobody sign up by the form that is only to look at', async () => {
  const frame = page.frameLocator('iframe.form-preview');
  await frame.getByLabel('E-Mail-Adresse').fill('preview@example.org');
  await frame.getByRole('checkbox').check();
  await frame.getByRole('button', { name: 'Abonnieren' }).click();
  await frame.getByText('Sehen Sie in Ihr Postfach').waitFor();

  expect(await requestsOf(system.deps, 'preview@example.org')).toEqual([]);
});

it('names sites, says what is wrong with one, and strikes one off', async () => {
  const address = page.getByRole('textbox', { name: 'Address of a site' });
  await address.fill('https://www.paper.example/articles');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByText('Leave out everything after the host: https://www.paper.example').waitFor();
  await expectNoAxeViolations(page);

  await address.fill('https://www.Paper.example/');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByText('https://www.paper.example', { exact: true }).waitFor();
  await takeScreenshot(page, 'admin-signup-sites');
  await page.getByRole('button', { name: 'Remove https://www.paper.example' }).click();
  await page.getByText('No site yet.').waitFor();
});

it('is whole on a phone in the dark', async () => {
  await page.setViewportSize({ width: 375, height: 760 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.reload();
  // As everywhere, the form is asked for when it is about to be seen.
  await page.locator('iframe.form-preview').scrollIntoViewIfNeeded();
  await page.frameLocator('iframe.form-preview').getByRole('button').first().waitFor();
  await expectNoAxeViolations(page);
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
  await takeScreenshot(page, 'admin-signup-form-phone');
});

it('says why there is no form for a newsletter that is not public', async () => {
  await system.deps.db.updateTable('newsletters').set({ is_public: false }).execute();
  await page.goto(`${system.url}/admin/newsletters/1/form`);
  await page.getByText('Nobody can subscribe by themselves').waitFor();
  expect(await page.locator('iframe').count()).toBe(0);
});

it('did all that without once running into its own content security policy', () => {
  expect(refused).toEqual([]);
});
