import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { issueSetupToken } from '../../../src/accounts/index.ts';
import { openFeedSite, rssOf } from '../../integration/content/feed-site.ts';
import type { FeedSite } from '../../integration/content/feed-site.ts';
import { expectNoAxeViolations, launchBrowser } from '../../support/browser.ts';
import type { TestBrowser } from '../../support/browser.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';

let system: TestSystem;
let site: FeedSite;
let browser: TestBrowser;
let page: Page;

beforeAll(async () => {
  site = await openFeedSite();
  system = await startTestSystem({ inbox: true, environment: { FETCH_ALLOW: '127.0.0.0/8' } });
  browser = await launchBrowser({ viewport: { width: 1280, height: 900 }, locale: 'en-GB', reducedMotion: 'reduce' });
  page = await browser.newPage();
  await page.goto(`${system.url}/admin/setup#${(await issueSetupToken(system.deps)) ?? ''}`);
  await page.getByLabel('Your mail address').fill('ada@example.org');
  await page.getByRole('textbox', { name: 'A password' }).fill('quiet river under stones');
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.getByRole('link', { name: 'Newsletters' }).click();
  await page.getByRole('link', { name: 'The Weekly' }).first().click();
});
afterAll(async () => {
  await browser.close();
  await system.stop();
  await site.close();
});

async function tab(name: string): Promise<void> {
  await page.getByRole('tab', { name, exact: true }).click();
}

it('shows a feed with its history, in words, and moves it with its articles', async () => {
  const items = ['one', 'two'].map((id) => ({ id, minutesAgo: 30 }));
  site.answer = (_req, res) =>
    res.end(rssOf(items, new Date()).replaceAll('</guid>', '</guid><category>City life</category>'));
  await tab('Feeds');
  await page.getByLabel('Address of the feed').fill(`${site.url}/feed`);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByText('Healthy').waitFor({ timeout: 15_000 });
  await page.getByRole('button', { name: 'More about The Paper' }).click();
  await page.getByText('2 new articles among 2 items').waitFor();

  site.answer = (_req, res) => res.writeHead(410).end();
  await page.getByRole('button', { name: 'Read now' }).click();
  await page.getByText('Gone', { exact: true }).waitFor({ timeout: 15_000 });
  await expectNoAxeViolations(page);

  await page.getByRole('combobox', { name: 'Section' }).last().click();
  await page.getByRole('option', { name: 'Opinion' }).last().click();
  await page.getByText('Moved, with its articles that wait.').waitFor();
});

it('lets an editor choose among the feeds of a page, and says when a server does not answer', async () => {
  const link = (path: string, title: string) =>
    `<link rel="alternate" type="application/rss+xml" title="${title}" href="${path}">`;
  site.answer = (req, res) => {
    const isPage = req.url === '/front';
    res.writeHead(200, { 'content-type': isPage ? 'text/html' : 'application/rss+xml' });
    res.end(
      isPage
        ? `<html><head>${link('/politics', 'Politics')}${link('/sport', 'Sport')}</head></html>`
        : rssOf([], new Date()),
    );
  };
  await page.getByLabel('Address of the feed').fill(`${site.url}/front`);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByText('This page has several feeds.').waitFor();
  await expectNoAxeViolations(page);
  await page.getByRole('button', { name: 'Add this one: Sport' }).click();
  await page.getByText(`${site.url}/sport`).first().waitFor();
  expect(await page.getByText('This page has several feeds.').count()).toBe(0);

  await page.getByLabel('Address of the feed').fill('http://127.0.0.1:1/feed.xml');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByText('The feed could not be read now').waitFor();
  await expectNoAxeViolations(page);
});

it('lists what waits; an article is pinned, edited, left out and taken in again', async () => {
  await tab('Articles');
  await page.getByRole('link', { name: 'Article one' }).waitFor();
  await page.getByText('Opinion · The Paper').first().waitFor();
  await page.getByRole('button', { name: 'Pin Article one' }).click();
  await page.getByText('Pinned', { exact: true }).waitFor();

  await page.getByRole('button', { name: 'Edit Article two' }).click();
  await page.getByRole('form', { name: 'Edit Article two' }).getByLabel('Title').fill('The second thought');
  await expectNoAxeViolations(page);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('link', { name: 'The second thought' }).waitFor();
  const edited = await system.deps.db
    .selectFrom('articles')
    .select(['is_edited', 'section_is_chosen', 'author'])
    .where('title', '=', 'The second thought')
    .executeTakeFirstOrThrow();
  expect(edited).toEqual({ is_edited: true, section_is_chosen: false, author: null });

  await page.getByRole('button', { name: 'Leave out The second thought' }).click();
  await page.getByRole('link', { name: 'The second thought' }).waitFor({ state: 'detached' });
  await page.getByRole('combobox', { name: 'State' }).click();
  await page.getByRole('option', { name: 'Left out' }).click();
  await page.getByRole('button', { name: 'Take in The second thought' }).click();
  await page.getByText('No article is like this.').waitFor();
});

it('takes an article that is added by hand, and says at the field what is wrong with one', async () => {
  await page.getByRole('button', { name: 'Add an article' }).click();
  const form = page.getByRole('form', { name: 'New article' });
  await form.getByLabel('Address', { exact: true }).fill('https://user:secret@paper.example/mine');
  await form.getByLabel('Title').fill('By my own hand');
  await form.getByRole('button', { name: 'Add', exact: true }).click();
  await form.getByText('Give the http or https address where the article can be read.').waitFor();
  await expectNoAxeViolations(page);
  await form.getByLabel('Address', { exact: true }).fill('https://paper.example/mine');
  await form.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('combobox', { name: 'State' }).click();
  await page.getByRole('option', { name: 'Waiting for an issue' }).click();
  await page.getByRole('link', { name: 'By my own hand' }).waitFor();
  await page.getByRole('searchbox', { name: 'Search articles' }).fill('own hand');
  await page.getByRole('link', { name: 'Article one' }).waitFor({ state: 'detached' });
  await expectNoAxeViolations(page);
});

it('places articles by their category', async () => {
  await tab('Sections');
  await page.getByRole('button', { name: 'Add a rule' }).click();
  await page.getByLabel('Category 1', { exact: true }).fill('city LIFE');
  await page.getByRole('combobox', { name: 'Section for category 1' }).click();
  await page.getByRole('option', { name: 'Current Events' }).click();
  await expectNoAxeViolations(page);
  await page.getByRole('button', { name: 'Save rules' }).click();
  await page.getByText('Rules saved. 2 articles moved.').waitFor();
  await tab('Articles');
  await page.getByText('Current Events · The Paper').first().waitFor();
});
