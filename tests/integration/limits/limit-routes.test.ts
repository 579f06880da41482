import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApiToken } from '../../../src/accounts/index.ts';
import { createLimiter, domainScope } from '../../../src/limits/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { Scope } from '../../../src/shared/actor.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem({ worker: false });
});
afterAll(() => system.stop());

async function ask(
  scope: Scope,
  method: string,
  path = '',
  body?: unknown,
): Promise<{ status: number; data: Record<string, unknown> }> {
  const { secret } = await createApiToken(system.deps, {
    name: 'test',
    scopes: [scope],
    expiresInDays: 1,
    actor: CLI_ACTOR,
  });
  const response = await fetch(`${system.url}/api/v1/sending/limits${path}`, {
    method,
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, data: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}

it('sets, shows, replaces and clears limits, and says in the audit log who did', async () => {
  expect(await ask('system:write', 'PUT', '/overall', { perDay: 5000, perSecond: 2.5 })).toMatchObject({ status: 200 });
  expect(
    await ask('system:write', 'PUT', `/${encodeURIComponent('domain:MÜNCHEN.example')}`, { concurrency: 3 }),
  ).toMatchObject({ status: 200 });
  expect(await ask('system:read', 'GET')).toMatchObject({
    status: 200,
    data: {
      limits: [
        { scope: 'domain:xn--mnchen-3ya.example', source: 'stored', limit: { concurrency: 3, perDay: null } },
        {
          scope: 'overall',
          source: 'stored',
          limit: { perSecond: 2.5, perHour: null, perDay: 5000, concurrency: null },
          usedLastDay: 0,
        },
      ],
    },
  });
  await ask('system:write', 'PUT', '/overall', { perHour: 10 });
  expect(await ask('system:write', 'DELETE', '/overall')).toMatchObject({ status: 204 });
  expect(await ask('system:write', 'DELETE', '/overall')).toMatchObject({
    status: 404,
    data: { code: 'limit_not_found' },
  });
  const audit = await system.deps.db
    .selectFrom('audit_log')
    .select(['action', 'details'])
    .where('subject_id', '=', 'overall')
    .orderBy('id')
    .execute();
  const none = { perSecond: null, perHour: null, perDay: null, concurrency: null };
  expect(audit).toEqual([
    { action: 'limit.set', details: { before: null, after: { ...none, perSecond: 2.5, perDay: 5000 } } },
    {
      action: 'limit.set',
      details: { before: { ...none, perSecond: 2.5, perDay: 5000 }, after: { ...none, perHour: 10 } },
    },
    { action: 'limit.cleared', details: { before: { ...none, perHour: 10 } } },
  ]);
});

it('shows what is used and what is paused', async () => {
  const { db, clock, log } = system.deps;
  await ask('system:write', 'PUT', '/overall', { perHour: 100 });
  const limiter = createLimiter({ db, clock, log }, []);
  await limiter.reserve(
    [1, 2, 3].map((id) => ({ id: id as never, domain: 'a.example' })),
    'relay.example:25',
    'campaigns',
  );
  const until = await limiter.pause(domainScope('gmail.com'), 'sender_throttled');
  const { data } = await ask('system:read', 'GET');
  expect(data['limits']).toContainEqual(expect.objectContaining({ scope: 'overall', usedLastHour: 3 }));
  expect(data['limits']).toContainEqual(
    expect.objectContaining({
      scope: 'domain:gmail.com',
      limit: null,
      pausedUntil: until.toISOString(),
      pauseReason: 'sender_throttled',
    }),
  );
});

it.each([
  ['no scope', 'relay', { perDay: 1 }],
  ['a domain with a path', 'domain:a.example%2Fb', { perDay: 1 }],
  ['no limit in it', 'overall', {}],
  ['a limit of nothing', 'overall', { perDay: 0 }],
  ['half a mail', 'overall', { perHour: 1.5 }],
  ['a field that is none', 'overall', { perWeek: 7 }],
])('refuses %s', async (_what, scope, body) => {
  expect(await ask('system:write', 'PUT', `/${scope}`, body)).toMatchObject({ status: 422 });
});

it('lets only those change it who may', async () => {
  expect(await ask('system:read', 'PUT', '/overall', { perDay: 1 })).toMatchObject({ status: 403 });
  expect(await ask('campaigns:write', 'GET')).toMatchObject({ status: 403 });
  expect((await fetch(`${system.url}/api/v1/sending/limits`)).status).toBe(401);
});
