import type { FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { setUpFirstAdmin } from '../../integration/accounts/admin-client.ts';
import type { AdminClient } from '../../integration/accounts/admin-client.ts';
import { sendIssueTo, subscribeReader } from '../../integration/acceptances/asked-readers.ts';
import { expectNoAxeViolations, launchBrowser, takeScreenshot } from '../../support/browser.ts';
import type { TestBrowser } from '../../support/browser.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';

const READER = 'ana@readers.example';

let system: TestSystem;
let admin: AdminClient;
let browser: TestBrowser;
let page: Page;
const refused: string[] = [];

beforeAll(async () => {
  system = await startTestSystem();
  admin = await setUpFirstAdmin(system);
  browser = await launchBrowser({
    viewport: { width: 1280, height: 900 },
    timezoneId: 'Europe/Berlin',
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  page = await browser.newPage();
  page.setDefaultTimeout(20_000);
  await page.context().addCookies([...admin.cookies].map(([name, value]) => ({ name, value, url: system.url })));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) {
      refused.push(message.text());
    }
  });
});
afterAll(async () => {
  await browser.close();
  await system.stop();
});

function shownPage(): FrameLocator {
  return page.frameLocator('.mail-desk iframe:not([data-waiting])');
}

async function openTerms(): Promise<void> {
  await page.goto(`${system.url}/admin/settings/legal`);
  await page.getByRole('link', { name: /: Terms, English$/ }).click();
  await page.getByLabel('Text').waitFor();
}

async function writeTerms(markdown: string): Promise<void> {
  await openTerms();
  await page.getByLabel('Title').fill('Our terms');
  await page.getByLabel('Text').fill(markdown);
}

it('lists every text and language with what is in effect', async () => {
  await page.goto(`${system.url}/admin/settings/legal`);
  await page.getByRole('heading', { name: 'Terms', exact: true }).waitFor();
  await page.getByRole('link', { name: 'Newsletter terms' }).waitFor();
  expect(await page.getByText('Sample', { exact: true }).count()).toBe(6);
  await expectNoAxeViolations(page);
  await takeScreenshot(page, 'legal-list');
});

it('shows the page of the draft while it is written, and keeps what is saved', async () => {
  await writeTerms('## 1. Be kind\n\nAnd <b>short</b>.');
  await shownPage().getByRole('heading', { name: '1. Be kind' }).waitFor();
  await shownPage().getByText('And <b>short</b>.').waitFor();
  expect(await shownPage().locator('body').evaluate('origin')).toBe('null');
  await expectNoAxeViolations(page);
  await page.getByRole('button', { name: 'Save draft' }).click();
  await page.getByRole('status').getByText('Draft saved', { exact: true }).waitFor();
  await page.reload();
  expect(await page.getByLabel('Text').inputValue()).toContain('1. Be kind');
  await shownPage().getByRole('heading', { name: '1. Be kind' }).waitFor();
  await takeScreenshot(page, 'legal-editor');
});

it('lets nobody overwrite what another tab has saved', async () => {
  const { body } = await admin.send('GET', '/legal-drafts');
  const [{ revision }] = body['drafts'] as [{ revision: number }];
  const theirs = { title: 'Our terms', markdown: 'From another tab.', revision };
  expect((await admin.send('PUT', '/legal-drafts/terms/en', theirs)).status).toBe(200);
  await page.getByLabel('Text').fill('From this tab.');
  await page.getByRole('button', { name: 'Save draft' }).click();
  await page.getByText(/^Somebody saved this draft on/).waitFor();
  await expectNoAxeViolations(page);
  await takeScreenshot(page, 'legal-conflict');
  await page.getByRole('button', { name: 'Go on with mine' }).click();
  await page.getByRole('button', { name: 'Save draft' }).click();
  await page.getByRole('status').getByText('Draft saved', { exact: true }).waitFor();
  expect((await admin.send('GET', '/legal-drafts')).body).toMatchObject({ drafts: [{ markdown: 'From this tab.' }] });
});

it('publishes after it has asked when, and what it means for readers', async () => {
  await page.getByRole('button', { name: 'Publish …' }).click();
  const dialog = page.getByRole('dialog');
  await dialog
    .getByRole('radio', { name: /^Editorial/ })
    .and(page.locator(':checked'))
    .waitFor();
  await expectNoAxeViolations(page);
  await takeScreenshot(page, 'legal-publish');
  await dialog.getByRole('button', { name: 'Publish now' }).click();
  await page.getByText('Published. From now on readers are shown version 2.').waitFor();
  await page.getByRole('link', { name: 'Our terms' }).waitFor();
  await subscribeReader(system, READER);
});

it('schedules a version, and takes it back', async () => {
  await writeTerms('From New Year on.');
  await page.getByRole('button', { name: 'Publish …' }).click();
  const dialog = page.getByRole('dialog');
  await dialog
    .getByRole('radio', { name: /^Notice/ })
    .and(page.locator(':checked'))
    .waitFor();
  await dialog.getByRole('radio', { name: /^On a day to come/ }).check();
  await dialog.getByLabel('From, by the clock').fill('2020-01-01T00:00');
  await dialog.getByRole('button', { name: 'Publish from that moment' }).click();
  await dialog.getByText('This moment is over.', { exact: false }).waitFor();
  await dialog.getByLabel('From, by the clock').fill(`${new Date().getFullYear() + 1}-12-31T23:00`);
  await dialog.getByRole('button', { name: 'Publish from that moment' }).click();
  await page.getByText('Scheduled', { exact: true }).waitFor();
  await expectNoAxeViolations(page);
  await takeScreenshot(page, 'legal-scheduled');
  await page.getByRole('button', { name: 'Withdraw …' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click();
  await page.getByText('Scheduled', { exact: true }).waitFor({ state: 'detached' });
});

it('asks readers to accept, by a link in the next issue and a box on its page', async () => {
  await writeTerms('Be kind, *always*.');
  await page.getByRole('button', { name: 'Publish …' }).click();
  await page
    .getByRole('dialog')
    .getByRole('radio', { name: /^Acceptance/ })
    .check();
  await page.getByRole('dialog').getByRole('button', { name: 'Publish now' }).click();
  await page.getByText(/^Published\./).waitFor();

  const mail = await sendIssueTo(system, READER);
  const reader = await launchBrowser({ viewport: { width: 375, height: 700 }, javaScriptEnabled: false });
  const readersPage = await reader.newPage();
  await readersPage.setContent(mail.html);
  await takeScreenshot(readersPage, 'legal-mail-phone');
  await readersPage.goto(system.url + mail.pathOf('accept'));
  await takeScreenshot(readersPage, 'legal-accept-phone');
  await readersPage.getByRole('button', { name: 'Accept' }).click();
  await readersPage.getByText('Tick the box if you accept the terms.').waitFor();
  await readersPage.getByRole('checkbox').check();
  await readersPage.getByRole('button', { name: 'Accept' }).click();
  await readersPage.getByRole('heading', { name: 'Thank you' }).waitFor();
  await readersPage.goto(system.url + mail.pathOf('accept'));
  expect(await readersPage.getByRole('heading', { level: 1 }).textContent()).toBe('Accepted already');
  await reader.close();
});

it('shows who accepted a version', async () => {
  await page.goto(`${system.url}/admin/settings/legal`);
  await page.getByRole('link', { name: 'accepted by 1 subscriber' }).click();
  await page.getByRole('link', { name: new RegExp(READER) }).waitFor();
  await shownPage().getByText('Be kind, always.').waitFor();
  await expectNoAxeViolations(page);
  await takeScreenshot(page, 'legal-version');
  await page.getByRole('link', { name: new RegExp(READER) }).click();
  await page.waitForURL(/\/admin\/subscribers\/\d+$/);
});

it('is whole on a phone in the dark', async () => {
  await page.setViewportSize({ width: 375, height: 760 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(`${system.url}/admin/settings/legal`);
  await page
    .getByText(/earlier versions/)
    .first()
    .click();
  await expectNoAxeViolations(page);
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
  await takeScreenshot(page, 'legal-list-phone-dark');
  await openTerms();
  await page.locator('.mail-desk').scrollIntoViewIfNeeded();
  await shownPage().getByText('Be kind, always.').waitFor();
  await expectNoAxeViolations(page);
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
  await takeScreenshot(page, 'legal-editor-phone-dark');
  await page.goto(`${system.url}/terms`);
  await takeScreenshot(page, 'legal-page-phone-dark');
});

it('did all that without once running into its own content security policy', () => {
  expect(refused).toEqual([]);
});
