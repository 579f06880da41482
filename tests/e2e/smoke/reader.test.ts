import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectNoAxeViolations, launchBrowser, takeScreenshot } from '../../support/browser.ts';
import type { TestBrowser } from '../../support/browser.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';

/** The machine that runs this may be busy. */
const DEADLINE_MS = 40_000;
let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ inbox: true });
});
afterAll(() => system.stop());

/** On each page that a reader sees: no barrier, no sideways scroll, and a name of its own. */
async function expectGoodPage(page: Page, title: RegExp): Promise<void> {
  expect(await page.title()).toMatch(title);
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  // axe-core waits for timers of the page, which do not run without JavaScript; the same pages pass with it.
  if (!(await page.evaluate('matchMedia("(scripting: none)").matches'))) {
    await expectNoAxeViolations(page);
  }
}

/** Looks into the inbox until the newest mail to the address is the one that is meant, and opens it. */
async function openMail(page: Page, address: string, subject: RegExp): Promise<void> {
  await waitFor(
    `the mail ${String(subject)}`,
    async () => {
      await page.goto(`${system.url}/inbox/latest?to=${encodeURIComponent(address)}`);
      return subject.test(await page.getByRole('heading', { level: 1 }).innerText());
    },
    DEADLINE_MS,
  );
}

/** Presses a link of the open mail; it opens beside the inbox. */
async function follow(page: Page, link: string): Promise<Page> {
  const opened = page.context().waitForEvent('page', { timeout: DEADLINE_MS });
  await page.frameLocator('iframe').getByRole('link', { name: link, exact: true }).first().click();
  const target = await opened;
  await target.waitForLoadState();
  return target;
}

/** For how long a person has looked at a page before the button counts: two seconds for a form, one for a confirmation. */
const READING_MS = 2100;

/** Presses a button as a person does, who is slower than a program: pages ask a faster one to press again. */
async function pressSlowly(page: Page, button: string | RegExp, heading: string): Promise<void> {
  await waitFor(
    `the page to be read before ${heading}`,
    async () =>
      (await page.evaluate<number>('performance.now() - performance.getEntriesByType("navigation")[0].responseStart')) >
      READING_MS,
    DEADLINE_MS,
  );
  await page.getByRole('button', { name: button }).click();
  await page.getByRole('heading', { name: heading }).waitFor();
}

const DESK = { viewport: { width: 1280, height: 900 }, colorScheme: 'light' } as const;
const PHONE = { viewport: { width: 375, height: 667 }, colorScheme: 'dark' } as const;

describe.each([
  { name: 'at a desk in daylight', address: 'desk@example.org', options: DESK },
  { name: 'on a phone at night', address: 'phone@example.org', options: PHONE },
  { name: 'without JavaScript', address: 'plain@example.org', options: { ...PHONE, javaScriptEnabled: false } },
])('a reader $name', ({ address, options }) => {
  let browser: TestBrowser;
  const complaints: string[] = [];

  beforeEach(async () => {
    browser = await launchBrowser(options);
  });
  afterEach(() => browser.close());

  it('subscribes on the page, confirms from the mail, is welcomed, and leaves', { timeout: 180_000 }, async () => {
    const page = await browser.newPage();
    page.setDefaultTimeout(DEADLINE_MS);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // What the policy of our own pages refuses is a mistake of ours.
      if (/content security policy/i.test(message.text())) {
        complaints.push(message.text());
      }
    });

    await page.goto(system.url);
    await expectGoodPage(page, /^Subscribe to The Weekly/);
    await page.getByLabel('Mail address').fill('rita@nowhere');
    await page.getByLabel('Name').fill('Rita');
    await page.getByRole('button', { name: 'Subscribe' }).click();
    await page.getByRole('alert').waitFor();
    await expectGoodPage(page, /^Please check/);
    expect(await page.getByLabel('Mail address').inputValue()).toBe('rita@nowhere');
    expect(await page.getByLabel('Name').inputValue()).toBe('Rita');

    await page.getByLabel('Mail address').fill(address);
    await page.getByLabel(/I accept the terms/).check();
    await pressSlowly(page, 'Subscribe', 'Check your mail');
    await expectGoodPage(page, /^Check your mail/);
    const inbox = await page.getByRole('link', { name: 'Open the mail' }).getAttribute('href');
    expect(inbox).toBe(`/inbox/latest?to=${encodeURIComponent(address)}`);

    await openMail(page, address, /^Please confirm your subscription to The Weekly/);
    await expectGoodPage(page, /^Please confirm/);
    const confirmation = await follow(page, 'Continue to confirm');
    await expectGoodPage(confirmation, /^Confirm your subscription/);
    await pressSlowly(confirmation, 'Confirm my subscription', 'You are subscribed');
    await expectGoodPage(confirmation, /^Your subscription is confirmed/);
    const recorded = await confirmation.getByRole('region', { name: 'What we recorded' }).innerText();
    expect(recorded).toMatch(/You agreed to\s+By pressing Subscribe I ask to be sent The Weekly/);
    expect(recorded).toMatch(/I accept the terms\. Version 1/);
    expect(recorded.match(/\d{4} at \d\d:\d\d:\d\d\.\d{3} UTC/g)).toHaveLength(2);
    await confirmation.reload();
    await confirmation.close();

    await openMail(page, address, /^Welcome to The Weekly/);
    const preferences = await follow(page, 'see and change');
    await expectGoodPage(preferences, /^Your subscriptions/);
    await preferences.close();
    const leaving = await follow(page, 'unsubscribe');
    await expectGoodPage(leaving, /^Unsubscribe/);
    await leaving.getByRole('button', { name: 'Unsubscribe', exact: true }).click();
    await leaving.getByRole('heading', { name: 'You have left The Weekly' }).waitFor();
    await expectGoodPage(leaving, /^You have left The Weekly/);
    await takeScreenshot(leaving, `reader-left-${address}`);
    await leaving.getByRole('button', { name: 'Subscribe me again' }).click();
    await leaving.getByRole('heading', { name: 'You are subscribed again' }).waitFor();
    await expectGoodPage(leaving, /^You are subscribed again/);

    expect(complaints).toEqual([]);
  });

  it('says that somebody else typed the address, and is forgotten', { timeout: 120_000 }, async () => {
    const stranger = `not.${address}`;
    const page = await browser.newPage();
    page.setDefaultTimeout(DEADLINE_MS);
    await page.goto(system.url);
    await page.getByLabel('Mail address').fill(stranger);
    await page.getByLabel(/I accept the terms/).check();
    await pressSlowly(page, 'Subscribe', 'Check your mail');

    await openMail(page, stranger, /^Please confirm/);
    const refusal = await follow(page, 'This was not me');
    await expectGoodPage(refusal, /^This was not me/);
    await pressSlowly(refusal, /This was not me/, 'Deleted');

    await expectGoodPage(refusal, /^Deleted/);
    const rows = await system.deps.db.selectFrom('subscribers').select('id').where('address', '=', stranger).execute();
    expect(rows).toEqual([]);
  });
});
