import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createNewsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { decideSignups } from '../../../src/subscriptions/index.ts';
import { expectNoAxeViolations, launchBrowser, takeScreenshot } from '../../support/browser.ts';
import type { TestBrowser } from '../../support/browser.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';
import { preferencesOf } from '../../integration/preferences/visitor.ts';
import {
  lastRequestOf,
  press,
  signUp,
  statusesOf,
  tokenPath,
  waitForMailTo,
} from '../../integration/subscriptions/reader.ts';

/** The machine that runs this may be busy. */
const DEADLINE_MS = 40_000;
let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem();
  await createNewsletter(system.deps, { name: 'The Daily', slug: 'the-daily' }, CLI_ACTOR);
});
afterAll(() => system.stop());

async function becomeReader(address: string): Promise<void> {
  await signUp(system, address);
  await waitFor('the decision', async () => {
    await decideSignups(system.deps);
    return (await lastRequestOf(system.deps, address)).decision === 'confirmation';
  });
  const { id } = await lastRequestOf(system.deps, address);
  await press(system, tokenPath(system.deps, 'confirm', 'confirm', id));
}

async function expectGoodPage(page: Page, heading: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name: heading }).waitFor();
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  if (!(await page.evaluate('matchMedia("(scripting: none)").matches'))) {
    await expectNoAxeViolations(page);
  }
}

const DESK = { viewport: { width: 1280, height: 900 }, colorScheme: 'light' } as const;
const PHONE = { viewport: { width: 375, height: 667 }, colorScheme: 'dark' } as const;

describe.each([
  { name: 'at a desk in daylight', address: 'desk@example.org', options: DESK },
  {
    name: 'on a phone at night without JavaScript',
    address: 'phone@example.org',
    options: { ...PHONE, javaScriptEnabled: false },
  },
])('a reader $name', ({ address, options }) => {
  let browser: TestBrowser;
  let page: Page;
  const complaints: string[] = [];

  beforeEach(async () => {
    browser = await launchBrowser({ ...options, locale: 'en-GB', acceptDownloads: true });
    page = await browser.newPage();
    page.setDefaultTimeout(DEADLINE_MS);
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) {
        complaints.push(message.text());
      }
    });
  });
  afterEach(() => browser.close());

  it('changes everything by a fresh link, and is deleted', { timeout: 180_000 }, async () => {
    await becomeReader(address);
    await page.goto(system.url + (await preferencesOf(system, address)));
    await expectGoodPage(page, 'Your subscriptions');
    expect(await page.content()).not.toContain(address);
    await page.getByRole('button', { name: 'Mail me a link' }).click();
    await expectGoodPage(page, 'Look in your mail');

    const mail = await waitForMailTo(system, address, /^Your link to The Weekly/);
    await page.goto(system.url + mail.pathOf('my/open'));
    await expectGoodPage(page, 'Open your subscriptions');
    await page.getByRole('button', { name: 'Open' }).click();
    await expectGoodPage(page, 'Your subscriptions');
    expect(await page.content()).toContain(address);
    await takeScreenshot(page, `visit-${address}`);

    await page.getByRole('button', { name: 'Subscribe to The Daily' }).click();
    await page.getByText('You are subscribed.').waitFor();
    await page.getByLabel('How long').selectOption({ index: 2 });
    await page.getByRole('button', { name: 'Pause' }).click();
    await page
      .getByText(/^Paused until/)
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Go on now: The Daily' }).click();
    await page.getByText('Issues come again from now on.').waitFor();
    await page.goBack();
    await page.goBack();
    await page.getByRole('button', { name: 'Leave The Daily' }).click();
    await page.getByText(/^You have left it\./).waitFor();
    expect(await statusesOf(system.deps, address)).toEqual(['the-daily:unsubscribed', 'the-weekly:active']);

    await page.getByRole('button', { name: 'Allow tracking' }).click();
    await page.getByRole('button', { name: 'Turn tracking off' }).click();
    await page.getByText('Tracking is off.').waitFor();
    await page.getByLabel('Time zone').fill('Europe/Berlin');
    await page.getByRole('combobox', { name: 'Language' }).selectOption('de');
    await page.getByRole('button', { name: 'Save' }).click();
    await expectGoodPage(page, 'Ihre Abonnements');
    await page.getByRole('combobox', { name: 'Sprache' }).selectOption('en');
    await page.getByRole('button', { name: 'Speichern' }).click();
    await expectGoodPage(page, 'Your subscriptions');

    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download my data' }).click();
    const data = JSON.parse(await readFile(await (await download).path(), 'utf8')) as { consent: unknown[] };
    expect(data.consent.length).toBeGreaterThan(5);

    await page.getByRole('link', { name: 'Delete me …' }).click();
    await expectGoodPage(page, 'Delete everything about you?');
    await page.getByRole('button', { name: 'Delete everything' }).click();
    await expectGoodPage(page, 'You are deleted');
    await page.goto(`${system.url}/my`);
    await expectGoodPage(page, 'Your subscriptions');
    await page.getByText('Your visit has ended.').waitFor();
    expect(await statusesOf(system.deps, address)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('moves to another address when both mailboxes agree', { timeout: 180_000 }, async () => {
    const old = `old.${address}`;
    const wanted = `new.${address}`;
    await becomeReader(old);
    await page.goto(`${system.url}/preferences`);
    await expectGoodPage(page, 'Your subscriptions');
    await page.getByLabel('Mail address').fill(old);
    await page.getByRole('button', { name: 'Mail me a link' }).click();
    await expectGoodPage(page, 'Look in your mail');
    await page.goto(system.url + (await waitForMailTo(system, old, /^Your link to/)).pathOf('my/open'));
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByLabel('New address').fill(wanted);
    await page.getByRole('button', { name: 'Change the address' }).click();
    await page.getByText('We have mailed both addresses.').waitFor();

    await page.goto(
      system.url + (await waitForMailTo(system, wanted, /^Please confirm your new address/)).pathOf('address'),
    );
    await expectGoodPage(page, 'Is this your new address?');
    await page.getByRole('button', { name: 'Yes, send them here' }).click();
    await expectGoodPage(page, 'One mailbox is left');
    await page.goto(system.url + (await waitForMailTo(system, old, /^Should The Weekly go/)).pathOf('address'));
    await expectGoodPage(page, 'Should your mails go elsewhere?');
    await page.getByRole('button', { name: 'Yes, that is right' }).click();
    await expectGoodPage(page, 'The address has changed');

    expect(await statusesOf(system.deps, wanted)).toEqual(['the-weekly:active']);
    expect(await statusesOf(system.deps, old)).toEqual([]);
    await page.goto(`${system.url}/my`);
    await page.getByText('Your visit has ended.').waitFor();
    expect(complaints).toEqual([]);
  });
});
