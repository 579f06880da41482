import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bounceLimitsRoutes } from '../../../src/bounce-limits/index.ts';
import { createApp } from '../../../src/http/index.ts';
import { createLogger } from '../../../src/platform/logging/index.ts';
import type { Actor } from '../../../src/shared/actor.ts';
import { openPress } from '../campaigns/press.ts';
import type { Press } from '../campaigns/press.ts';

const TOKENS: Readonly<Record<string, Actor>> = {
  'Bearer writer': { kind: 'token', scopes: ['system:read', 'system:write'], label: 'token:1' },
  'Bearer reader': { kind: 'token', scopes: ['system:read'], label: 'token:2' },
};
const DEFAULTS = {
  window: 500,
  hardPercent: 5,
  hardAtLeast: 25,
  refusedPercent: 20,
  refusedAtLeast: 25,
  softFailures: 3,
  softDays: 30,
};

let press: Press;
let server: Server;

beforeAll(async () => {
  press = await openPress();
  const app = createApp({
    log: createLogger('silent', 'test'),
    publicUrl: 'http://localhost:3000',
    trustProxy: false,
    authenticate: (req) => Promise.resolve(TOKENS[req.get('authorization') ?? '']),
    apiRoutes: bounceLimitsRoutes(press.deps),
    routers: [],
  });
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.close();
  await press.close();
});

async function call(method: string, body?: object, token = 'writer') {
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/sending/bounce-limits`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  return { status: response.status, answer };
}

it('shows the defaults, changes what is named, and says who did it', async () => {
  expect(await call('GET')).toEqual({ status: 200, answer: DEFAULTS });
  expect(await call('PATCH', { hardPercent: 3 })).toEqual({ status: 200, answer: { ...DEFAULTS, hardPercent: 3 } });
  expect(await call('GET')).toMatchObject({ answer: { hardPercent: 3 } });

  const log = await press.deps.db
    .selectFrom('audit_log')
    .selectAll()
    .where('action', '=', 'bounce_limits.changed')
    .execute();
  expect(log).toMatchObject([{ actor: 'token:1', details: { before: DEFAULTS, after: { hardPercent: 3 } } }]);
});

it.each([{ hardPercent: 0 }, { window: 10 }, { softDays: 1.5 }, { something: 1 }])('refuses %j', async (body) => {
  expect((await call('PATCH', body)).status).toBe(422);
});

it('is changed by nobody who may only read', async () => {
  expect((await call('PATCH', { window: 100 }, 'reader')).status).toBe(403);
  expect((await call('GET', undefined, 'nobody')).status).toBe(401);
});
