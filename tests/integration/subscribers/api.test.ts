import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiToken } from '../../../src/accounts/index.ts';
import { createNewsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { Scope } from '../../../src/shared/actor.ts';
import { sealConsentRecords } from '../../../src/consent/index.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { actionsOf, becomeReader, lastRequestOf, signUp, statusesOf, subscriptionOf } from '../subscriptions/reader.ts';

let system: TestSystem;
let reader: string;
let writer: string;

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
  const { deps } = system;
  const tokenFor = async (...scopes: readonly Scope[]): Promise<string> =>
    (await createApiToken(deps, { name: 'test', scopes, expiresInDays: 1, actor: CLI_ACTOR })).secret;
  reader = await tokenFor('subscribers:read');
  writer = await tokenFor('subscribers:read', 'subscribers:write');
  await createNewsletter(deps, { name: 'The Daily', slug: 'the-daily' }, CLI_ACTOR);
  await becomeReader(system, 'Ada@example.org', ['the-daily', 'the-weekly']);
  await becomeReader(system, 'bo_b@example.org');
  await signUp(system, 'cy%@example.net');
});
afterAll(() => system.stop());

async function ask(token: string, path: string, body?: unknown) {
  const response = await fetch(`${system.url}/api/v1/subscribers${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>) };
}

async function addressesFor(query: Record<string, string>): Promise<readonly string[]> {
  const { body } = await ask(reader, `?${new URLSearchParams(query).toString()}`);
  const found = (body?.['subscribers'] ?? []) as { address: string }[];
  expect(body?.['total']).toBe(found.length);
  return found.map(({ address }) => address);
}

async function idOf(address: string): Promise<number> {
  return (await lastRequestOf(system.deps, address)).subscriberId;
}

describe('GET /api/v1/subscribers', () => {
  it('lists everybody, newest first, with what they read', async () => {
    const { body } = await ask(reader, '');

    expect(body).toMatchObject({ total: 3, nextCursor: null });
    expect(body?.['subscribers']).toMatchObject([
      { address: 'cy%@example.net', subscriptions: [] },
      { address: 'bo_b@example.org', subscriptions: [{ newsletterName: 'The Weekly', status: 'active' }] },
      {
        address: 'Ada@example.org',
        suppressed: [],
        subscriptions: [
          { newsletterName: 'The Daily', status: 'active', confirmedAt: expect.any(String) },
          { newsletterName: 'The Weekly', status: 'active' },
        ],
      },
    ]);
  });

  it.each([
    ['a part of the address, whatever its case', { q: 'ADA@' }, ['Ada@example.org']],
    ['a character that SQL would take for any', { q: 'o_b' }, ['bo_b@example.org']],
    ['nothing but such a character', { q: '%' }, ['cy%@example.net']],
    ['nobody', { q: `' or 1=1 --` }, []],
    ['spaces, which mean everybody', { q: '  ' }, ['cy%@example.net', 'bo_b@example.org', 'Ada@example.org']],
    ['a status', { status: 'active' }, ['bo_b@example.org', 'Ada@example.org']],
  ])('finds %s', async (_what, query, addresses) => {
    expect(await addressesFor(query)).toEqual(addresses);
  });

  it('finds who reads one newsletter', async () => {
    const { newsletterId } = await subscriptionOf(system.deps, 'Ada@example.org', 'the-daily');

    expect(await addressesFor({ newsletterId: String(newsletterId) })).toEqual(['Ada@example.org']);
    expect(await addressesFor({ newsletterId: String(newsletterId), status: 'unsubscribed' })).toEqual([]);
  });

  it.each(['?status=happy', '?newsletterId=x', '?cursor=-1', '?limit=5', `?q=${'x'.repeat(300)}`])(
    'refuses %s',
    async (query) => {
      expect(await ask(reader, query)).toMatchObject({ status: 422, body: { code: 'invalid_input' } });
    },
  );

  it('turns pages by the last one seen', async () => {
    for (let count = 0; count < 60; count += 1) {
      await signUp(system, `page-${count}@pages.example`);
    }

    const first = await ask(reader, '?q=pages.example');
    const rest = await ask(reader, `?q=pages.example&cursor=${String(first.body?.['nextCursor'])}`);

    expect(first.body).toMatchObject({ total: 60 });
    expect(first.body?.['subscribers']).toHaveLength(50);
    expect(rest.body).toMatchObject({ total: 60, nextCursor: null });
    const addresses = [first, rest].flatMap(({ body }) => (body?.['subscribers'] as { address: string }[]) ?? []);
    expect(new Set(addresses.map(({ address }) => address)).size).toBe(60);
  });
});

describe('GET /api/v1/subscribers/:id', () => {
  it('tells the story of the consents and of the mails', async () => {
    await sealConsentRecords(system.deps);

    const { body } = await ask(reader, `/${await idOf('bo_b@example.org')}`);

    expect(body).toMatchObject({
      address: 'bo_b@example.org',
      consent: [
        {
          action: 'requested',
          newsletterName: 'The Weekly',
          method: 'api',
          actor: 'subscriber',
          isAssertedByCaller: true,
          texts: { consent: null, terms: null, privacy: null },
          termsVersion: 1,
          privacyVersion: 1,
          ip: '127.0.0.0/24',
          agent: 'Test/1.0',
          sealed: true,
        },
        { action: 'granted', method: 'button' },
      ],
      deliveries: [{ kind: 'confirm', state: 'planned', subject: expect.stringMatching(/confirm/) }],
    });
  });

  it.each([
    ['/999999', 404, 'subscriber_not_found'],
    ['/abc', 422, 'invalid_input'],
    ['/0', 422, 'invalid_input'],
    ['/99999999999999999999', 422, 'invalid_input'],
  ])('answers %s with %i', async (path, status, code) => {
    expect(await ask(reader, path)).toMatchObject({ status, body: { code } });
  });
});

describe('POST /api/v1/subscribers/:id/unsubscribe', () => {
  it('ends one subscription or all, and records who did it', async () => {
    const id = await idOf('Ada@example.org');
    const { newsletterId, subscriberId } = await subscriptionOf(system.deps, 'Ada@example.org', 'the-daily');

    expect(await ask(writer, `/${id}/unsubscribe`, { newsletterId })).toEqual({ status: 204, body: undefined });
    expect(await statusesOf(system.deps, 'Ada@example.org')).toEqual(['the-daily:unsubscribed', 'the-weekly:active']);
    await ask(writer, `/${id}/unsubscribe`, {});
    await ask(writer, `/${id}/unsubscribe`, {});

    expect(await statusesOf(system.deps, 'Ada@example.org')).toEqual([
      'the-daily:unsubscribed',
      'the-weekly:unsubscribed',
    ]);
    expect((await actionsOf(system.deps, subscriberId)).filter((action) => action === 'withdrawn')).toHaveLength(2);
    const { body } = await ask(reader, `/${id}`);
    const consent = (body?.['consent'] ?? []) as unknown[];
    expect(consent.at(-1)).toMatchObject({
      action: 'withdrawn',
      method: 'admin',
      actor: expect.stringMatching(/^token:\d+$/),
      ip: null,
    });
  });
});

describe('POST /api/v1/subscribers/:id/suppress', () => {
  it('closes the address, once, and says so in the audit log', async () => {
    const id = await idOf('bo_b@example.org');

    expect((await ask(writer, `/${id}/suppress`, {})).status).toBe(204);
    expect((await ask(writer, `/${id}/suppress`, {})).status).toBe(204);

    expect(await addressesFor({ status: 'suppressed' })).toEqual(['bo_b@example.org']);
    const { body } = await ask(reader, `/${id}`);
    expect(body?.['suppressed']).toEqual(['manual']);
    const audit = await system.deps.db
      .selectFrom('audit_log')
      .select('subject_id')
      .where('action', '=', 'subscriber.suppressed')
      .execute();
    expect(audit[0]).toEqual({ subject_id: String(id) });
  });
});

describe('a token that may only read', () => {
  it.each(['unsubscribe', 'suppress'])('gets 403 for %s and changes nothing', async (action) => {
    const id = await idOf('cy%@example.net');

    expect(await ask(reader, `/${id}/${action}`, {})).toMatchObject({ status: 403, body: { code: 'scope_missing' } });

    expect(await ask(reader, `/${id}`)).toMatchObject({ body: { suppressed: [] } });
  });
});
