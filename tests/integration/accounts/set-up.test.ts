import { afterEach, beforeEach, expect, it } from 'vitest';
import { inviteAdmin, issueSetupToken } from '../../../src/accounts/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { parseEmailAddress } from '../../../src/shared/email-address.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { ADDRESS, createAdminClient, PASSWORD, requireSetupToken, setUpFirstAdmin } from './admin-client.ts';

const clock = createFakeClock();
let system: TestSystem;
beforeEach(async () => {
  system = await startTestSystem({ worker: false, clock });
});
afterEach(() => system.stop());

function chosen(token: string, changes: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { token, email: ADDRESS, password: PASSWORD, timeZone: 'Europe/Berlin', ...changes };
}

it('makes the first admin, signs them in, and dies on use', async () => {
  const token = await requireSetupToken(system);
  const client = createAdminClient(system);
  expect((await client.send('GET', '/session')).body).toMatchObject({ admin: null, needsSetup: true });
  expect((await client.send('POST', '/setup/check', { token })).body).toEqual({ kind: 'first-admin' });

  const answer = await client.send('POST', '/setup', chosen(token, { name: 'Ada' }));

  expect(answer.status).toBe(200);
  expect((await client.send('GET', '/session')).body).toMatchObject({
    admin: { address: ADDRESS, name: 'Ada', timeZone: 'Europe/Berlin', verified: false },
    needsSetup: false,
    insecureTransport: true,
  });
  const again = await createAdminClient(system).send('POST', '/setup', chosen(token, { email: 'eve@example.org' }));
  expect(again).toMatchObject({ status: 404, body: { code: 'setup_link_invalid' } });
  expect(await issueSetupToken(system.deps)).toBeUndefined();
});

it('keeps neither token nor password, only their hashes', async () => {
  const token = await requireSetupToken(system);
  const stored = await system.deps.db.selectFrom('setup_tokens').selectAll().execute();
  expect(stored).toHaveLength(1);
  expect(JSON.stringify(stored)).not.toContain(token);

  await createAdminClient(system).send('POST', '/setup', chosen(token));

  const admin = await system.deps.db.selectFrom('admins').selectAll().executeTakeFirstOrThrow();
  expect(admin.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await system.deps.db.selectFrom('setup_tokens').selectAll().execute()).toEqual([]);
});

it('lets only the newest first-admin link work, and none older than a day', async () => {
  const first = await requireSetupToken(system);
  const second = await requireSetupToken(system);
  const client = createAdminClient(system);
  expect((await client.send('POST', '/setup/check', { token: first })).status).toBe(404);
  expect((await client.send('POST', '/setup/check', { token: second })).status).toBe(200);

  clock.advance(24 * 3_600_000 + 1);

  expect((await client.send('POST', '/setup/check', { token: second })).status).toBe(404);
});

it('gives one of two who open the link at the same moment the account', async () => {
  const token = await requireSetupToken(system);

  const answers = await Promise.all(
    ['ada@example.org', 'eve@example.org'].map((email) =>
      createAdminClient(system).send('POST', '/setup', chosen(token, { email })),
    ),
  );

  expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 404]);
  expect(await system.deps.db.selectFrom('admins').select('id').execute()).toHaveLength(1);
});

it.each([
  [{ password: 'password1234' }, 'password', 'password_too_common'],
  [{ password: 'short' }, 'password', 'password_too_short'],
  [{ email: 'nobody' }, 'email', 'address_invalid'],
  [{ timeZone: 'Mars/Olympus' }, 'timeZone', 'time_zone_invalid'],
])('refuses %j at its field and leaves the link alive', async (wrong, field, code) => {
  const token = await requireSetupToken(system);
  const client = createAdminClient(system);

  const refused = await client.send('POST', '/setup', chosen(token, wrong));

  expect(refused).toMatchObject({ status: 422, body: { errors: [{ field, code }] } });
  expect(client.cookies.size).toBe(0);
  expect((await client.send('POST', '/setup/check', { token })).status).toBe(200);
});

it('gives the zone to newsletters nobody set one for, and queues the mail that proves the address', async () => {
  await setUpFirstAdmin(system);

  const newsletter = await system.deps.db.selectFrom('newsletters').selectAll().executeTakeFirstOrThrow();
  expect(newsletter.time_zone).toBe('Europe/Berlin');
  // The clock stands at Monday 08:00 in Berlin, so the next one is a week later.
  expect(newsletter.next_run_at).toEqual(new Date('2026-11-30T07:00:00Z'));
  const deliveries = await system.deps.db.selectFrom('deliveries').select(['kind', 'address', 'state']).execute();
  expect(deliveries).toEqual([{ kind: 'system', address: ADDRESS, state: 'planned' }]);
});

it('lets an invited person in with the address of the invitation only', async () => {
  const address = parseEmailAddress('bo@example.org');
  if (address === undefined) {
    throw new Error('not an address');
  }
  const { token } = await inviteAdmin(system.deps, { address, actor: CLI_ACTOR });
  const client = createAdminClient(system);

  expect((await client.send('POST', '/setup/check', { token })).body).toEqual({
    kind: 'invited',
    address: 'bo@example.org',
  });
  expect((await client.send('POST', '/setup', chosen(token))).body).toMatchObject({ errors: [{ field: 'email' }] });
  expect((await client.send('POST', '/setup', chosen(token, { email: 'Bo@Example.org' }))).status).toBe(200);
  // An invitation makes an admin too: the first-admin link is not printed any more.
  expect(await issueSetupToken(system.deps)).toBeUndefined();
});

it('ends the sessions of an admin who sets a new password by invitation', async () => {
  const before = await setUpFirstAdmin(system);
  const address = parseEmailAddress(ADDRESS);
  if (address === undefined) {
    throw new Error('not an address');
  }
  const { token } = await inviteAdmin(system.deps, { address, actor: CLI_ACTOR });
  expect((await before.send('GET', '/tokens')).status).toBe(200);

  const client = createAdminClient(system);
  await client.send('POST', '/setup', chosen(token, { password: 'another quiet river' }));

  expect((await before.send('GET', '/tokens')).status).toBe(401);
  expect((await client.send('GET', '/tokens')).status).toBe(200);
  const old = await createAdminClient(system).send('POST', '/session', { email: ADDRESS, password: PASSWORD });
  expect(old.status).toBe(401);
});
