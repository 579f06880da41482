import { afterAll, beforeAll, expect, it } from 'vitest';
import { issueSetupToken } from '../../../src/accounts/index.ts';
import { LOCALES, translatorFor } from '../../../src/i18n/index.ts';
import { expectNoAxeViolations, launchBrowser } from '../../support/browser.ts';
import type { TestBrowser } from '../../support/browser.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';

let system: TestSystem;
let browser: TestBrowser;
beforeAll(async () => {
  system = await startTestSystem({ inbox: true });
  browser = await launchBrowser({ viewport: { width: 1280, height: 900 }, locale: 'en-GB', reducedMotion: 'reduce' });
});
afterAll(async () => {
  await browser.close();
  await system.stop();
});

it('offers every language by its own name for a newsletter, and takes the tag of a country too', async () => {
  const page = await browser.newPage();
  await page.goto(`${system.url}/admin/setup#${(await issueSetupToken(system.deps)) ?? ''}`);
  await page.getByLabel('Your mail address').fill('ada@example.org');
  await page.getByRole('textbox', { name: 'A password' }).fill('quiet river under stones');
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.getByRole('link', { name: 'Newsletters' }).click();
  await page.getByRole('link', { name: 'The Weekly' }).first().click();
  await page.getByRole('tab', { name: 'Settings' }).click();

  const field = page.getByLabel('Language').first();
  await field.click();
  const options = page.getByRole('option');
  await options.first().waitFor();
  expect(await options.allTextContents()).toEqual(LOCALES.map((locale) => translatorFor(locale)('language')));
  await expectNoAxeViolations(page);

  await page.getByRole('option', { name: 'Deutsch' }).click();
  expect(await field.inputValue()).toBe('de');
  await field.fill('de-AT');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Save settings' }).click();
  await page.getByText('Settings saved.').waitFor();
  const saved = await system.deps.db.selectFrom('newsletters').select('locale').executeTakeFirstOrThrow();
  expect(saved.locale).toBe('de-AT');
});
