import { sql } from 'kysely';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { issueSetupToken } from '../../../src/accounts/index.ts';
import { readHolds } from '../../../src/holds/index.ts';
import { expectNoAxeViolations, launchBrowser, takeScreenshot } from '../../support/browser.ts';
import type { TestBrowser } from '../../support/browser.ts';
import { addReaders, sendTestCampaign } from '../../support/readers.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';

let system: TestSystem;
let browser: TestBrowser;
let page: Page;

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
  await sendTestCampaign(system.deps, await addReaders(system.deps, 12), 'Harbour news');
  browser = await launchBrowser({ viewport: { width: 1280, height: 900 }, locale: 'en-GB', reducedMotion: 'reduce' });
  page = await browser.newPage();
  page.setDefaultTimeout(15_000);
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

it('says in every room that campaigns are held, shows what waits, and releases it', async () => {
  await sql`insert into settings (key, value) values
    ('release_hold', '{"reason": "restored", "since": "2026-11-22T20:00:00Z", "lastWorkAt": "2026-11-20T03:00:00Z"}')`.execute(
    system.deps.db,
  );
  await page.goto(`${system.url}/admin/campaigns`);
  await page.getByText('Campaigns and issues are held').waitFor();
  await page.goto(`${system.url}/admin/newsletters`);
  await page.getByText('A backup of 20 Nov 2026').waitFor();
  await expectNoAxeViolations(page);
  await takeScreenshot(page, 'held');

  await page.getByRole('button', { name: 'Look and release' }).click();
  await page.getByText('“Harbour news” of The Weekly, to 12 readers who have not got it').waitFor();
  await expectNoAxeViolations(page);
  await takeScreenshot(page, 'release');
  await page.getByRole('button', { name: 'Not now' }).click();
  expect((await readHolds(system.deps.db)).hold).not.toBeNull();

  await page.getByRole('button', { name: 'Look and release' }).click();
  await page.getByRole('button', { name: 'Release', exact: true }).click();
  await page.getByText('Campaigns and issues are held').waitFor({ state: 'detached' });
  expect((await readHolds(system.deps.db)).hold).toBeNull();
});

it('has the kill switch in the settings, and the way back in every room', async () => {
  await page.goto(`${system.url}/admin/settings/sending`);
  await page.getByRole('button', { name: 'Stop all sending' }).click();
  await page.getByRole('button', { name: 'Stop everything' }).click();
  await page.getByText('All sending is stopped').waitFor();
  expect((await readHolds(system.deps.db)).stop?.by).toMatch(/^admin:/);
  await expectNoAxeViolations(page);
  await takeScreenshot(page, 'stopped');

  await page.getByRole('link', { name: 'Subscribers' }).click();
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('button', { name: 'Resume sending' }).click();
  await page.getByText('All sending is stopped').waitFor({ state: 'detached' });
  expect((await readHolds(system.deps.db)).stop).toBeNull();
});
