import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { issueSetupToken } from '../../../src/accounts/index.ts';
import { buildIssue, listIssues } from '../../../src/digests/index.ts';
import { findNewsletter } from '../../../src/newsletters/index.ts';
import { expectNoAxeViolations, launchBrowser } from '../../support/browser.ts';
import type { TestBrowser } from '../../support/browser.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';

let system: TestSystem;
let browser: TestBrowser;
let page: Page;
let issueUrl: string;

beforeAll(async () => {
  system = await startTestSystem({ inbox: true });
  browser = await launchBrowser({ viewport: { width: 1280, height: 900 }, locale: 'en-GB', reducedMotion: 'reduce' });
  page = await browser.newPage();
  await page.goto(`${system.url}/admin/setup#${(await issueSetupToken(system.deps)) ?? ''}`);
  await page.getByLabel('Your mail address').fill('ada@example.org');
  await page.getByRole('textbox', { name: 'A password' }).fill('quiet river under stones');
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.getByRole('link', { name: 'Newsletters' }).waitFor();
  issueUrl = await buildWaitingIssue('one', 'two', 'three');
});
afterAll(async () => {
  await browser.close();
  await system.stop();
});

/** Articles by hand through the API, with the session of the page; then the clock's work, at once. */
async function buildWaitingIssue(...names: readonly string[]): Promise<string> {
  const { db, clock } = system.deps;
  const newsletter = await findNewsletter(db, { slug: 'the-weekly' });
  if (newsletter === undefined) {
    throw new Error('no newsletter');
  }
  const path = `/api/v1/newsletters/${newsletter.id}`;
  for (const name of names) {
    const url = `https://paper.example/${name}`;
    const body = { title: `Article ${name}`, url, summary: `About ${name}.`, section: 'insights' };
    expect(await call('POST', `${path}/articles`, body)).toBe(201);
  }
  const isFirst = (await listIssues(db, newsletter.id, 1)).length === 0;
  expect(await call('PATCH', `${path}/digest-rules`, { approval: 'required', prepareHours: isFirst ? 0 : 24 })).toBe(
    200,
  );
  const nextRunAt = new Date(clock.now().getTime() + (isFirst ? 0 : 20 * 3_600_000));
  await db.updateTable('newsletters').set({ next_run_at: nextRunAt }).where('id', '=', newsletter.id).execute();
  await buildIssue(system.deps, newsletter.id);
  const issue = (await listIssues(db, newsletter.id, 1))[0];
  expect(issue?.status).toBe('awaiting_approval');
  return `${system.url}/admin/newsletters/${newsletter.id}/issues/${issue?.id ?? 0}`;
}

function call(method: string, path: string, body: object): Promise<number> {
  return page.evaluate(
    async (request) => {
      const headers = { 'Content-Type': 'application/json' };
      return (await fetch(request.path, { method: request.method, headers, body: request.body })).status;
    },
    { method, path, body: JSON.stringify(body) },
  );
}

function headlines(): Promise<readonly string[]> {
  return page.getByRole('region', { name: 'Articles', exact: true }).locator('.row-title').allTextContents();
}

async function saved(): Promise<void> {
  await page.getByRole('button', { name: 'Save changes' }).click();
  await page.getByText('Issue saved.').last().waitFor();
  await page.getByRole('button', { name: 'Approve', exact: true }).waitFor();
}

it('opens from the list of issues', async () => {
  await page.goto(issueUrl.replace(/\/\d+$/, ''));
  const waiting = page.getByRole('region', { name: /^Waits for you: Article/ });
  await waiting.getByText('The first issue leaves only when somebody has looked at it').waitFor();
  await page.getByRole('table', { name: 'When the next ones come' }).getByRole('row').nth(10).waitFor();
  await expectNoAxeViolations(page);
  await waiting.getByRole('link', { name: /^Open Article (one|two|three)$/ }).click();
  await page.getByRole('heading', { name: 'Words' }).waitFor();
  expect(page.url()).toBe(issueUrl);
  await expectNoAxeViolations(page);
});

it('changes words, order and what is in; the mail shows it once it is saved', async () => {
  await page.getByLabel('Subject').fill('The week in three');
  await page.getByLabel('Intro').fill('Dear **readers**');
  const [first = '', second = '', third = ''] = await headlines();
  await page.getByRole('button', { name: `Move ${first} down` }).click();
  expect(await headlines()).toEqual([second, first, third]);
  const mail = page.frameLocator('iframe[title="The week in three"]');
  await page.getByText('as on this screen, not saved yet').waitFor();
  await mail.getByText('Dear readers').first().waitFor();
  await page.getByRole('button', { name: `Leave out ${third}` }).click();
  await page.getByRole('button', { name: `Take back ${third}` }).click();
  await page.getByRole('button', { name: `Leave out ${third}` }).click();
  await page.getByRole('button', { name: `Edit ${second}` }).click();
  await page.getByLabel('Headline').fill('A better headline');
  await expectNoAxeViolations(page);
  await saved();
  await page.getByRole('heading', { level: 1, name: 'The week in three' }).waitFor();
  await page.getByText('as it is saved').waitFor();
  await mail.getByText('A better headline').first().waitFor();
  expect(await headlines()).toEqual(['A better headline', first]);

  await page.getByRole('button', { name: `Add ${third}` }).click();
  await saved();
  expect(await headlines()).toEqual(['A better headline', first, third]);
});

/** The name of what has the focus. */
async function focused(): Promise<string | null> {
  return page.evaluate('document.activeElement.getAttribute("aria-label") ?? document.activeElement.id');
}

it('keeps the focus on what was moved by keyboard, and says where it went', async () => {
  const [first = '', second = '', third = ''] = await headlines();
  const said = page.getByRole('main').getByRole('status');
  await page.getByRole('button', { name: `Move ${first} down` }).focus();
  await page.keyboard.press('Enter');
  expect(await headlines()).toEqual([second, first, third]);
  await said.getByText(`${first} is now 2 of 3 in Insights.`).waitFor();
  await expect.poll(focused).toBe(`Move ${first} down`);
  await page.keyboard.press('Enter');
  await expect.poll(focused).toBe(`Move ${first} down`);
  // Nothing is beyond the end.
  await page.keyboard.press('Enter');
  expect(await headlines()).toEqual([second, third, first]);
  await page.getByRole('button', { name: `Leave out ${first}` }).focus();
  await page.keyboard.press('Enter');
  await expect.poll(focused).toBe(`Leave out ${third}`);
  await page.getByRole('button', { name: `Take back ${first}` }).press('Enter');
  await expect.poll(focused).toBe(`Leave out ${first}`);
  await page.getByRole('button', { name: `Edit ${second}` }).press('Enter');
  const moving = page.getByRole('listitem').filter({ hasText: second });
  await moving.getByRole('combobox', { name: 'Section' }).click();
  await page.getByRole('option').last().click();
  await said.getByText(new RegExp(`^${second} is now the last of `)).waitFor();
  await expect.poll(focused).toMatch(/^section-of-/);
  await page.getByRole('button', { name: 'Discard' }).click();
  expect(await headlines()).toEqual([first, second, third]);
});

it('keeps what is not saved over a reload', async () => {
  await page.getByLabel('Preview line').fill('Half a thought');
  await page.reload();
  await expect.poll(() => page.getByLabel('Preview line').inputValue()).toBe('Half a thought');
  await page.getByText('Save or discard your changes, then approve.').waitFor();
  await page.getByRole('button', { name: 'Discard' }).click();
  await page.getByRole('button', { name: 'Approve', exact: true }).waitFor();
});

it('tells the second of two tabs, and loses nothing of the first', async () => {
  await page.getByLabel('Subject').fill('Mine');
  const id = issueUrl.split('/').at(-1) ?? '';
  const status = await page.evaluate(async (path) => {
    const revision = ((await (await fetch(path)).json()) as { revision: number }).revision;
    const body = JSON.stringify({ revision, title: 'Theirs' });
    return (await fetch(path, { method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body })).status;
  }, `/api/v1/issues/${id}`);
  expect(status).toBe(200);
  await page.getByRole('button', { name: 'Save changes' }).click();
  await page.getByText('Somebody else has changed this issue meanwhile.').waitFor();
  expect(await page.getByLabel('Subject').inputValue()).toBe('Mine');
  await expectNoAxeViolations(page);
  await page.getByRole('button', { name: 'Show theirs, without my changes' }).click();
  await expect.poll(() => page.getByLabel('Subject').inputValue()).toBe('Theirs');
});

it('works on a phone, and approves with one question', async () => {
  await page.setViewportSize({ width: 375, height: 740 });
  // The page is laid out anew some frames later.
  await expect.poll(() => page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
  await expectNoAxeViolations(page);
  await page.getByRole('button', { name: 'Approve', exact: true }).click();
  await page.getByRole('button', { name: 'Approve and send' }).click();
  await page.getByRole('link', { name: 'How it went out' }).waitFor();
  expect(await page.getByRole('button', { name: 'Save changes' }).count()).toBe(0);
});

it('approves for its time, and takes that back', async () => {
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(await buildWaitingIssue('four', 'five'));
  await page.getByText('It waits until it is approved. Its time comes in').waitFor();
  await page.getByRole('button', { name: 'Approve', exact: true }).click();
  const question = page.getByRole('dialog');
  await question.getByRole('radio', { name: /^At its time: / }).waitFor();
  await expectNoAxeViolations(page);
  await question.getByRole('button', { name: 'Approve', exact: true }).click();
  await page.getByText(/^It leaves on /).waitFor();
  await expectNoAxeViolations(page);
  await page.getByRole('button', { name: 'Take back' }).click();
  await page.getByRole('button', { name: 'Take it back' }).click();
  await page.getByRole('heading', { name: 'Words' }).waitFor();
  await page.getByRole('button', { name: 'Drop', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Drop', exact: true }).click();
  await page.getByText('An editor dropped it. Its 2 articles may come in a later one.').waitFor();
});

it('sets how issues come about and how they look', async () => {
  await page.setViewportSize({ width: 1280, height: 900 });
  const room = issueUrl.replace(/\/issues\/\d+$/, '');
  await page.goto(`${room}/settings`);
  const rules = page.getByRole('region', { name: 'How issues come about' });
  await rules.getByLabel('Ready this many hours ahead').fill('48');
  await rules.getByText('More: how many').click();
  await rules.getByLabel('Tag links with the source').fill('weekly');
  await expectNoAxeViolations(page);
  await rules.getByRole('button', { name: 'Save rules' }).click();
  await rules.locator('.mantine-InputWrapper-error').getByText('Say which sites are yours').waitFor();
  await rules.getByLabel('On your sites').fill('paper.example\n');
  await rules.getByRole('button', { name: 'Save rules' }).click();
  await page.getByText('Saved. It counts from the next issue on.').waitFor();

  await page.goto(`${room}/look`);
  const look = page.getByRole('region', { name: 'Look' });
  await look.getByLabel('Colour of links and lines').fill('#ffd400');
  await look.getByText('#ffd400 is too pale for words on white').waitFor();
  await look.getByLabel('Colour of links and lines').fill('#8a2d1f');
  await look.getByLabel('Footer').fill('Made by people.');
  await expectNoAxeViolations(page);
  const mail = page.frameLocator('iframe[title="A mail in this look"]');
  await mail.getByText('Made by people.').waitFor();
  await page.getByText('as on this screen, not saved yet').waitFor();
  await page.getByRole('radiogroup', { name: 'Colours of the reader’s device' }).getByText('Dark').click();
  await expectNoAxeViolations(page);
  await look.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Saved. Mails look like this from now on.').waitFor();
  const stored = await system.deps.db.selectFrom('newsletter_brands').selectAll().executeTakeFirstOrThrow();
  expect(stored).toMatchObject({ accent_color: '#8a2d1f', footer_text: 'Made by people.' });
});
