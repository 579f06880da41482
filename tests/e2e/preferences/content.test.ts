import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { requireNewsletter } from '../../../src/newsletters/index.ts';
import { expectNoAxeViolations, launchBrowser, takeScreenshot } from '../../support/browser.ts';
import type { TestBrowser } from '../../support/browser.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { becomeReader } from '../../integration/subscriptions/reader.ts';
import { askForLink, preferencesOf } from '../../integration/preferences/visitor.ts';

/** The machine that runs this may be busy. */
const DEADLINE_MS = 40_000;
let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
  const { id } = await requireNewsletter(system.deps.db, { slug: 'the-weekly' });
  await system.deps.db
    .insertInto('digest_rules')
    .values({
      newsletter_id: id,
      offers_sections: true,
      offers_frequency: true,
      updated_at: system.deps.clock.now(),
    })
    .execute();
});
afterAll(() => system.stop());

describe.each([
  { name: 'at a desk', address: 'desk@example.org', options: { viewport: { width: 1280, height: 900 } } },
  {
    name: 'on a phone at night without JavaScript',
    address: 'phone@example.org',
    options: { viewport: { width: 375, height: 667 }, colorScheme: 'dark' as const, javaScriptEnabled: false },
  },
])('a reader $name', ({ address, options }) => {
  let browser: TestBrowser;
  let page: Page;

  beforeEach(async () => {
    browser = await launchBrowser({ ...options, locale: 'en-GB' });
    page = await browser.newPage();
    page.setDefaultTimeout(DEADLINE_MS);
  });
  afterEach(() => browser.close());

  async function expectGoodPage(): Promise<void> {
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    if (!(await page.evaluate('matchMedia("(scripting: none)").matches'))) {
      await expectNoAxeViolations(page);
    }
  }

  it('takes sections away by the link of a mail, and gets them back by a fresh one', { timeout: 120_000 }, async () => {
    await becomeReader(system, address);
    await page.goto(system.url + (await preferencesOf(system, address)));
    const save = page.getByRole('button', { name: 'Save: The Weekly' });
    const opinion = page.getByRole('checkbox', { name: 'Opinion' });
    await opinion.uncheck();
    await page.getByRole('radio', { name: 'One digest a month' }).check();
    await save.click();
    await page.getByText('Saved.').waitFor();
    expect(await opinion.isDisabled()).toBe(true);
    expect(await page.getByRole('radio', { name: 'Every issue' }).isDisabled()).toBe(true);
    await expectGoodPage();

    await page.getByRole('checkbox', { name: 'Insights' }).uncheck();
    await page.getByRole('checkbox', { name: 'Current events' }).uncheck();
    await save.click();
    await page.getByRole('alert').getByRole('button', { name: 'Leave The Weekly' }).waitFor();
    await expectGoodPage();
    await takeScreenshot(page, `content-none-${address}`);

    await page.goto(system.url + (await askForLink(system, address)));
    await page.getByRole('button', { name: 'Open' }).click();
    await opinion.check();
    await page.getByRole('radio', { name: 'Every issue' }).check();
    await save.click();
    await page.getByText('Issues that came out before now are not sent again.').waitFor();
    await expectGoodPage();
    expect(await opinion.isChecked()).toBe(true);
    await page.getByRole('link', { name: 'Read them in the archive' }).click();
    await page.waitForURL('**/archive/the-weekly');
  });
});
