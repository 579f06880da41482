import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decideSignups } from '../../../src/subscriptions/index.ts';
import { get, lastRequestOf, signUp, statusesOf, tokenPath } from '../../integration/subscriptions/reader.ts';
import { launchBrowser } from '../../support/browser.ts';
import type { TestBrowser } from '../../support/browser.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';

const DEADLINE_MS = 40_000;
/** Stands still while a scanner works: it is as fast as can be. */
const clock = createFakeClock();
let system: TestSystem;
let browser: TestBrowser;

beforeAll(async () => {
  system = await startTestSystem({ worker: false, clock });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  await system.stop();
});

interface Mail {
  readonly address: string;
  readonly confirm: string;
  readonly notMe: string;
}

async function receiveMail(name: string): Promise<Mail> {
  const address = `${name}@example.org`;
  await signUp(system, address);
  await decideSignups(system.deps);
  const { id } = await lastRequestOf(system.deps, address);
  return {
    address,
    confirm: tokenPath(system.deps, 'confirm', 'confirm', id),
    notMe: tokenPath(system.deps, 'not-me', 'not-me', id),
  };
}

/** Opens a link and runs what a scanner runs there, through whatever pages it leads. */
async function scan(path: string, script: string): Promise<void> {
  const page = await openPage(path);
  for (let pass = 0; pass < 3; pass += 1) {
    const answered = page.waitForEvent('load', { timeout: DEADLINE_MS });
    await page.evaluate(script);
    await answered;
  }
  await page.close();
}

async function openPage(path: string): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(DEADLINE_MS);
  await page.goto(system.url + path);
  return page;
}

async function stateOf({ address }: Mail): Promise<unknown> {
  return [(await lastRequestOf(system.deps, address)).status, await statusesOf(system.deps, address)];
}

const UNTOUCHED = ['open', ['the-weekly:pending']];

describe('a scanner of mails that runs scripts (R35, R36)', { timeout: 120_000 }, () => {
  it.each([
    ['submits every form at once', 'document.querySelectorAll("main form").forEach((form) => form.submit())'],
    ['asks the form to submit at once', 'document.querySelector("main form").requestSubmit()'],
    [
      'asks the form to submit by its button at once',
      '{ const form = document.querySelector("main form"); form.requestSubmit(form.querySelector("button")) }',
    ],
    ['clicks the button at once', 'document.querySelector("main form button").click()'],
    [
      'sends a made-up event to the button',
      'document.querySelector("main form button").dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }))',
    ],
  ])('neither confirms nor refuses when it %s', async (what, script) => {
    const mail = await receiveMail(`scanned-${what.length}`);

    await scan(mail.confirm, script);
    await scan(mail.notMe, script);

    expect(await stateOf(mail)).toEqual(UNTOUCHED);
  });

  it.each([
    ['submits the form', 'document.querySelector("main form").submit()'],
    ['asks the form to submit', 'document.querySelector("main form").requestSubmit()'],
    ['clicks the button', 'document.querySelector("main form button").click()'],
  ])('neither confirms nor refuses when it %s after a minute of waiting', async (what, script) => {
    const mail = await receiveMail(`patient-${what.length}`);
    for (const path of [mail.confirm, mail.notMe]) {
      const page = await openPage(path);
      clock.advance(60_000);
      const answered = page.waitForEvent('load');
      // `requestSubmit` alone picks no button, so the browser sends none.
      await page.evaluate(script);
      await answered;
      await page.close();
    }

    expect(await stateOf(mail)).toEqual(UNTOUCHED);
  });

  it('changes nothing by opening or probing the links', async () => {
    const mail = await receiveMail('probed');

    for (const path of [mail.confirm, mail.notMe]) {
      for (const method of ['GET', 'HEAD', 'OPTIONS']) {
        await get(system, path, method);
      }
      await (await openPage(path)).close();
    }

    expect(await stateOf(mail)).toEqual(UNTOUCHED);
  });

  it('leaves the link as it was for the person who presses the button', async () => {
    const mail = await receiveMail('person');
    await scan(mail.confirm, 'document.querySelector("main form").submit()');
    const page = await openPage(mail.confirm);

    await page.getByRole('button', { name: 'Confirm my subscription' }).click();
    await page.getByRole('heading', { name: 'You are subscribed' }).waitFor();

    expect(await stateOf(mail)).toEqual(['confirmed', ['the-weekly:active']]);
  });
});
