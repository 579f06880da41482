import { afterAll, beforeAll, expect, it } from 'vitest';
import { issueSetupToken } from '../../../src/accounts/index.ts';
import { watchIssues } from '../../../src/issue-alerts/index.ts';
import { expectNoAxeViolations, launchBrowser, takeScreenshot } from '../../support/browser.ts';
import type { TestBrowser } from '../../support/browser.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';

const MESSAGE = /^The issue of The Weekly for .* has not been made yet\./;

let system: TestSystem;
let browser: TestBrowser;

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
  browser = await launchBrowser({ viewport: { width: 1280, height: 900 }, locale: 'en-GB', reducedMotion: 'reduce' });
});
afterAll(async () => {
  await browser.close();
  await system.stop();
});

it('shows what is wrong with an issue as soon as it is, and lets it be dismissed once it was raised', async () => {
  const page = await browser.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(`${system.url}/admin/setup#${(await issueSetupToken(system.deps)) ?? ''}`);
  await page.getByLabel('Your mail address').fill('ada@example.org');
  await page.getByRole('textbox', { name: 'A password' }).fill('quiet river under stones');
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.getByRole('heading', { name: 'Your first ten minutes' }).waitFor();
  await system.deps.db
    .updateTable('newsletters')
    .set({ next_run_at: new Date(Date.now() - 3_600_000) })
    .execute();
  await page.reload();
  await page.getByText(MESSAGE).waitFor();
  expect(await page.getByRole('button', { name: /^Dismiss/ }).count()).toBe(0);

  await watchIssues(system.deps);
  await page.reload();
  const dismiss = page.getByRole('button', { name: /^Dismiss: The issue of The Weekly/ });
  await dismiss.waitFor();
  await expectNoAxeViolations(page);
  await takeScreenshot(page, 'alert');
  await page.setViewportSize({ width: 390, height: 844 });
  await takeScreenshot(page, 'alert-phone');
  await dismiss.click();

  await page.getByText(MESSAGE).waitFor({ state: 'detached' });
  await page.reload();
  await page.getByText('No worker is running').waitFor();
  expect(await page.getByText(MESSAGE).count()).toBe(0);
});
