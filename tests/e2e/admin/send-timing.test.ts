import { afterAll, beforeAll, expect, it } from 'vitest';
import { issueSetupToken } from '../../../src/accounts/index.ts';
import { launchBrowser } from '../../support/browser.ts';
import type { TestBrowser } from '../../support/browser.ts';
import { addReaders } from '../../support/readers.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';

let system: TestSystem;
let browser: TestBrowser;
beforeAll(async () => {
  system = await startTestSystem({ inbox: true, worker: false });
  await addReaders(system.deps, 2);
  browser = await launchBrowser({ viewport: { width: 1280, height: 900 }, locale: 'en-GB', reducedMotion: 'reduce' });
});
afterAll(async () => {
  await browser.close();
  await system.stop();
});

it('sends by each reader’s own clock and within hours, and issues as their newsletter says', async () => {
  const page = await browser.newPage();
  await page.goto(`${system.url}/admin/setup#${(await issueSetupToken(system.deps)) ?? ''}`);
  await page.getByLabel('Your mail address').fill('ada@example.org');
  await page.getByRole('textbox', { name: 'A password' }).fill('quiet river under stones');
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.getByRole('link', { name: 'Newsletters' }).click();
  await page.getByRole('link', { name: 'The Weekly' }).first().click();
  await page.getByRole('tab', { name: 'Settings' }).click();
  await page.getByLabel('Issues leave by each reader’s own clock').check();
  await page.getByLabel('Not before').fill('07:00');
  await page.getByRole('button', { name: 'Save settings' }).click();
  await page.getByText('Use two different times').waitFor();
  await page.getByLabel('Not after').fill('22:00');
  await page.getByRole('button', { name: 'Save settings' }).click();
  await page.getByText('Settings saved.').waitFor();
  const newsletter = await system.deps.db
    .selectFrom('newsletters')
    .select(['local_time', 'send_window'])
    .executeTakeFirstOrThrow();
  expect(newsletter).toEqual({ local_time: true, send_window: '07:00-22:00' });

  await page.goto(`${system.url}/admin/campaigns/new`);
  await page.getByLabel('Subject').fill('At nine');
  await page.getByLabel('Text', { exact: true }).fill('Good morning.');
  await page.getByRole('button', { name: 'Send …' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('At a time').check();
  await dialog.getByLabel('By each reader’s own clock', { exact: true }).check();
  await dialog.getByLabel('At, by each reader’s own clock').fill('2099-12-01T09:00');
  await dialog.getByLabel('Not before').fill('08:00');
  const send = dialog.getByRole('button', { name: 'Send to 2 subscribers' });
  expect(await send.isDisabled()).toBe(true);
  await dialog.getByLabel('Not after').fill('20:00');
  await send.click();
  await page.getByText('by each reader’s own clock at 09:00, between 08:00 and 20:00').waitFor();
  const campaign = await system.deps.db
    .selectFrom('campaigns')
    .select(['local_time', 'local_at', 'send_window'])
    .executeTakeFirstOrThrow();
  expect(campaign).toEqual({ local_time: true, local_at: '2099-12-01T09:00:00', send_window: '08:00-20:00' });
});
