import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOCALES, translatorFor } from '../../../src/i18n/index.ts';
import { createNewsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { expectNoAxeViolations, launchBrowser, takeScreenshot } from '../../support/browser.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { startForeignSite } from './foreign-site.ts';
import { nameSites } from './name-site.ts';

let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
  await createNewsletter(system.deps, { name: 'City Notes', slug: 'city' }, CLI_ACTOR);
});
afterAll(() => system.stop());

/** Axe reaches into the shadow root, since it is open; the page around it must not spoil the result. */
async function expectGood(page: Page, name: string): Promise<void> {
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  await takeScreenshot(page, name);
  await expectNoAxeViolations(page);
}

describe.each([
  { name: 'desk', options: { viewport: { width: 900, height: 800 }, colorScheme: 'light' } },
  { name: 'phone', options: { viewport: { width: 360, height: 700 }, colorScheme: 'dark' } },
] as const)('the element ($name)', ({ name, options }) => {
  it.each(LOCALES)('has no barrier in %s: alone, with a choice, with errors, and done', async (locale) => {
    const text = translatorFor(locale);
    const element = (slugs: string): string =>
      `<courant-signup newsletters="${slugs}" lang="${locale}"></courant-signup>`;
    const sites = await Promise.all(
      ['city', 'the-weekly, city'].map((slugs) =>
        startForeignSite({ courantUrl: system.url, element: element(slugs) }),
      ),
    );
    await nameSites(
      system,
      sites.map(({ origin }) => origin),
    );
    const browser = await launchBrowser({ ...options, reducedMotion: 'reduce' });
    const page = await browser.newPage();
    page.setDefaultTimeout(15_000);
    const button = page.getByRole('button', { name: text('signup.button') });

    await page.goto(`${sites[0]?.origin ?? ''}/article`);
    await button.waitFor();
    expect(await page.locator('courant-signup .box').getAttribute('dir')).toBe(locale === 'ar' ? 'rtl' : 'ltr');
    await expectGood(page, `embed-${locale}-${name}`);

    await page.goto(`${sites[1]?.origin ?? ''}/article`);
    await button.waitFor();
    await expectGood(page, `embed-choice-${locale}-${name}`);
    await button.click();
    for (const code of ['newsletter_missing', 'email_missing', 'terms_not_accepted']) {
      await page.getByText(text(`fields.${code}`)).waitFor();
    }
    await expectGood(page, `embed-errors-${locale}-${name}`);

    await page.getByRole('checkbox', { name: 'City Notes' }).check();
    await page.getByRole('checkbox').last().check();
    await page.getByLabel(text('signup.email')).fill(`${name}-${locale}@example.org`);
    await button.click();
    await page.getByText(text('check_mail.title')).waitFor();
    await expectGood(page, `embed-done-${locale}-${name}`);
    await browser.close();
    await Promise.all(sites.map((site) => site.close()));
  });
});
