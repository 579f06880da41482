import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { chromium } from 'playwright-core';
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { inject } from 'vitest';

/** Nothing but what the test does may reach the network or the disk. */
const CHROMIUM_FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const SCREENSHOT_DIRECTORY = join(tmpdir(), 'courant-screenshots');
const AXE_SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface TestBrowser {
  /** A new page; cookies are shared by the pages of one TestBrowser. */
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

/** The system's Chromium with a fresh profile. `options` are Playwright's: viewport, colorScheme, javaScriptEnabled. */
export async function launchBrowser(options: BrowserContextOptions = {}): Promise<TestBrowser> {
  const profile = await mkdtemp(join(tmpdir(), 'courant-chromium-'));
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath: inject('chromiumPath'),
    args: CHROMIUM_FLAGS,
    ...options,
  });
  return {
    newPage: () => context.newPage(),
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

/**
 * Runs axe-core on the page, all its rules.
 * @throws Error that lists each rule with the elements that break it.
 */
export async function expectNoAxeViolations(page: Page): Promise<void> {
  // Evaluated through the debugger, which the page's Content-Security-Policy does not stop as it would a script tag.
  await page.evaluate(AXE_SOURCE);
  const { violations } = await page.evaluate<AxeResults>('axe.run(document, { iframes: false })');
  if (violations.length > 0) {
    const lines = violations.map((rule) => {
      const elements = rule.nodes.map((node) => `    ${node.target.join(' ')}: ${node.failureSummary ?? ''}`);
      return [`  ${rule.id} (${rule.impact ?? 'unrated'}): ${rule.help}`, ...elements].join('\n');
    });
    throw new Error(`${page.url()} breaks ${violations.length} accessibility rules:\n${lines.join('\n')}`);
  }
}

/** Saves the whole page as PNG outside the tree and returns the file's path. */
export async function takeScreenshot(page: Page, name: string): Promise<string> {
  await mkdir(SCREENSHOT_DIRECTORY, { recursive: true });
  const path = join(SCREENSHOT_DIRECTORY, `${name}.png`);
  await page.screenshot({ path, fullPage: true });
  return path;
}
