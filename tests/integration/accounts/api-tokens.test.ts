import { afterEach, beforeEach, expect, it } from 'vitest';
import { createApiToken } from '../../../src/accounts/index.ts';
import { CLI_ACTOR, SCOPES } from '../../../src/shared/actor.ts';
import type { Scope } from '../../../src/shared/actor.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { createAdminClient, setUpFirstAdmin } from './admin-client.ts';

const clock = createFakeClock();
let system: TestSystem;
beforeEach(async () => {
  system = await startTestSystem({ worker: false, clock });
});
afterEach(() => system.stop());

async function bearer(scopes: readonly Scope[]): Promise<Record<string, string>> {
  const input = { name: 'test', scopes, expiresInDays: 30, actor: CLI_ACTOR };
  return { Authorization: `Bearer ${(await createApiToken(system.deps, input)).secret}` };
}

it('shows the secret once, keeps only its hash, and works until it is revoked', async () => {
  const admin = await setUpFirstAdmin(system);

  const made = await admin.send('POST', '/tokens', { name: 'Website', scopes: ['newsletters:read'], expiresInDays: 7 });

  const secret = String(made.body['secret']);
  expect(secret).toMatch(/^cnt_[\w-]{43}$/);
  const listed = JSON.stringify((await admin.send('GET', '/tokens')).body);
  expect(listed).toContain(secret.slice(0, 10));
  expect(listed).not.toContain(secret);
  expect(JSON.stringify(await system.deps.db.selectFrom('api_tokens').selectAll().execute())).not.toContain(secret);

  const headers = { Authorization: `Bearer ${secret}` };
  const script = createAdminClient(system);
  expect((await script.send('GET', '/newsletters', undefined, headers)).status).toBe(200);
  expect((await admin.send('DELETE', `/tokens/${String(made.body['id'])}`)).status).toBe(204);
  expect(await script.send('GET', '/newsletters', undefined, headers)).toMatchObject({
    status: 401,
    body: { code: 'token_invalid' },
  });
});

it('opens what its scopes name and nothing else', async () => {
  const headers = await bearer(['newsletters:read']);
  const script = createAdminClient(system);
  expect((await script.send('GET', '/newsletters', undefined, headers)).status).toBe(200);
  for (const path of ['/subscribers', '/campaigns', '/tokens', '/overview', '/audit']) {
    expect(await script.send('GET', path, undefined, headers)).toMatchObject({
      status: 403,
      body: { code: 'scope_missing' },
    });
  }
});

it('cannot give another token more than it has', async () => {
  const headers = await bearer(['system:write']);
  const script = createAdminClient(system);
  const more = { name: 'more', scopes: [...SCOPES] };
  expect(await script.send('POST', '/tokens', more, headers)).toMatchObject({ body: { code: 'scope_missing' } });
  expect((await script.send('POST', '/tokens', { name: 'same', scopes: ['system:write'] }, headers)).status).toBe(201);
});

it('ends by itself', async () => {
  const headers = await bearer(['newsletters:read']);
  clock.advance(30 * 86_400_000);
  const answer = await createAdminClient(system).send('GET', '/newsletters', undefined, headers);
  expect(answer).toMatchObject({ status: 401, body: { code: 'token_invalid' } });
});

it.each(['Bearer', 'Bearer cnt_', 'Basic YWRhOng=', 'Bearer a b'])(
  'refuses the header %j even with a session',
  async (header) => {
    const admin = await setUpFirstAdmin(system);
    expect(await admin.send('GET', '/newsletters', undefined, { Authorization: header })).toMatchObject({
      status: 401,
      body: { code: 'token_invalid' },
    });
  },
);

it('writes down who made and revoked it, page by page', async () => {
  const admin = await setUpFirstAdmin(system);
  for (let number = 1; number <= 55; number += 1) {
    await bearer(['system:read']);
  }
  const made = await admin.send('POST', '/tokens', { name: 'Last', scopes: ['system:read'] });
  await admin.send('DELETE', `/tokens/${String(made.body['id'])}`);

  const page = (await admin.send('GET', '/audit?subjectKind=token')).body as {
    entries: { id: number; action: string; actor: string }[];
    nextCursor: number;
  };
  expect(page.entries).toHaveLength(50);
  expect(page.entries.slice(0, 2)).toMatchObject([
    { action: 'token.revoked', actor: expect.stringMatching(/^admin:\d+$/) as string },
    { action: 'token.created' },
  ]);
  const rest = (await admin.send('GET', `/audit?subjectKind=token&cursor=${page.nextCursor}`)).body;
  expect(rest).toMatchObject({ nextCursor: null });
  expect(rest['entries']).toHaveLength(7);
  expect(JSON.stringify(page)).not.toContain('cnt_');
});
