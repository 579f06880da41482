import nodemailer from 'nodemailer';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApp } from '../../../src/http/index.ts';
import { inboxPages, startInboxListener } from '../../../src/inbox/index.ts';
import type { InboxListener } from '../../../src/inbox/index.ts';
import { createLogger } from '../../../src/platform/logging/index.ts';
import { openDatabase } from '../../../src/platform/postgres/index.ts';
import type { OpenDatabase } from '../../../src/platform/postgres/index.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { expectNoAxeViolations, launchBrowser } from '../../support/browser.ts';
import { createTestDatabase } from '../../support/databases.ts';
import type { TestDatabase } from '../../support/databases.ts';
import { listen } from '../../support/listen.ts';
import type { Listening } from '../../support/listen.ts';

const log = createLogger('silent', 'test');
let database: TestDatabase;
let open: OpenDatabase;
let listener: InboxListener;
let pages: ReturnType<typeof inboxPages>;
let server: Listening;

beforeAll(async () => {
  database = await createTestDatabase();
  open = openDatabase(database.url, { log, name: 'test', maxConnections: 5 });
  listener = await startInboxListener({ db: open.db, log, clock: systemClock });
  pages = inboxPages({ db: open.db });
  server = await listen(
    createApp({
      log,
      publicUrl: 'http://localhost:3000',
      trustProxy: false,
      authenticate: () => Promise.resolve(undefined),
      apiRoutes: [],
      routers: [pages.router],
    }),
  );
});
afterAll(async () => {
  pages.close();
  await server.close();
  await listener.close();
  await open.close();
  await database.drop();
});

async function send(subject: string, to = 'ana@example.org'): Promise<void> {
  const transport = nodemailer.createTransport({ host: '127.0.0.1', port: listener.port, ignoreTLS: true });
  const html = `<html><head><style>h1 { color: rgb(1, 2, 3) }</style></head><body><h1>${subject}</h1>
    <script>document.body.textContent = 'ran'</script><a href="${server.origin}/inbox?from-mail">Open</a></body></html>`;
  await transport.sendMail({
    from: 'The Weekly <news@courant.localhost>',
    to,
    subject,
    html,
    text: `${subject}, as text`,
  });
}

it('fills by itself and shows a mail as the reader would see it, its links in a window of their own', async () => {
  const browser = await launchBrowser({ viewport: { width: 1280, height: 800 } });
  const page = await browser.newPage();
  await page.goto(`${server.origin}/inbox`);
  await page.getByText('Live', { exact: true }).waitFor();
  await expectNoAxeViolations(page);

  await send('First issue');
  await page.getByRole('link', { name: /First issue/ }).click();
  const mail = page.frameLocator('iframe');
  expect(await mail.getByRole('heading').textContent()).toBe('First issue');
  const frame = page.frames().find((one) => one.url().endsWith('/html'));
  expect(await frame?.evaluate("getComputedStyle(document.querySelector('h1')).color")).toBe('rgb(1, 2, 3)');
  await page.getByLabel('Phone').check();
  expect((await page.locator('iframe').boundingBox())?.width).toBe(375);
  await expectNoAxeViolations(page);

  const [opened] = await Promise.all([page.waitForEvent('popup'), mail.getByRole('link', { name: 'Open' }).click()]);
  await opened.waitForURL(/from-mail/);
  await page.getByRole('link', { name: 'Text' }).click();
  await page.getByText('First issue, as text').waitFor();
  await expectNoAxeViolations(page);
  await browser.close();
});

it('opens the mail that a page promised as soon as it is there, on a phone as well', async () => {
  const browser = await launchBrowser({ viewport: { width: 375, height: 700 }, colorScheme: 'dark' });
  const page = await browser.newPage();
  await page.goto(`${server.origin}/inbox/latest?to=later@example.org`);
  await page.getByRole('heading', { name: 'Waiting for the mail' }).waitFor();
  await send('Please confirm', 'later@example.org');
  await page.waitForURL(/\/inbox\/\d+$/);
  await expectNoAxeViolations(page);
  await page.getByRole('link', { name: 'All mails' }).click();
  await page.getByRole('link', { name: /Please confirm/ }).waitFor();
  await expectNoAxeViolations(page);
  await browser.close();
});
