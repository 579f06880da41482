import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { issueSetupToken } from '../../../src/accounts/index.ts';
import { expectNoAxeViolations, launchBrowser, takeScreenshot } from '../../support/browser.ts';
import type { TestBrowser } from '../../support/browser.ts';
import { addReaders } from '../../support/readers.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';

let system: TestSystem;
let browser: TestBrowser;
let page: Page;

beforeAll(async () => {
  system = await startTestSystem({ inbox: true });
  const newsletterId = await addReaders(system.deps, 60);
  await system.deps.db
    .updateTable('newsletters')
    .set({ postal_address: '1 Harbour Street' })
    .where('id', '=', newsletterId)
    .execute();
  browser = await launchBrowser({ viewport: { width: 1280, height: 900 }, locale: 'en-GB', reducedMotion: 'reduce' });
  page = await browser.newPage();
  await page.goto(`${system.url}/admin/setup#${(await issueSetupToken(system.deps)) ?? ''}`);
  await page.getByLabel('Your mail address').fill('ada@example.org');
  await page.getByRole('textbox', { name: 'A password' }).fill('quiet river under stones');
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.getByRole('link', { name: 'Campaigns' }).waitFor();
});
afterAll(async () => {
  await browser.close();
  await system.stop();
});

it('shows whom a campaign would reach with a hole, and sends when the text has a default', async () => {
  await page.goto(`${system.url}/admin/campaigns/new`);
  await page.getByLabel('Subject').fill('A page about our autumn');
  await page.getByLabel('Text', { exact: true }).fill('Dear {{ subscriber.name }},\n\nThank you.');
  const mail = page.frameLocator('.mail-desk iframe:not([data-waiting])');
  await mail.getByText('Dear Ada Okafor,').waitFor();
  await page.getByText('What becomes each reader’s own').click();
  await expectNoAxeViolations(page);
  await takeScreenshot(page, 'campaign-merge-help');

  await page.getByRole('button', { name: 'Send …' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('60 subscribers without a name').waitFor();
  expect(await dialog.getByRole('listitem').count()).toBe(50);
  expect(await dialog.getByRole('button', { name: /^Send to/ }).count()).toBe(0);
  await expectNoAxeViolations(page);
  await takeScreenshot(page, 'campaign-missing-merge-data');

  const downloading = page.waitForEvent('download');
  await dialog.getByRole('link', { name: 'All 60 as CSV' }).click();
  const csv = await readFile(await (await downloading).path(), 'utf8');
  expect(csv.trim().split('\r\n')).toHaveLength(61);
  await dialog.getByRole('button', { name: 'Back to the text' }).click();

  await page
    .getByLabel('Text', { exact: true })
    .fill('Dear {% if subscriber.name %}{{ subscriber.name }}{% else %}reader{% endif %},');
  await page.getByText('Without a name').click();
  await mail.getByText('Dear reader,').waitFor();
  await page.getByRole('button', { name: 'Send …' }).click();
  await dialog.getByRole('button', { name: 'Send to 60 subscribers' }).waitFor();
});
