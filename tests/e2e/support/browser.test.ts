import { readFile, rm } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { expectNoAxeViolations, launchBrowser, takeScreenshot } from '../../support/browser.ts';

it('finds what a screen reader would stumble over', async () => {
  const browser = await launchBrowser();
  const page = await browser.newPage();

  await page.setContent('<html lang="en"><title>t</title><main><h1>News</h1><label>Mail <input></label></main></html>');
  await expectNoAxeViolations(page);
  await page.setContent('<html><input></html>');

  await expect(expectNoAxeViolations(page)).rejects.toThrow(/html-has-lang/);
  await browser.close();
});

it('photographs a page on a phone in the dark', async () => {
  const browser = await launchBrowser({ viewport: { width: 375, height: 667 }, colorScheme: 'dark' });
  const page = await browser.newPage();
  await page.setContent('<style>@media (prefers-color-scheme: dark) { p { color: red } }</style><p>News</p>');

  const path = await takeScreenshot(page, 'support-browser');

  expect(await page.evaluate('[innerWidth, getComputedStyle(document.querySelector("p")).color]')).toEqual([
    375,
    'rgb(255, 0, 0)',
  ]);
  const png = await readFile(path);
  // The width stands in the IHDR chunk.
  expect(png.readUInt32BE(16)).toBe(375);
  await rm(path);
  await browser.close();
});
