import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOCALES, translatorFor } from '../../../src/i18n/index.ts';
import { createNewsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { publishIssue } from '../../integration/embed/published-issue.ts';
import { requestsOf } from '../../integration/subscriptions/reader.ts';
import { expectNoAxeViolations, launchBrowser, takeScreenshot } from '../../support/browser.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';

let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
  const { id } = await createNewsletter(
    system.deps,
    {
      name: 'City Notes',
      slug: 'city',
      description: 'What moves the city, told by those who live in it. Every working day before breakfast.',
      cron: '30 6 * * 1-5',
      timeZone: 'Europe/Berlin',
    },
    CLI_ACTOR,
  );
  const headlines = [
    'The harbour opens after four years',
    'A tram that nobody ordered, and the street that wants to keep it',
    'Rent: what the court said',
    'Swimming in the river again',
  ];
  await publishIssue(system, id, { number: 12, title: 'The harbour opens, and three more stories', headlines });
});
afterAll(() => system.stop());

describe.each([
  { name: 'desk', options: { viewport: { width: 1280, height: 900 }, colorScheme: 'light' } },
  { name: 'phone', options: { viewport: { width: 375, height: 700 }, colorScheme: 'dark' } },
] as const)('a newsletter’s page ($name)', ({ name, options }) => {
  it.each(LOCALES)('has no barrier in %s, with and without an issue to show', async (locale) => {
    const browser = await launchBrowser(options);
    const page = await browser.newPage();
    for (const slug of ['city', 'the-weekly']) {
      await page.goto(`${system.url}/newsletters/${slug}?lang=${locale}`);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      await takeScreenshot(page, `newsletter-${slug}-${locale}-${name}`);
      await expectNoAxeViolations(page);
    }
    await page.goto(`${system.url}/?lang=${locale}`);
    await takeScreenshot(page, `signup-choice-${locale}-${name}`);
    await expectNoAxeViolations(page);
    await browser.close();
  });
});

it('leads from the sign-up page to the newsletter, and from its form to the mail, in one language', async () => {
  const browser = await launchBrowser({ javaScriptEnabled: false });
  const page = await browser.newPage();
  page.setDefaultTimeout(20_000);
  const text = translatorFor('de');
  await page.goto(`${system.url}/newsletters/city?lang=de`);
  await page.getByRole('button', { name: text('signup.button') }).click();
  await page.getByRole('alert').waitFor();
  expect(await page.getByRole('heading', { level: 1 }).innerText()).toContain('City Notes');

  await page.getByLabel(text('signup.email')).fill('page@example.org');
  await page.getByRole('checkbox').check();
  // Whoever presses at once is shown the page again, as a program would be (R38).
  for (let presses = 0; !page.url().includes('/check-your-mail/') && presses < 20; presses += 1) {
    await page.getByRole('button', { name: text('signup.button') }).click();
    await page.waitForLoadState();
  }
  await page.getByRole('heading', { name: text('check_mail.title') }).waitFor();
  expect(await requestsOf(system.deps, 'page@example.org')).toHaveLength(1);
  await browser.close();
});
