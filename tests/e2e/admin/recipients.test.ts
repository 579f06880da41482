import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { issueSetupToken } from '../../../src/accounts/index.ts';
import { createCampaign } from '../../../src/campaigns/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { CampaignId } from '../../../src/shared/ids.ts';
import { sendWithOutcomes, statesOf } from '../../integration/campaigns/outcomes.ts';
import type { Outcome } from '../../integration/campaigns/outcomes.ts';
import { expectNoAxeViolations, launchBrowser, takeScreenshot } from '../../support/browser.ts';
import type { TestBrowser } from '../../support/browser.ts';
import { addReaders } from '../../support/readers.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';

const WORDS = '552 5.2.2 <img src=x onerror=document.title="run"> mailbox full';
const OUTCOMES: Readonly<Record<string, Outcome>> = {
  'reader-1@readers.example': { state: 'accepted' },
  'reader-2@readers.example': { state: 'accepted' },
  'reader-3@readers.example': { state: 'rejected', reason: 'mailbox_full', words: WORDS },
  'reader-4@readers.example': { state: 'deferred', reason: 'greylisted', words: '451 4.7.1 come back later' },
  'reader-5@readers.example': { state: 'ambiguous', reason: 'reply_never_came' },
  'reader-6@readers.example': { state: 'ambiguous', reason: 'reply_never_came' },
};

let system: TestSystem;
let browser: TestBrowser;
let page: Page;
let id: CampaignId;

beforeAll(async () => {
  system = await startTestSystem({ inbox: true, worker: false });
  const newsletterId = await addReaders(system.deps, Object.keys(OUTCOMES).length);
  const text = { subject: 'The harbour opens', preheader: null, format: 'markdown', source: 'Hello.' } as const;
  const desk = {
    deps: system.deps,
    rung: [],
    writeCampaign: async () =>
      (await createCampaign(system.deps, { ...text, newsletter: { id: newsletterId } }, CLI_ACTOR)).campaign,
  };
  id = await sendWithOutcomes(desk, OUTCOMES, 'paused');
  browser = await launchBrowser({ viewport: { width: 1280, height: 900 }, locale: 'en-GB', reducedMotion: 'reduce' });
  page = await browser.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(`${system.url}/admin/setup#${(await issueSetupToken(system.deps)) ?? ''}`);
  await page.getByLabel('Your mail address').fill('ada@example.org');
  await page.getByRole('textbox', { name: 'A password' }).fill('quiet river under stones');
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.getByRole('heading', { name: 'Your first ten minutes' }).waitFor();
});
afterAll(async () => {
  await browser.close();
  await system.stop();
});

/** In both schemes and at both widths, for whoever wants to look. */
async function shoot(name: string): Promise<void> {
  if (process.env['SCREENSHOTS'] === undefined) {
    return;
  }
  for (const [scheme, width] of [
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
    ['dark', 390],
  ] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: 900 });
    // The menu slides away.
    await waitFor('the page to be at rest', () => page.evaluate<boolean>('document.getAnimations().length === 0'));
    await takeScreenshot(page, `${name}-${scheme}-${width}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 900 });
}

it('shows a sum that balances, and leads from each part to those who are in it', async () => {
  await page.goto(`${system.url}/admin/campaigns/${id}`);
  await page.getByRole('heading', { name: 'In doubt' }).waitFor();
  await expectNoAxeViolations(page);
  await shoot('campaign');

  await page.getByRole('link', { name: /^Rejected/ }).click();
  await page.getByRole('heading', { name: 'Who got it' }).waitFor();
  await page.getByText('reader-3@readers.example').waitFor();
  expect(await page.locator('.row-button').count()).toBe(1);
});

it('lists who got it, shows what servers say as text, and tells the story of one mail (S9)', async () => {
  await page.goto(`${system.url}/admin/campaigns/${id}/recipients`);
  await page.getByText(WORDS).waitFor();
  expect(await page.locator('.row-button').count()).toBe(6);
  await expectNoAxeViolations(page);
  await shoot('recipients');

  await page.getByRole('button', { name: /reader-3@/ }).click();
  await page.getByRole('dialog').getByText('Message-ID <').waitFor();
  await page.getByRole('dialog').getByText(WORDS).waitFor();
  await expectNoAxeViolations(page);
  await shoot('story');
  expect(await page.title()).not.toBe('run');
  await page.keyboard.press('Escape');
});

it('finds one by the exact address, which never stands in the address bar', async () => {
  await page.getByRole('searchbox', { name: 'Search by exact address' }).fill('READER-4@readers.example');
  await page.getByText('reader-5@readers.example').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: /reader-4@/ }).waitFor();
  expect(page.url()).not.toContain('reader');
  await page.getByRole('searchbox', { name: 'Search by exact address' }).fill('stranger@readers.example');
  await page.getByText('No mail of this campaign went to that address.').waitFor();
});

it('exports the list as CSV', async () => {
  await page.goto(`${system.url}/admin/campaigns/${id}/recipients?state=accepted`);
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export as CSV' }).click();
  const text = await readFile(await (await downloading).path(), 'utf8');
  expect(text.trim().split('\r\n')).toHaveLength(3);
});

it('takes decisions about what is in doubt, one or all', async () => {
  await page.goto(`${system.url}/admin/campaigns/${id}`);
  await page.getByRole('checkbox', { name: 'reader-5@readers.example' }).check();
  await page.getByRole('button', { name: 'Note 1 as accepted' }).click();
  await page.getByText('1 mail noted as accepted.').waitFor();
  await page.getByRole('button', { name: 'Send all again' }).click();
  await page.getByText('Whom the first one reached gets it twice.').waitFor();
  await shoot('resend');
  await page.getByRole('button', { name: 'Send again', exact: true }).click();
  await page.getByRole('heading', { name: 'In doubt' }).waitFor({ state: 'detached' });
  expect(await statesOf({ deps: system.deps }, id)).toMatchObject({
    'reader-5@readers.example': 'accepted',
    'reader-6@readers.example': 'planned',
  });
});

it('says what each policy for broken connections risks, before anything leaves', async () => {
  await page.goto(`${system.url}/admin/campaigns/new`);
  await page.getByLabel('Subject').fill('A letter');
  await page.getByLabel('Text', { exact: true }).fill('Good morning.');
  await page.getByRole('button', { name: 'Send …' }).click();
  await page.getByText('Nobody misses it; somebody may get it twice.').waitFor();
  await expectNoAxeViolations(page);
  await shoot('policy');
  await page.getByRole('radio', { name: 'Send it again after ten minutes' }).check();
  await page.getByRole('button', { name: 'Send to 6 subscribers' }).click();
  await page.getByRole('button', { name: 'Undo' }).waitFor();
  const stored = await system.deps.db.selectFrom('campaigns').selectAll().orderBy('id', 'desc').executeTakeFirst();
  expect(stored).toMatchObject({ status: 'scheduled', ambiguous_policy: 'resend' });
});

it('sends once more to the rejected, after it has said to how many', async () => {
  await page.goto(`${system.url}/admin/campaigns/${id}`);
  await page.getByRole('button', { name: 'Retry the rejected' }).click();
  await page.getByText('It goes once more to 1 reader').waitFor();
  await expectNoAxeViolations(page);
  await shoot('retry');
  await page.getByRole('button', { name: 'Send once more' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await statesOf({ deps: system.deps }, id)).toMatchObject({ 'reader-3@readers.example': 'planned' });
});
