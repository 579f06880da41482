import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findNewsletter, updateNewsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { lastRequestOf, requestsOf, TERMS, waitForMailTo } from '../../integration/subscriptions/reader.ts';
import { launchBrowser } from '../../support/browser.ts';
import type { TestBrowser } from '../../support/browser.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';
import { startForeignSite } from './foreign-site.ts';
import type { ForeignSite } from './foreign-site.ts';
import { nameSites } from './name-site.ts';
import { startProxy } from './proxy.ts';

let system: TestSystem;
let site: ForeignSite;
let stranger: ForeignSite;
let browser: TestBrowser;
let page: Page;
let asked: string[];
let complaints: string[];

beforeAll(async () => {
  system = await startTestSystem({ environment: { TRUST_PROXY: 'loopback' } });
  const element = `<courant-signup newsletters="the-weekly" lang="en"><a href="${system.url}/newsletters/the-weekly">Subscribe to The Weekly</a></courant-signup>`;
  site = await startForeignSite({ courantUrl: system.url, element });
  stranger = await startForeignSite({ courantUrl: system.url, element });
  await nameSites(system, [site.origin]);
});
afterAll(async () => {
  await site.close();
  await stranger.close();
  await system.stop();
});
beforeEach(async () => {
  browser = await launchBrowser({ viewport: { width: 800, height: 700 } });
  page = await browser.newPage();
  page.setDefaultTimeout(15_000);
  asked = [];
  complaints = [];
  page.on('request', (request) => {
    if (request.url().startsWith(system.url)) {
      asked.push(`${request.method()} ${new URL(request.url()).pathname}`);
    }
  });
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
});
afterEach(() => browser.close());

/** What has the keyboard, inside the element. */
const FOCUSED = `document.querySelector('courant-signup').shadowRoot.activeElement`;

const button = () => page.getByRole('button', { name: 'Subscribe', exact: true });

async function open(path = '/article'): Promise<void> {
  await page.goto(site.origin + path);
}

async function fill(address: string): Promise<void> {
  await page.getByLabel('Mail address').fill(address);
  await page.getByRole('checkbox', { name: 'I accept the terms.' }).check();
}

/** More than a household needs, from the reader's own address; the statuses. */
function flood(url: string): Promise<readonly number[]> {
  return Promise.all(
    Array.from({ length: 31 }, async (_none, index) => {
      const response = await fetch(`${url}/api/v1/subscriptions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: `flood-${index}@example.org`, ...TERMS }),
      });
      return response.status;
    }),
  );
}

describe('the element on an article page of another site', () => {
  it('signs up under a strict policy; the mail comes, and the record says what was shown (R27)', async () => {
    await open();
    await button().waitFor();
    const shown = await page.locator('courant-signup .box').innerText();
    await fill('foreign@example.org');
    await button().click();
    await page.getByText('Check your mail').waitFor();

    await waitForMailTo(system, 'foreign@example.org', /confirm/i);
    const { subscriberId } = await lastRequestOf(system.deps, 'foreign@example.org');
    const record = await system.deps.db
      .selectFrom('consent_records as r')
      .innerJoin('consent_texts as c', 'c.hash', 'r.consent_text')
      .innerJoin('consent_texts as t', 't.hash', 'r.terms_text')
      .innerJoin('consent_texts as p', 'p.hash', 'r.privacy_text')
      .select(['c.text as consent', 't.text as terms', 'p.text as privacy'])
      .select(['r.method', 'r.form_id', 'r.page_url', 'r.is_asserted_by_caller'])
      .where('r.subscriber_id', '=', subscriberId)
      .where('r.action', '=', 'requested')
      .executeTakeFirstOrThrow();
    expect(record).toMatchObject({
      method: 'button',
      form_id: 'embed',
      page_url: `${site.origin}/article`,
      is_asserted_by_caller: false,
    });
    for (const text of [record.consent, record.terms, record.privacy]) {
      expect(shown.replaceAll(/\s+/g, ' ')).toContain(text);
    }
    expect(complaints).toEqual([]);
  });

  it('keeps nothing in the browser, and asks for no more than it needs when it needs it', async () => {
    await open('/long');
    await waitFor('the script', () => page.evaluate('customElements.get("courant-signup") !== undefined'));
    expect(asked).toEqual(['GET /embed.js']);

    await page.locator('courant-signup').scrollIntoViewIfNeeded();
    await button().waitFor();
    expect(asked).toEqual(['GET /embed.js', 'GET /api/v1/signup-form']);

    await page.getByLabel('Mail address').focus();
    await page.getByRole('checkbox').focus();
    await waitFor('the token', () => asked.length === 3);
    expect(asked.at(-1)).toBe('GET /api/v1/form-token');

    await fill('nothing-kept@example.org');
    await button().click();
    await page.getByText('Check your mail').waitFor();
    expect(asked.filter((one) => one !== 'OPTIONS /api/v1/subscriptions').slice(3)).toEqual([
      'POST /api/v1/subscriptions',
    ]);
    expect(await page.context().cookies()).toEqual([]);
    expect(await page.evaluate('localStorage.length + sessionStorage.length')).toBe(0);
    expect(await page.evaluate('indexedDB.databases().then((all) => all.length)')).toBe(0);
  });

  it('names each missing field at the field, for eyes and for screen readers, and goes to the first', async () => {
    await open();
    await button().click();

    const email = page.getByLabel('Mail address');
    await page.getByText('Please enter your mail address.').waitFor();
    expect(await email.getAttribute('aria-invalid')).toBe('true');
    expect(await email.getAttribute('aria-describedby')).toBe('email-error');
    expect(await page.evaluate(`${FOCUSED}.id`)).toBe('email');
    expect(asked).not.toContain('POST /api/v1/subscriptions');

    await email.fill('nobody');
    await page.getByRole('checkbox').check();
    await button().click();
    await page.getByText('This does not look like a mail address.').waitFor();
    expect(await page.getByText('Please tick the box').isVisible()).toBe(false);
    expect(await email.inputValue()).toBe('nobody');
  });

  it('is worked by keyboard alone, and sends once however often it is pressed', async () => {
    await open();
    await page.getByLabel('Mail address').focus();
    await page.keyboard.type('keys@example.org');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await page.getByText('Check your mail').waitFor();

    expect(asked.filter((one) => one === 'POST /api/v1/subscriptions')).toHaveLength(1);
    expect(await requestsOf(system.deps, 'keys@example.org')).toHaveLength(1);
    expect(await page.evaluate(`${FOCUSED}.role`)).toBe('status');
  });

  it('loses nothing when the network fails: one button tries again', async () => {
    await open();
    await fill('cut@example.org');
    await page.route('**/api/v1/subscriptions', (route) => route.abort());
    await button().click();
    await page.getByRole('alert').getByText('Nothing is lost').waitFor();
    expect(await page.getByLabel('Mail address').inputValue()).toBe('cut@example.org');
    expect(await page.getByRole('alert').getByRole('link').getAttribute('href')).toBe(
      `${system.url}/newsletters/the-weekly?lang=en`,
    );

    await page.unroute('**/api/v1/subscriptions');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Check your mail').waitFor();
    expect(await requestsOf(system.deps, 'cut@example.org')).toHaveLength(1);
  });

  it('shows the new words first when they changed while the page lay open', async () => {
    await open();
    await fill('changed@example.org');
    const weekly = await findNewsletter(system.deps.db, { slug: 'the-weekly' });
    if (weekly === undefined) {
      throw new Error('there is no such newsletter');
    }
    await updateNewsletter(system.deps, weekly.id, { cron: '0 9 * * 5' }, CLI_ACTOR);
    await waitFor('the new words', async () =>
      (await system.deps.signupForms.current('en')).consentTexts.get('the-weekly')?.includes('Friday'),
    );
    await button().click();
    await page.getByRole('alert').getByText('has changed').waitFor();
    await page.locator('#consent', { hasText: 'Friday' }).waitFor();
    expect(await page.getByLabel('Mail address').inputValue()).toBe('changed@example.org');
    expect(await page.getByRole('checkbox').isChecked()).toBe(false);
    expect(await requestsOf(system.deps, 'changed@example.org')).toEqual([]);

    await page.getByRole('checkbox').check();
    await button().click();
    await page.getByText('Check your mail').waitFor();
    expect(await requestsOf(system.deps, 'changed@example.org')).toHaveLength(1);
  });

  it('says when to come back while its network is limited (R38)', async () => {
    const proxy = await startProxy(system.url, '203.0.113.9');
    const limited = await startForeignSite({
      courantUrl: proxy.origin,
      element: '<courant-signup lang="en"></courant-signup>',
    });
    await nameSites(system, [site.origin, limited.origin]);
    await page.goto(`${limited.origin}/article`);
    await fill('limited@example.org');
    expect(await flood(proxy.origin)).toContain(429);
    await button().click();

    await page
      .getByRole('alert')
      .getByText(/too many requests.* in \d+ (?:second|minute|hour)s?\./)
      .waitFor();
    expect(await page.getByLabel('Mail address').inputValue()).toBe('limited@example.org');
    await limited.close();
    await proxy.close();
  });
});

describe('where the form may not or cannot be', () => {
  it('leaves the link of the page, and tells its maker why, on a site that nobody named (A5)', async () => {
    await page.goto(`${stranger.origin}/article`);
    await waitFor('the refusal', () => complaints.some((text) => text.includes('courant-signup')));

    expect(await page.getByRole('link', { name: 'Subscribe to The Weekly' }).isVisible()).toBe(true);
    expect(await page.getByRole('button').count()).toBe(0);
    expect(complaints.find((text) => text.startsWith('courant-signup'))).toContain(`Is ${stranger.origin} named`);
  });

  it('links to our page where the site left the element empty', async () => {
    await page.goto(`${stranger.origin}/bare`);
    const link = page.locator('courant-signup').getByRole('link');
    await link.waitFor();

    expect(await link.getAttribute('href')).toBe(`${system.url}/`);
  });

  it('leaves the link of the page without JavaScript', async () => {
    const plain = await launchBrowser({ javaScriptEnabled: false });
    const page = await plain.newPage();
    await page.goto(`${site.origin}/article`);

    expect(await page.getByRole('link', { name: 'Subscribe to The Weekly' }).isVisible()).toBe(true);
    await plain.close();
  });
});
