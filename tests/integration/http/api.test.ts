import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiToken, issueSetupToken } from '../../../src/accounts/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { get } from '../subscriptions/reader.ts';

let system: TestSystem;
/** The session of an admin, as a browser sends it. */
let cookie: string;

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
  const token = await issueSetupToken(system.deps);
  const response = await fetch(`${system.url}/api/v1/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      token,
      email: 'admin@example.org',
      password: 'four words in a row',
      timeZone: 'Europe/Berlin',
    }),
  });
  cookie = response.headers
    .getSetCookie()
    .map((one) => one.split(';', 1)[0])
    .join('; ');
});
afterAll(() => system.stop());

interface Operation {
  readonly security: readonly unknown[];
  readonly responses: object;
}

async function readOperations(): Promise<ReadonlyMap<string, Operation>> {
  const response = await get(system, '/api/openapi.json');
  const { openapi, paths } = (await response.json()) as {
    openapi: string;
    paths: Record<string, Record<string, Operation>>;
  };
  expect(openapi).toBe('3.1.0');
  return new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
    ),
  );
}

async function answer(method: string, path: string, headers: Record<string, string> = {}): Promise<unknown> {
  const response = await fetch(system.url + path.replaceAll(/\{\w+\}/g, '1'), {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(method === 'GET' ? {} : { body: '{}' }),
  });
  const problem = response.status < 400 ? {} : ((await response.json()) as { code: string });
  return { status: response.status, ...problem };
}

describe('/api/openapi.json', () => {
  it('lists the operations of every feature', async () => {
    const operations = await readOperations();

    expect([...operations.keys()]).toEqual(
      expect.arrayContaining([
        'POST /api/v1/subscriptions',
        'GET /api/v1/subscribers',
        'GET /api/v1/subscribers/{id}',
        'POST /api/v1/subscribers/{id}/suppress',
        'GET /api/v1/newsletters',
        'POST /api/v1/newsletters/{id}/feeds',
        'POST /api/v1/campaigns/{id}/send',
        'GET /api/v1/newsletters/{id}/next-issue',
        'GET /api/v1/overview',
        'POST /api/v1/legal-documents',
        'GET /api/v1/audit',
        'POST /api/v1/tokens',
      ]),
    );
  });

  it('tells of every operation that is not public that it needs a sign-in, and every one does', async () => {
    const operations = await readOperations();
    const closed = [...operations].filter(([, { security }]) => security.length > 0).map(([name]) => name);

    expect(closed.length).toBeGreaterThan(30);
    for (const name of closed) {
      const [method = '', path = ''] = name.split(' ');
      expect({ name, ...((await answer(method, path)) as object) }).toMatchObject({
        status: 401,
        code: 'not_signed_in',
      });
    }
  });

  it('names nothing public but what readers and people who are not signed in yet need', async () => {
    const operations = await readOperations();

    expect(
      [...operations]
        .filter(([, { security }]) => security.length === 0)
        .map(([name]) => name)
        .sort(),
    ).toEqual([
      'DELETE /api/v1/session',
      'GET /api/v1/form-token',
      'GET /api/v1/session',
      'GET /api/v1/signup-challenge',
      'GET /api/v1/signup-form',
      'POST /api/v1/session',
      'POST /api/v1/session/verification',
      'POST /api/v1/setup',
      'POST /api/v1/setup/check',
      'POST /api/v1/subscriptions',
    ]);
  });
});

describe('a request of another site', () => {
  const suppress = ['POST', '/api/v1/subscribers/1/suppress'] as const;

  it.each([
    ['says so itself', { 'sec-fetch-site': 'cross-site' }],
    ['comes from a neighbour', { 'sec-fetch-site': 'same-site' }],
    ['names its origin in an old browser', { origin: 'https://evil.example' }],
    ['hides its origin', { origin: 'null' }],
  ])('is refused, although the browser sends the session: it %s', async (_what, headers) => {
    expect(await answer(...suppress, { cookie, ...headers })).toMatchObject({
      status: 403,
      code: 'cross_site_request',
    });
  });

  it('cannot sign anybody in or out', async () => {
    const headers = { cookie, 'sec-fetch-site': 'cross-site' };

    expect(await answer('POST', '/api/v1/session', headers)).toMatchObject({ code: 'cross_site_request' });
    expect(await answer('DELETE', '/api/v1/session', headers)).toMatchObject({ code: 'cross_site_request' });
  });

  it.each([
    ['our own page', { 'sec-fetch-site': 'same-origin' }],
    ['a person who typed the address', { 'sec-fetch-site': 'none' }],
    ['a program', {}],
  ])('is not what %s sends', async (_what, headers) => {
    expect(await answer(...suppress, { cookie, ...headers })).toMatchObject({ code: 'subscriber_not_found' });
  });

  it('may read nothing either: the answers carry no CORS header', async () => {
    const response = await fetch(`${system.url}/api/v1/subscribers`, {
      headers: { cookie, origin: 'https://evil.example' },
    });

    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });
});

describe('an API token', () => {
  it.each([
    ['is unknown', 'Bearer cnt_nonsense'],
    ['is empty', 'Bearer '],
    ['is of another scheme', 'Basic YTpi'],
  ])('is refused when it %s, even with a session beside it', async (_what, authorization) => {
    expect(await answer('GET', '/api/v1/subscribers', { cookie, authorization })).toMatchObject({
      status: 401,
      code: 'token_invalid',
    });
  });

  it('opens what its scopes say and no more', async () => {
    const { secret } = await createApiToken(system.deps, {
      name: 'reader',
      scopes: ['subscribers:read'],
      expiresInDays: 1,
      actor: CLI_ACTOR,
    });
    const headers = { authorization: `Bearer ${secret}` };

    expect(await answer('GET', '/api/v1/subscribers', headers)).toEqual({ status: 200 });
    expect(await answer('GET', '/api/v1/campaigns', headers)).toMatchObject({ status: 403, code: 'scope_missing' });
    expect(await answer('POST', '/api/v1/subscribers/1/suppress', headers)).toMatchObject({
      status: 403,
      code: 'scope_missing',
      detail: 'This token lacks the scope subscribers:write.',
    });
  });
});
