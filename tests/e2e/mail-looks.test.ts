import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileMail, loadMailTemplates, readSampleMail, renderForReader } from '../../src/rendering/index.ts';
import type { MailInput } from '../../src/rendering/index.ts';
import { expectNoAxeViolations, launchBrowser } from '../support/browser.ts';
import type { TestBrowser } from '../support/browser.ts';
import { arabicIssue, brandedIssue, englishIssue } from '../screenshots/sample-issue.ts';

type DigestVariant = Extract<MailInput, { template: 'digest' }>['variant'];

const mailTemplates = loadMailTemplates();
let browser: TestBrowser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

async function htmlOf(input: MailInput): Promise<string> {
  const outcome = await compileMail({ mailTemplates }, input);
  if (!outcome.ok) {
    throw new Error(JSON.stringify(outcome.problems));
  }
  return renderForReader(outcome.mail, readSampleMail('digest').reader).html;
}

async function show(html: string, device: { colorScheme: 'light' | 'dark'; width: number }): Promise<Page> {
  const page = await browser.newPage();
  await page.emulateMedia({ colorScheme: device.colorScheme });
  await page.setViewportSize({ width: device.width, height: 800 });
  await page.route('https://**', (route) => route.abort());
  await page.setContent(html, { waitUntil: 'domcontentloaded' });
  return page;
}

const digest = (variant: DigestVariant): MailInput => ({ template: 'digest', variant });
const campaign = readSampleMail('campaign').input;
const MAILS: readonly (readonly [string, MailInput])[] = [
  ['the edition', digest(englishIssue())],
  ['the edition of a publisher', digest(brandedIssue())],
  ['the edition in Arabic', digest(arabicIssue())],
  ['the plain layout', digest(englishIssue({ layout: 'plain' }))],
  ['the plain layout in Arabic', digest({ ...arabicIssue(), layout: 'plain' })],
  ['a campaign', campaign],
];

describe.each(MAILS)('%s', (_name, input) => {
  it.each(['light', 'dark'] as const)('can be read by everybody in %s colours', async (colorScheme) => {
    const page = await show(await htmlOf(input), { colorScheme, width: 760 });

    // A mail is shown inside of the page of a mailbox, which has the landmarks.
    await page.evaluate("document.querySelector('body > div[role=article]').setAttribute('role', 'main')");
    await expectNoAxeViolations(page);
  });

  it('fits on a narrow phone, with its images blocked', async () => {
    const page = await show(await htmlOf(input), { colorScheme: 'light', width: 320 });

    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
  });
});
