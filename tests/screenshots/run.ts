/**
 * `npm run screenshots`: takes the pictures of docs/digest-mails.md again, from the mails that are compiled now. `-- --png FOLDER` puts
 * whole mails there as PNG, to look at while working on them. The Arabic ones want a font for it, such as Debian's fonts-noto-core.
 */
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import type { BrowserContext, BrowserContextOptions } from 'playwright-core';
import { compileMail, loadMailTemplates, readSampleMail, renderForReader } from '../../src/rendering/index.ts';
import type { MailInput } from '../../src/rendering/index.ts';
import { provideTools } from '../support/provide.ts';
import { PICTURES } from './pictures.ts';
import { arabicIssue, brandedIssue, englishIssue } from './sample-issue.ts';

type Variant = Extract<MailInput, { template: 'digest' }>['variant'];

interface Shot {
  readonly name: string;
  readonly variant: Variant;
  readonly isDark?: boolean;
  readonly isPhone?: boolean;
}

const DESKTOP = { width: 760, height: 1240 };
const PHONE = { width: 390, height: 844 };
const WEBP_QUALITY = 82;
const DOCS = new URL('../../docs/images/', import.meta.url).pathname;

const edition = englishIssue();
const plain = englishIssue({ layout: 'plain' });
const SHOTS: readonly Shot[] = [
  { name: 'edition-light', variant: edition },
  { name: 'edition-dark', variant: edition, isDark: true },
  { name: 'edition-phone', variant: edition, isPhone: true },
  { name: 'edition-phone-dark', variant: edition, isPhone: true, isDark: true },
  { name: 'edition-branded', variant: brandedIssue() },
  { name: 'edition-branded-dark', variant: brandedIssue(), isDark: true },
  { name: 'edition-rtl', variant: arabicIssue() },
  { name: 'edition-rtl-phone', variant: arabicIssue(), isPhone: true },
  { name: 'plain-light', variant: plain },
  { name: 'plain-dark', variant: plain, isDark: true },
  { name: 'plain-phone', variant: plain, isPhone: true },
  { name: 'plain-rtl', variant: { ...arabicIssue(), layout: 'plain' } },
];

const { values } = parseArgs({ options: { png: { type: 'string' } } });
const mailTemplates = loadMailTemplates();
const { chromium: executablePath } = await provideTools(['chromium']);
for (const shot of SHOTS) {
  await withBrowser(shot, (context) => take(context, shot));
}

async function take(context: BrowserContext, { name, variant }: Shot): Promise<void> {
  const page = await context.newPage();
  await page.route('https://example.org/images/*', (route) =>
    route.fulfill({
      contentType: 'image/svg+xml',
      body: PICTURES[route.request().url().split('/').at(-1) ?? ''] ?? '',
    }),
  );
  await page.setContent(await write(variant), { waitUntil: 'networkidle' });
  if (values.png !== undefined) {
    await mkdir(values.png, { recursive: true });
    await page.screenshot({ path: join(values.png, `${name}.png`), fullPage: true });
    return;
  }
  const session = await context.newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: WEBP_QUALITY });
  await writeFile(join(DOCS, `digest-${name}.webp`), Buffer.from(data, 'base64'));
}

async function write(variant: Variant): Promise<string> {
  const outcome = await compileMail({ mailTemplates }, { template: 'digest', variant });
  if (!outcome.ok) {
    throw new Error(JSON.stringify(outcome.problems));
  }
  return renderForReader(outcome.mail, readSampleMail('digest').reader).html;
}

async function withBrowser(shot: Shot, use: (context: BrowserContext) => Promise<void>): Promise<void> {
  const profile = await mkdtemp(join(tmpdir(), 'courant-screenshots-'));
  const options: BrowserContextOptions = {
    viewport: shot.isPhone === true ? PHONE : DESKTOP,
    colorScheme: shot.isDark === true ? 'dark' : 'light',
    deviceScaleFactor: shot.isPhone === true ? 2 : 1,
  };
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
    ...options,
  });
  try {
    await use(context);
  } finally {
    await context.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
