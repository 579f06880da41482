import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { ADDRESS, createAdminClient, PASSWORD, setUpFirstAdmin } from './admin-client.ts';
import type { Answer } from './admin-client.ts';

const MINUTE = 60_000;
const clock = createFakeClock();
let system: TestSystem;
beforeEach(async () => {
  system = await startTestSystem({ worker: false, clock });
});
afterEach(() => system.stop());

async function logIn(password: string, email = ADDRESS): Promise<Answer> {
  return createAdminClient(system).send('POST', '/session', { email, password });
}

it('signs in with a new session each time, and out again', async () => {
  const first = await setUpFirstAdmin(system);
  const sessionBefore = first.cookies.get('session');

  expect((await first.send('POST', '/session', { email: ADDRESS.toUpperCase(), password: PASSWORD })).status).toBe(200);

  expect(first.cookies.get('session')).not.toBe(sessionBefore);
  expect(await system.deps.db.selectFrom('admin_sessions').selectAll().execute()).toHaveLength(1);
  expect((await first.send('DELETE', '/session')).status).toBe(204);
  expect(first.cookies.has('session')).toBe(false);
  expect(await system.deps.db.selectFrom('admin_sessions').selectAll().execute()).toEqual([]);
});

it('sets cookies that scripts and other sites cannot use', async () => {
  await setUpFirstAdmin(system);
  const cookies = (await logIn(PASSWORD)).headers.getSetCookie();
  expect(cookies).toHaveLength(2);
  for (const cookie of cookies) {
    expect(cookie).toMatch(/; Path=\/;.*HttpOnly; SameSite=Strict$/);
    expect(cookie).not.toContain('Domain');
  }
});

it('gives the same answer for a wrong password, an unknown address and something that is no address', async () => {
  await setUpFirstAdmin(system);
  const answers = [
    await logIn('not the password'),
    await logIn(PASSWORD, 'nobody@example.org'),
    await logIn(PASSWORD, 'nonsense'),
  ];
  const [first] = answers;
  expect(first).toMatchObject({ status: 401, body: { code: 'login_failed' } });
  for (const answer of answers) {
    expect(answer.body).toEqual(first?.body);
  }
});

it('slows down after five failures, twice as long each time, for unknown addresses as well', async () => {
  await setUpFirstAdmin(system);
  for (const email of [ADDRESS, 'nobody@example.org']) {
    for (let failure = 1; failure <= 6; failure += 1) {
      expect((await logIn('wrong', email)).status).toBe(401);
    }
    const early = await logIn(PASSWORD, email);
    expect(early).toMatchObject({ status: 429, body: { code: 'too_many_attempts' } });
    expect(early.headers.get('retry-after')).toBe('1');
    clock.advance(1000);
    expect((await logIn('wrong', email)).status).toBe(401);
    expect((await logIn('wrong', email)).headers.get('retry-after')).toBe('2');
    clock.advance(2000);
  }
  expect((await logIn(PASSWORD)).status).toBe(200);
  expect((await logIn('wrong')).status).toBe(401);
});

it('lets of many tries at the same moment only the free ones through', async () => {
  await setUpFirstAdmin(system);

  const answers = await Promise.all(Array.from({ length: 12 }, () => logIn('wrong')));

  const checked = answers.filter(({ status }) => status === 401);
  expect(checked.length).toBeLessThanOrEqual(6);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(12 - checked.length);
});

it('does not lock the owner out: a browser that signed in before has a limit of its own', async () => {
  const owner = await setUpFirstAdmin(system);
  await owner.send('DELETE', '/session');
  for (let failure = 0; failure < 8; failure += 1) {
    await logIn('wrong');
  }
  expect((await logIn(PASSWORD)).status).toBe(429);

  expect((await owner.send('POST', '/session', { email: ADDRESS, password: PASSWORD })).status).toBe(200);
});

it('ends a session after 30 minutes of nothing and after 12 hours whatever happens', async () => {
  const client = await setUpFirstAdmin(system);
  clock.advance(29 * MINUTE);
  expect((await client.send('GET', '/tokens')).status).toBe(200);
  clock.advance(29 * MINUTE);
  expect((await client.send('GET', '/tokens')).status).toBe(200);
  clock.advance(31 * MINUTE);
  expect((await client.send('GET', '/tokens')).body).toMatchObject({ code: 'not_signed_in' });

  await client.send('POST', '/session', { email: ADDRESS, password: PASSWORD });
  for (let quarter = 0; quarter < 47; quarter += 1) {
    clock.advance(15 * MINUTE);
    expect((await client.send('GET', '/session')).body).toMatchObject({ admin: { address: ADDRESS } });
  }
  clock.advance(15 * MINUTE);
  expect((await client.send('GET', '/session')).body).toMatchObject({ admin: null });
});

it('refuses what comes from another site with the cookie (S3)', async () => {
  const client = await setUpFirstAdmin(system);
  const foreign = { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' };
  const body = { name: 'x', scopes: ['system:read'] };
  expect(await client.send('POST', '/tokens', body, foreign)).toMatchObject({
    status: 403,
    body: { code: 'cross_site_request' },
  });
  expect((await client.send('DELETE', '/session', undefined, foreign)).status).toBe(403);
  expect((await client.send('POST', '/session', { email: ADDRESS, password: PASSWORD }, foreign)).status).toBe(403);
  expect((await client.send('POST', '/tokens', body)).status).toBe(201);
});

it('uses Secure cookies with the __Host- prefix behind an https address', async () => {
  const secure = await startTestSystem({ worker: false, environment: { PUBLIC_URL: 'https://news.example' } });
  try {
    const client = await setUpFirstAdmin(secure);
    expect([...client.cookies.keys()]).toEqual(['__Host-session', '__Host-device']);
    const answer = await client.send('POST', '/session', { email: ADDRESS, password: PASSWORD });
    expect(answer.headers.getSetCookie().every((cookie) => cookie.includes('; Secure'))).toBe(true);
    expect((await client.send('GET', '/session')).body).toMatchObject({ insecureTransport: false, inboxUrl: null });
  } finally {
    await secure.stop();
  }
});

it('refuses oversized and unknown fields before it does any work', async () => {
  const client = await setUpFirstAdmin(system);
  expect((await client.send('POST', '/session', { email: ADDRESS, password: 'x'.repeat(2000) })).status).toBe(422);
  expect((await client.send('POST', '/session', { email: ADDRESS, password: PASSWORD, more: 1 })).status).toBe(422);
});
