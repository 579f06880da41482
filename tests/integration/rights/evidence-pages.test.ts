import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiToken } from '../../../src/accounts/index.ts';
import { eraseSubscriber } from '../../../src/rights/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { SubscriberId } from '../../../src/shared/ids.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { createAdminClient, requireSetupToken, ADDRESS, PASSWORD } from '../accounts/admin-client.ts';
import { becomeReader, lastRequestOf } from '../subscriptions/reader.ts';

let system: TestSystem;
let cookie: string;
let subscriberId: SubscriberId;

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
  const admin = createAdminClient(system);
  const token = await requireSetupToken(system);
  await admin.send('POST', '/setup', { token, email: ADDRESS, password: PASSWORD, timeZone: 'Europe/Berlin' });
  cookie = [...admin.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  await becomeReader(system, 'alan@readers.example');
  ({ subscriberId } = await lastRequestOf(system.deps, 'alan@readers.example'));
});
afterAll(() => system.stop());

interface Sent extends Omit<RequestInit, 'headers'> {
  readonly headers?: Readonly<Record<string, string>>;
}

async function open(path: string, init: Sent = {}) {
  const response = await fetch(system.url + path, {
    ...init,
    headers: { accept: 'text/html', cookie, ...init.headers },
  });
  return { status: response.status, headers: response.headers, html: await response.text() };
}

function find(email: string, headers: Readonly<Record<string, string>> = {}) {
  return open('/admin/evidence', {
    method: 'POST',
    body: new URLSearchParams({ email }),
    headers: { 'sec-fetch-site': 'same-origin', ...headers },
  });
}

describe('/admin/evidence/:id', () => {
  it('is a page to print, kept by no cache', async () => {
    const { status, html, headers } = await open(`/admin/evidence/${subscriberId}`);

    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(html).toContain('Evidence of consent');
    expect(html).toContain('alan@readers.example');
    expect(html).toMatch(/Step 1: asked for it[\s\S]*Step 2: confirmed/);
    expect(html).toContain(`/api/v1/subscribers/${subscriberId}/evidence`);
  });

  it.each([
    ['de', 'Nachweis der Einwilligung'],
    ['ar', 'إثبات الموافقة'],
  ])('speaks %s', async (lang, title) => {
    const { html } = await open(`/admin/evidence/${subscriberId}?lang=${lang}`);

    expect(html).toContain(title);
    expect(html).toContain(`dir="${lang === 'ar' ? 'rtl' : 'ltr'}"`);
  });

  it('shows what a server has said as text, whatever it is (S9)', async () => {
    const { db } = system.deps;
    const said = `550 <img src=x onerror=alert(1)> "'><script>alert(2)</script> \u202Etxt.exe \u001B[2J {{ 7 | times: 6 }}`;
    const mail = db
      .selectFrom('deliveries')
      .select('id')
      .where('subscriber_id', '=', subscriberId)
      .where('kind', '=', 'confirm');
    const { id } = await mail.executeTakeFirstOrThrow();
    await db
      .insertInto('delivery_events')
      .values({
        delivery_id: id,
        attempt: 1,
        event: 'deferred',
        reply_code: 550,
        reply_text: said,
        occurred_at: new Date(),
      })
      .execute();

    const { html } = await open(`/admin/evidence/${subscriberId}`);

    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(html).not.toContain('<img src=x');
    expect(html).not.toContain('<script>alert');
    expect(html).toContain('{{ 7 | times: 6 }}');
  });

  it('is for admins alone: not for strangers, not for tokens', async () => {
    expect((await open(`/admin/evidence/${subscriberId}`, { headers: { cookie: '' } })).status).toBe(401);
    const { secret } = await createApiToken(system.deps, {
      name: 'test',
      scopes: ['evidence:read'],
      expiresInDays: 1,
      actor: CLI_ACTOR,
    });
    const headers = { cookie: '', authorization: `Bearer ${secret}` };
    expect((await open(`/admin/evidence/${subscriberId}`, { headers })).status).toBe(401);
    expect((await open('/admin/evidence', { headers: { cookie: '' } })).status).toBe(401);
  });

  it.each(['0', '999999', 'abc', '1e3', '99999999999999999999'])('knows no subscriber %s', async (id) => {
    expect((await open(`/admin/evidence/${id}`)).status).toBe(404);
  });
});

describe('/admin/evidence', () => {
  it('finds by address, also somebody who was erased, without the address in a URL', async () => {
    expect((await open('/admin/evidence')).html).toContain('Find evidence');
    await becomeReader(system, 'erased@readers.example');
    const { subscriberId: id } = await lastRequestOf(system.deps, 'erased@readers.example');
    await eraseSubscriber(system.deps, { subscriberId: id, actor: CLI_ACTOR, method: 'admin' });

    const { status, html } = await find('Erased@readers.example');

    expect(status).toBe(200);
    expect(html).toContain(`Subscriber no. ${id} was erased on`);
    expect(html).toContain('restricted since');
  });

  it('says what is wrong with an address, keeps it in the field, and runs nothing that was typed', async () => {
    expect(await find('nobody')).toMatchObject({
      status: 422,
      html: expect.stringContaining('This is not a mail address.'),
    });
    expect(await find('unknown@elsewhere.example')).toMatchObject({
      status: 404,
      html: expect.stringContaining('Nothing is known of this address'),
    });
    expect((await find('"><script>alert(1)</script>')).html).not.toContain('<script>');
  });

  it('refuses a form of another site', async () => {
    expect((await find('alan@readers.example', { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  });
});
