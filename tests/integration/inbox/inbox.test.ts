import { sql } from 'kysely';
import nodemailer from 'nodemailer';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '../../../src/http/index.ts';
import { inboxPages, readInboxAddress, startInboxListener } from '../../../src/inbox/index.ts';
import type { InboxListener } from '../../../src/inbox/index.ts';
import { createLogger } from '../../../src/platform/logging/index.ts';
import { openDatabase } from '../../../src/platform/postgres/index.ts';
import type { OpenDatabase } from '../../../src/platform/postgres/index.ts';
import { createTestDatabase } from '../../support/databases.ts';
import type { TestDatabase } from '../../support/databases.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { listen } from '../../support/listen.ts';
import type { Listening } from '../../support/listen.ts';
import { waitFor } from '../../support/wait-for.ts';

const log = createLogger('silent', 'test');
const clock = createFakeClock();
let database: TestDatabase;
let open: OpenDatabase;
let listener: InboxListener;
let pages: ReturnType<typeof inboxPages>;
let server: Listening;

beforeAll(async () => {
  database = await createTestDatabase();
  open = openDatabase(database.url, { log, name: 'test', maxConnections: 5 });
  listener = await startInboxListener({ db: open.db, log, clock });
  pages = inboxPages({ db: open.db });
  const app = createApp({
    log,
    publicUrl: 'http://localhost:3000',
    trustProxy: false,
    authenticate: () => Promise.resolve(undefined),
    apiRoutes: [],
    routers: [pages.router],
  });
  server = await listen(app);
});
afterAll(async () => {
  pages.close();
  await server.close();
  await listener.close();
  await open.close();
  await database.drop();
});
beforeEach(async () => {
  await open.db.deleteFrom('inbox_mails').execute();
});

function transport() {
  return nodemailer.createTransport({ host: '127.0.0.1', port: listener.port, secure: false, ignoreTLS: true });
}

async function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(server.origin + path, { redirect: 'manual', headers: { accept: 'text/html', ...headers } });
}

interface ListedMail {
  readonly id: number;
  readonly to: readonly string[];
  readonly subject: string;
}

async function listMails(query = ''): Promise<readonly ListedMail[]> {
  const body = (await (await get(`/inbox.json${query}`)).json()) as { mails: readonly ListedMail[] };
  return body.mails;
}

describe('the inbox listener', () => {
  it('writes where it listens into the settings', async () => {
    expect(await readInboxAddress(open.db)).toEqual({ host: '127.0.0.1', port: listener.port });
  });

  it('stores the exact bytes and the envelope, also for addresses beyond ASCII', async () => {
    const raw = 'From: Ana <ana@example.org>\r\nSubject: =?utf-8?Q?H=C3=A9?=\r\n\r\n..dots\r\n.\r\nend \u00e9\r\n';
    const envelope = { from: 'bounce@example.org', to: ['Reader@example.org', 'jürgen@example.org'] };
    await transport().sendMail({ envelope, raw });
    const row = await open.db.selectFrom('inbox_mails').selectAll().executeTakeFirstOrThrow();
    expect(row.raw.toString()).toBe(raw);
    expect(row).toMatchObject({
      envelope_from: 'bounce@example.org',
      envelope_to: ['Reader@example.org', 'jürgen@example.org'],
      subject: 'Hé',
      from_text: 'Ana <ana@example.org>',
      received_at: clock.now(),
    });
  });

  it('refuses a mail over 25 MB and takes the next one on the same connection', async () => {
    const pool = nodemailer.createTransport({ host: '127.0.0.1', port: listener.port, pool: true, maxConnections: 1 });
    const envelope = { from: 'a@example.org', to: ['b@example.org'] };
    const tooLarge = Buffer.alloc(26 * 1024 * 1024, 'x'.repeat(70).concat('\r\n'));
    await expect(pool.sendMail({ envelope, raw: tooLarge })).rejects.toMatchObject({ responseCode: 552 });
    await pool.sendMail({ envelope, raw: 'Subject: small\r\n\r\nx' });
    pool.close();
    expect(await listMails()).toMatchObject([{ subject: 'small' }]);
  });

  it('keeps the newest thousand', async () => {
    await sql`
      insert into inbox_mails (received_at, envelope_from, envelope_to, subject, from_text, raw)
      select ${clock.now()}, '', array['old' || n || '@example.org'], 'Old ' || n, '', 'x' from generate_series(1, 5000) n
    `.execute(open.db);
    const pool = nodemailer.createTransport({ host: '127.0.0.1', port: listener.port, pool: true, maxConnections: 1 });
    // The oldest are tidied away with every fiftieth mail.
    for (let sent = 0; sent < 50; sent += 1) {
      await pool.sendMail({ from: 'a@example.org', to: 'b@example.org', subject: `New ${sent}`, text: 'x' });
    }
    pool.close();
    expect((await listMails('?limit=1000')).length).toBe(1000);
    const html = await (await get('/inbox?page=20')).text();
    expect(html).toMatch(/951–1000 of 10[0-4]\d/);
    expect(html).toContain('Newer');
  });
});

describe('the inbox pages', () => {
  async function sendSample(to: string): Promise<number> {
    await transport().sendMail({
      from: { name: 'The Weekly', address: 'news@courant.localhost' },
      to,
      subject: 'Please <confirm>',
      html: '<html><head></head><body><a href="http://localhost:3000/confirm/abc">Confirm</a><script>1</script></body></html>',
      text: 'Confirm: http://localhost:3000/confirm/abc',
    });
    const [mail] = await listMails(`?to=${encodeURIComponent(to)}`);
    return mail?.id ?? 0;
  }

  it('list, filter by recipient and search', async () => {
    await sendSample('ana@example.org');
    await sendSample('Ben@example.org');
    expect((await listMails()).map((mail) => mail.to[0])).toEqual(['Ben@example.org', 'ana@example.org']);
    expect(await listMails('?to=ben@example.ORG')).toHaveLength(1);
    expect(await listMails('?limit=1')).toHaveLength(1);
    expect(await (await get('/inbox?q=ben')).text()).toContain('1–1 of 1');
    expect(await (await get('/inbox?q=%25')).text()).toContain('No mail matches');
    expect((await get('/inbox?page=0&q=')).status).toBe(200);
  });

  it('show each part, escaped, and give tools the links', async () => {
    const id = await sendSample('ana@example.org');
    const page = await (await get(`/inbox/${id}`)).text();
    expect(page).toContain('Please &lt;confirm&gt;');
    expect(page).toContain(`src="/inbox/${id}/html"`);
    expect(await (await get(`/inbox/${id}?view=text`)).text()).toContain('<a href="http://localhost:3000/confirm/abc"');
    expect(await (await get(`/inbox/${id}?view=source`)).text()).toContain('Content-Type: multipart/alternative');
    expect(await (await get(`/inbox/${id}?view=headers`)).text()).toContain('Message-ID');
    expect(await (await get(`/inbox/${id}.json`)).json()).toMatchObject({
      id,
      subject: 'Please <confirm>',
      to: ['ana@example.org'],
      links: ['http://localhost:3000/confirm/abc'],
    });
    expect((await get(`/inbox/${id}/raw`)).headers.get('content-type')).toContain('message/rfc822');
    expect((await get('/inbox/999999')).status).toBe(404);
    expect((await get('/inbox/x')).status).toBe(404);
  });

  it('show the HTML part in an origin of its own, where nothing runs and links open outside', async () => {
    const id = await sendSample('ana@example.org');
    const response = await get(`/inbox/${id}/html`);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none';/);
    expect(policy).not.toContain('script-src');
    expect(policy).toContain("frame-ancestors 'self'");
    expect(response.headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(await response.text()).toContain('<head><base target="_blank">');
  });

  it('lead to the newest mail for an address, and wait for it while there is none', async () => {
    const waiting = await get('/inbox/latest?to=ana@example.org');
    expect(waiting.headers.get('refresh')).toBe('3');
    expect(await waiting.text()).toContain('Waiting for the mail');
    await sendSample('ana@example.org');
    const newest = await sendSample('ana@example.org');
    await sendSample('ben@example.org');
    expect((await get('/inbox/latest?to=ANA@example.org')).headers.get('location')).toBe(`/inbox/${newest}`);
  });

  it('tell viewers of new mails as they come, and end the streams on close', async () => {
    const own = inboxPages({ db: open.db });
    const app = createApp({
      log,
      publicUrl: 'http://localhost:3000',
      trustProxy: false,
      authenticate: () => Promise.resolve(undefined),
      apiRoutes: [],
      routers: [own.router],
    });
    const other = await listen(app);
    const response = await fetch(`${other.origin}/inbox/events`);
    let heard = '';
    const ended = (async () => {
      for await (const chunk of response.body ?? []) {
        heard += Buffer.from(chunk).toString();
      }
    })();
    await waitFor('the first state', () => heard.includes('data: 0-0'));
    await sendSample('ana@example.org');
    await waitFor('the change', () => /data: \d+-1\n/.test(heard));
    own.close();
    await expect(ended).resolves.toBeUndefined();
    await other.close();
  });

  it('delete all on request, but not for the form of another site', async () => {
    await sendSample('ana@example.org');
    const post = (site: string) =>
      fetch(`${server.origin}/inbox/delete`, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'sec-fetch-site': site },
      });
    expect((await post('cross-site')).status).toBe(403);
    expect(await listMails()).toHaveLength(1);
    expect((await post('same-origin')).status).toBe(303);
    expect(await listMails()).toHaveLength(0);
    expect(await (await get('/inbox')).text()).toContain('No mail yet');
  });
});
