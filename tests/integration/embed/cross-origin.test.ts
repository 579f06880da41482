import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiToken } from '../../../src/accounts/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { Scope } from '../../../src/shared/actor.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { requestsOf, TERMS } from '../subscriptions/reader.ts';

const SITE = 'https://www.paper.example';
const STRANGER = 'https://evil.example';
const clock = createFakeClock();
let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false, clock });
  await nameSites([SITE]);
});
afterAll(() => system.stop());

async function bearer(...scopes: Scope[]): Promise<string> {
  const { secret } = await createApiToken(system.deps, { name: 'sites', scopes, expiresInDays: 1, actor: CLI_ACTOR });
  return `Bearer ${secret}`;
}

async function nameSites(origins: readonly unknown[]): Promise<Response> {
  const response = await fetch(`${system.url}/api/v1/signup-origins`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', authorization: await bearer('system:write') },
    body: JSON.stringify({ origins }),
  });
  // What other processes notice after a second.
  clock.advance(1001);
  return response;
}

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${system.url}/api/v1${path}`, init);
}

function signUpFrom(origin: string | undefined, email: string): Promise<Response> {
  return ask('/subscriptions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(origin === undefined ? {} : { origin }) },
    body: JSON.stringify({ email, ...TERMS }),
  });
}

function corsHeaders(response: Response): Readonly<Record<string, string>> {
  return Object.fromEntries([...response.headers].filter(([name]) => name.startsWith('access-control')));
}

const READ = ['/signup-form?newsletters=the-weekly&locale=en', '/form-token'];

describe('a page of a site that an admin named (A5)', () => {
  it.each(READ)('may read %s, and is named in the answer', async (path) => {
    const response = await ask(path, { headers: { origin: SITE } });

    expect(response.status).toBe(200);
    expect(corsHeaders(response)).toEqual({
      'access-control-allow-origin': SITE,
      'access-control-expose-headers': 'Retry-After',
    });
    expect(response.headers.get('vary')).toMatch(/\bOrigin\b/);
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  it('is told what it may send, without credentials', async () => {
    const response = await ask('/subscriptions', {
      method: 'OPTIONS',
      headers: {
        origin: SITE,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    });

    expect(response.status).toBe(204);
    expect(corsHeaders(response)).toEqual({
      'access-control-allow-origin': SITE,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'Content-Type',
      'access-control-max-age': '7200',
      'access-control-expose-headers': 'Retry-After',
    });
  });

  it('signs up', async () => {
    const response = await signUpFrom(SITE, 'named@example.org');

    expect(response.status).toBe(202);
    expect(corsHeaders(response)).toMatchObject({ 'access-control-allow-origin': SITE });
    expect(await requestsOf(system.deps, 'named@example.org')).toHaveLength(1);
  });

  it('can read why it was refused, also before its body was understood', async () => {
    const broken = await ask('/subscriptions', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: SITE },
      body: '{"email":',
    });

    expect(broken.status).toBe(400);
    expect(corsHeaders(broken)).toMatchObject({ 'access-control-allow-origin': SITE });
  });

  it('gets no further than the form', async () => {
    const response = await ask('/newsletters', { headers: { origin: SITE } });

    expect(corsHeaders(response)).toEqual({});
  });
});

describe('a page of any other site', () => {
  it.each([
    STRANGER,
    'null',
    'http://www.paper.example',
    'https://www.paper.example:8443',
    'https://www.paper.example.evil.example',
    `${SITE}/`,
  ])('is refused, and its browser shows it nothing: %s', async (origin) => {
    const answers = await Promise.all([
      signUpFrom(origin, 'stranger@example.org'),
      ...READ.map((path) => ask(path, { headers: { origin } })),
      ask('/subscriptions', { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } }),
    ]);

    for (const response of answers) {
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({ code: 'origin_not_allowed' });
      expect(corsHeaders(response)).toEqual({});
      expect(response.headers.get('vary')).toMatch(/\bOrigin\b/);
    }
    expect(await requestsOf(system.deps, 'stranger@example.org')).toEqual([]);
  });

  it('is refused from the moment an admin has struck it off', async () => {
    await nameSites([SITE, STRANGER]);
    expect((await signUpFrom(STRANGER, 'once@example.org')).status).toBe(202);
    await nameSites([SITE]);

    expect((await signUpFrom(STRANGER, 'twice@example.org')).status).toBe(403);
  });
});

describe('our own pages, and programs', () => {
  it('need no leave: our origin, or none at all', async () => {
    const own = await signUpFrom(system.url, 'own@example.org');
    const program = await signUpFrom(undefined, 'program@example.org');

    expect([own.status, program.status]).toEqual([202, 202]);
    expect([corsHeaders(own), corsHeaders(program)]).toEqual([{}, {}]);
  });
});

describe('the list of sites', () => {
  it('is normalised, kept without doubles, and every change is in the audit log', async () => {
    const response = await nameSites([SITE, 'https://B.example/', 'https://b.example', 'http://localhost:5173']);

    expect(response.status).toBe(200);
    const { origins } = (await response.json()) as { origins: { origin: string; createdBy: string }[] };
    expect(origins.map(({ origin }) => origin)).toEqual(['http://localhost:5173', 'https://b.example', SITE]);
    expect(origins[0]?.createdBy).toMatch(/^token:/);
    const entry = await system.deps.db
      .selectFrom('audit_log')
      .select('details')
      .where('action', '=', 'signup-origins.changed')
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    expect(entry.details).toEqual({ added: ['http://localhost:5173', 'https://b.example'], removed: [] });
  });

  it('stays as it was when it is saved again, and says nothing to the audit log', async () => {
    await nameSites([SITE]);
    const count = async (): Promise<number> =>
      (await system.deps.db.selectFrom('audit_log').select('id').where('subject_kind', '=', 'signup-origins').execute())
        .length;
    const before = await count();
    await Promise.all([nameSites([SITE]), nameSites([SITE])]);

    expect(await count()).toBe(before);
  });

  it('takes two lists at once one after the other', async () => {
    const lists = Array.from({ length: 6 }, (_none, index) => [SITE, `https://site-${index}.example`]);
    const answers = await Promise.all(lists.map((list) => nameSites(list)));

    expect(answers.map(({ status }) => status)).toEqual(lists.map(() => 200));
    const rows = await system.deps.db.selectFrom('signup_origins').select('origin').execute();
    expect(rows).toHaveLength(2);
  });

  it('says at its place what is wrong with an entry, and then changes nothing', async () => {
    await nameSites([SITE]);
    const response = await nameSites([SITE, 'http://paper.example/articles']);

    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      errors: [{ field: 'origins.1', code: 'origin_invalid', message: expect.stringContaining('after the host') }],
    });
    expect(await system.deps.db.selectFrom('signup_origins').select('origin').execute()).toEqual([{ origin: SITE }]);
  });

  it('is shown and changed only by those who may', async () => {
    const authorization = await bearer('newsletters:write');
    const answers = await Promise.all([
      ask('/signup-origins'),
      ask('/signup-origins', { headers: { authorization } }),
      ask('/signup-origins', { method: 'PUT', headers: { authorization } }),
    ]);

    expect(answers.map(({ status }) => status)).toEqual([401, 403, 403]);
  });
});
