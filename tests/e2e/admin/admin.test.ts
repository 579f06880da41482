import type { FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { issueSetupToken } from '../../../src/accounts/index.ts';
import type { Clock } from '../../../src/shared/clock.ts';
import { expectNoAxeViolations, launchBrowser } from '../../support/browser.ts';
import type { TestBrowser } from '../../support/browser.ts';
import { addReaders } from '../../support/readers.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';

const ADDRESS = 'ada@example.org';
const PASSWORD = 'quiet river under stones';

/** Runs, and can be put ahead: so that a minute to undo does not take a minute. */
let aheadMs = 0;
const clock: Clock = { now: () => new Date(Date.now() + aheadMs), monotonicMs: () => performance.now() };

let system: TestSystem;
let browser: TestBrowser;
let page: Page;
const refused: string[] = [];

beforeAll(async () => {
  system = await startTestSystem({ inbox: true, clock });
  browser = await launchBrowser({
    viewport: { width: 1280, height: 900 },
    timezoneId: 'Europe/Vienna',
    locale: 'en-GB',
    // Axe would measure the colours of a dialog that is still fading in.
    reducedMotion: 'reduce',
  });
  page = await browser.newPage();
  page.setDefaultTimeout(15_000);
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

async function newestMail(subject: RegExp): Promise<{ readonly text: string; readonly html: string }> {
  return waitFor(`a mail "${subject.source}"`, async () => {
    const list = (await (await fetch(`${system.url}/inbox.json?to=${ADDRESS}`)).json()) as {
      mails: { id: number; subject: string }[];
    };
    const found = list.mails.find((mail) => subject.test(mail.subject));
    return (
      found && ((await (await fetch(`${system.url}/inbox/${found.id}.json`)).json()) as { text: string; html: string })
    );
  });
}

function shownMail(): FrameLocator {
  return page.frameLocator('.mail-desk iframe:not([data-waiting])');
}

it('lets the first admin in by the link from the terminal, with the zone of the browser', async () => {
  const token = await issueSetupToken(system.deps);
  await page.goto(`${system.url}/admin/setup#${token ?? ''}`);
  await page.getByLabel('Your mail address').fill(ADDRESS);
  expect(page.url()).toBe(`${system.url}/admin/setup`);
  expect(await page.getByRole('combobox', { name: 'Your time zone' }).inputValue()).toBe('Europe/Vienna');

  await page.getByRole('textbox', { name: 'A password' }).fill('password1234');
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.getByText('among the first passwords').waitFor();
  await expectNoAxeViolations(page);

  await page.getByRole('textbox', { name: 'A password' }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.getByRole('heading', { name: 'Your first ten minutes' }).waitFor();
});

it('shows the issue that comes next, rendered, with its countdown', async () => {
  await shownMail().getByText('The week in one calm read').waitFor();
  await page.getByRole('timer', { name: 'Time left' }).waitFor();
  await expectNoAxeViolations(page);
});

it('leads through the confirmation of the own address', async () => {
  const { text } = await newestMail(/^Confirm your address/);
  await page.goto(/http:\S+\/admin\/verify\/[\w-]+/.exec(text)?.[0] ?? '');
  await expectNoAxeViolations(page);
  await page.getByRole('button', { name: 'Yes, confirm it' }).click();
  await page.getByRole('heading', { name: 'Your address is confirmed' }).waitFor();

  await page.getByRole('link', { name: 'Back to the admin pages' }).click();
  await page.getByText('Confirm your own address (done)').waitFor();
});

it('keeps what was typed through a reload, and shows the compiled mail, which can run nothing', async () => {
  await page.getByRole('link', { name: 'Campaigns' }).click();
  await page.getByRole('link', { name: 'Write a campaign' }).click();
  await page.getByLabel('Subject').fill('A letter from the editor');
  await page
    .getByLabel('Text', { exact: true })
    .fill('# The harbour opens\n\nGood morning {{ subscriber.name | default: "reader" }}.');
  await shownMail().getByRole('heading', { name: 'The harbour opens' }).waitFor();
  await expectNoAxeViolations(page);

  await page.reload();
  expect(await page.getByLabel('Subject').inputValue()).toBe('A letter from the editor');
  await shownMail().getByRole('heading', { name: 'The harbour opens' }).waitFor();
  expect(await page.locator('.mail-desk iframe').first().getAttribute('sandbox')).toBe('');
  expect(await shownMail().locator('body').evaluate('origin')).toBe('null');
});

it('says what is wrong with a text, and where', async () => {
  await page.getByLabel('Text', { exact: true }).fill('# The harbour opens\n\n{{ subscriber.shoe_size }}');
  await page.getByText(/^Line 3: /).waitFor();
  await expectNoAxeViolations(page);
  await page.getByLabel('Text', { exact: true }).fill('# The harbour opens\n\nGood morning.');
  await page.getByText(/^Line 3: /).waitFor({ state: 'detached' });
});

it('sends a test to the own address, marked as one', async () => {
  await page.getByRole('button', { name: 'Send a test' }).click();
  await page.getByRole('textbox', { name: 'To' }).fill('stranger@example.org');
  await page.getByRole('button', { name: 'Send test' }).click();
  await page.getByRole('alert').waitFor();
  await expectNoAxeViolations(page);

  await page.getByRole('textbox', { name: 'To' }).fill(ADDRESS);
  await page.getByRole('button', { name: 'Send test' }).click();
  await page.getByText(`On its way to ${ADDRESS}`).waitFor();
  expect((await newestMail(/^\[Test\] A letter from the editor/)).html).toContain('The harbour opens');
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).first().click();
});

it('shows newsletter, number and subject before it sends, and takes it back within the minute', async () => {
  await addReaders(system.deps, 3);
  await page.getByRole('button', { name: 'Send …' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Goes to').waitFor();
  for (const fact of ['The Weekly', '3 subscribers', 'A letter from the editor']) {
    await dialog.getByText(fact, { exact: true }).waitFor();
  }
  await expectNoAxeViolations(page);

  await dialog.getByRole('button', { name: 'Send to 3 subscribers' }).click();
  await page.getByText(/^Starts in/).waitFor();
  await expectNoAxeViolations(page);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Save draft' }).waitFor();
});

it('sends, and counts to the end while one watches', async () => {
  await page.getByRole('button', { name: 'Send …' }).click();
  await page.getByRole('button', { name: 'Send to 3 subscribers' }).click();
  await page.getByText(/^Starts in/).waitFor();
  aheadMs += 60_000;

  await page.getByText('3 of 3 mails settled').waitFor({ timeout: 30_000 });
  await page.getByText('Sent', { exact: true }).waitFor();
  await expectNoAxeViolations(page);
  const list = await fetch(`${system.url}/inbox.json?to=reader-3@readers.example`);
  expect(await list.text()).toContain('A letter from the editor');
});

it('is whole on a phone in the dark', async () => {
  await page.setViewportSize({ width: 375, height: 760 });
  await page.emulateMedia({ colorScheme: 'dark' });
  const rooms = {
    Home: 'Your first ten minutes',
    Newsletters: 'Newsletters',
    Subscribers: 'Subscribers',
    Campaigns: 'Campaigns',
    Settings: ADDRESS,
  } as const;
  for (const [room, heading] of Object.entries(rooms)) {
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('link', { name: room, exact: true }).click();
    await page.getByRole('heading', { name: heading, exact: true }).waitFor();
    await expectNoAxeViolations(page);
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
});

it('tells a reader’s story, and stops mails to one who asks', async () => {
  await page.goto(`${system.url}/admin/subscribers?q=reader-2`);
  await page.getByRole('link', { name: /reader-2@readers\.example/ }).click();
  await page.getByText('A letter from the editor').waitFor();
  await page.getByRole('button', { name: 'Unsubscribe' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Unsubscribe' }).click();
  await page.getByText('Unsubscribed', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Close the address' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Close it' }).click();
  await page.getByText('This address gets no mails').waitFor();
  await expectNoAxeViolations(page);
});

it('asks to sign in again when the session has ended, and leads back to the same place', async () => {
  await page.goto(`${system.url}/admin/newsletters/1/sections`);
  await page.getByLabel('Name').first().waitFor();
  await system.deps.db.deleteFrom('admin_sessions').execute();
  await page.getByRole('button', { name: 'Save sections' }).click();

  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.getByLabel('Mail address').fill(ADDRESS);
  await page.getByRole('textbox', { name: 'Password' }).fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Address or password is not right.').waitFor();
  await expectNoAxeViolations(page);
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();

  await page.waitForURL(`${system.url}/admin/newsletters/1/sections`);
  await page.getByLabel('Name').first().waitFor();
});

it('did all that without once running into its own content security policy', () => {
  expect(refused).toEqual([]);
});
