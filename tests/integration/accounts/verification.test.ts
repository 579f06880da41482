import { afterEach, beforeEach, expect, it } from 'vitest';
import { deriveToken } from '../../../src/shared/keyring.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { ADDRESS, setUpFirstAdmin } from './admin-client.ts';

const clock = createFakeClock();
let system: TestSystem;
beforeEach(async () => {
  system = await startTestSystem({ worker: false, clock });
});
afterEach(() => system.stop());

async function newestLink(): Promise<string> {
  const row = await system.deps.db
    .selectFrom('admin_verifications')
    .select('id')
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow();
  return `${system.url}/admin/verify/${deriveToken(system.deps.keyring, 'verify-admin', row.id)}`;
}

async function verifiedAt(): Promise<Date | null> {
  return (await system.deps.db.selectFrom('admins').select('verified_at').executeTakeFirstOrThrow()).verified_at;
}

it('verifies with the button, not by looking; twice is fine and keeps the first time', async () => {
  const client = await setUpFirstAdmin(system);
  const link = await newestLink();

  const page = await fetch(link);
  const html = await page.text();
  expect(page.status).toBe(200);
  expect(page.headers.get('referrer-policy')).toBe('no-referrer');
  expect(page.headers.get('cache-control')).toBe('no-store');
  expect(html).toContain('a•••@example.org');
  expect(html).not.toContain(ADDRESS);
  expect(await verifiedAt()).toBeNull();

  expect((await fetch(link, { method: 'POST' })).status).toBe(200);
  const first = await verifiedAt();
  expect(first).toEqual(clock.now());
  clock.advance(60_000);
  expect(await (await fetch(link, { method: 'POST' })).text()).toContain('is confirmed');
  expect(await verifiedAt()).toEqual(first);
  expect((await client.send('GET', '/session')).body).toMatchObject({ admin: { verified: true } });
});

it('refuses a link that is a day old, for another address, or not ours', async () => {
  await setUpFirstAdmin(system);
  const link = await newestLink();
  expect((await fetch(`${system.url}/admin/verify/${'A'.repeat(32)}`, { method: 'POST' })).status).toBe(404);
  const other = deriveToken(system.deps.keyring, 'unsubscribe', 1);
  expect((await fetch(`${system.url}/admin/verify/${other}`, { method: 'POST' })).status).toBe(404);

  await system.deps.db.updateTable('admins').set({ address: 'new@example.org' }).execute();
  expect((await fetch(link, { method: 'POST' })).status).toBe(404);
  await system.deps.db.updateTable('admins').set({ address: ADDRESS }).execute();
  clock.advance(24 * 3_600_000);
  expect((await fetch(link, { method: 'POST' })).status).toBe(404);
  expect(await verifiedAt()).toBeNull();
});

it('mails the link again, at most once a minute', async () => {
  const client = await setUpFirstAdmin(system);
  const first = await newestLink();
  expect(await client.send('POST', '/session/verification', {})).toMatchObject({
    status: 429,
    body: { code: 'too_many_attempts' },
  });
  clock.advance(60_000);

  expect((await client.send('POST', '/session/verification', {})).status).toBe(204);

  expect(await newestLink()).not.toBe(first);
  const kinds = await system.deps.db.selectFrom('deliveries').select('kind').execute();
  expect(kinds).toEqual([{ kind: 'system' }, { kind: 'system' }]);
});

it('asks nobody without a session', async () => {
  const answer = await fetch(`${system.url}/api/v1/session/verification`, { method: 'POST' });
  expect(answer.status).toBe(401);
});
