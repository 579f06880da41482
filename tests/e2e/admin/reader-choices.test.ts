import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { issueSetupToken } from '../../../src/accounts/index.ts';
import { requireNewsletter } from '../../../src/newsletters/index.ts';
import { expectNoAxeViolations, launchBrowser, takeScreenshot } from '../../support/browser.ts';
import type { TestBrowser } from '../../support/browser.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { becomeReader, post } from '../../integration/subscriptions/reader.ts';
import { preferencesOf, subscriberIdOf } from '../../integration/preferences/visitor.ts';

const ADDRESS = 'reader@example.org';
let system: TestSystem;
let browser: TestBrowser;
let page: Page;

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
  browser = await launchBrowser({ viewport: { width: 1280, height: 900 }, locale: 'en-GB', reducedMotion: 'reduce' });
  page = await browser.newPage();
  await page.goto(`${system.url}/admin/setup#${(await issueSetupToken(system.deps)) ?? ''}`);
  await page.getByLabel('Your mail address').fill('ada@example.org');
  await page.getByRole('textbox', { name: 'A password' }).fill('quiet river under stones');
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.getByRole('link', { name: 'Newsletters' }).waitFor();
});
afterAll(async () => {
  await browser.close();
  await system.stop();
});

it('lets an editor offer choices, shows what a reader chose, and says who loses a section', async () => {
  const { id, sections } = await requireNewsletter(system.deps.db, { slug: 'the-weekly' });
  const room = `${system.url}/admin/newsletters/${id}`;
  await page.goto(`${room}/settings`);
  const rules = page.getByRole('region', { name: 'How issues come about' });
  await rules.getByLabel('which sections they get').check();
  await rules.getByLabel('how often it comes').check();
  await rules.getByText('One digest a month, with what the issues of that time had').waitFor();
  await rules.getByRole('button', { name: 'Save rules' }).click();
  await page.getByText('Saved. It counts from the next issue on.').waitFor();
  await expectNoAxeViolations(page);
  await takeScreenshot(page, 'offer-choices');

  await becomeReader(system, ADDRESS);
  const opinion = sections.find(({ slug }) => slug === 'opinion')?.id ?? 0;
  const choice = { action: 'choose', newsletterId: String(id), sections: String(opinion), frequency: 'monthly' };
  expect((await post(system, await preferencesOf(system, ADDRESS), choice)).status).toBe(200);
  await page.goto(`${system.url}/admin/subscribers/${await subscriberIdOf(system, ADDRESS)}`);
  await page.getByText('only Opinion · one digest a month').waitFor();
  await takeScreenshot(page, 'chosen-content');

  await page.goto(`${room}/sections`);
  await page.getByRole('button', { name: /^Remove.*Opinion/ }).click();
  await page.getByRole('button', { name: 'Save sections' }).click();
  await page.getByText('1 reader had chosen what you removed.').first().waitFor();
});
