import { Writable } from 'node:stream';
import type { Challenge } from 'altcha-lib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compose } from '../../../src/compose.ts';
import { createLogger } from '../../../src/platform/logging/index.ts';
import { readSignupWarnings } from '../../../src/signup-guard/index.ts';
import { buildApp } from '../../../src/start-web.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import type { FakeClock } from '../../support/fake-clock.ts';
import { listen } from '../../support/listen.ts';
import { solve } from '../../support/solve-challenge.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';
import { get } from '../subscriptions/reader.ts';
import { BEHIND_PROXY, signUpFrom, signUpMany, storedRequests, submitFrom } from './visitor.ts';

let clock: FakeClock;
let system: TestSystem;
let logged: string[];

async function start(environment: Record<string, string> = {}): Promise<void> {
  logged = [];
  const log = createLogger(
    'warn',
    'test',
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        logged.push(chunk.toString());
        done();
      },
    }),
  );
  // Challenges are checked against the clock of the machine as well.
  clock = createFakeClock(new Date(Math.floor(Date.now() / 60_000) * 60_000));
  system = await startTestSystem({ worker: false, clock, log, environment: { ...BEHIND_PROXY, ...environment } });
}

beforeEach(() => start());
afterEach(() => system.stop());

async function causeBurst(): Promise<void> {
  const statuses = await signUpMany(system, 602, (index) => `flood-${index}@r${index}.example`);
  expect(statuses.slice(0, 600).every((status) => status === 202)).toBe(true);
}

async function readMetrics(): Promise<string> {
  return (await fetch(`${system.url}/metrics`)).text();
}

describe('a burst of sign-ups', () => {
  it('raises the alarm once: in the log without personal data, on the admin home and in the metrics', async () => {
    expect(await readMetrics()).toContain('courant_signup_burst 0');

    await causeBurst();

    const alarms = logged.filter((line) => line.includes('signup_burst'));
    expect(alarms).toHaveLength(1);
    expect(JSON.parse(alarms[0] ?? '')).toMatchObject({ code: 'signup_burst', perMinute: 601 });
    expect(logged.join('')).not.toMatch(/flood-|@|10\.\d+\.\d+/);
    expect(await readMetrics()).toMatch(
      /courant_signup_attempts\{outcome="recorded"\} 60\d\n[^]*courant_signup_burst 1\n/,
    );
    const warnings = (): ReturnType<typeof readSignupWarnings> => readSignupWarnings(system.deps.db, clock.now());
    await waitFor('the row', async () => (await warnings()).burst === 'now', 5000);
    clock.advance(11 * 60_000);
    expect((await warnings()).burst).toBe('lately');
    clock.advance(86_400_000);
    expect((await warnings()).burst).toBeUndefined();
  });

  it('asks callers of the API for a proof of work, with the challenge, and takes it once', async () => {
    await causeBurst();

    const refused = await signUpFrom(system, '198.51.100.1', 'late@example.org');

    expect(refused.status).toBe(403);
    const problem = (await refused.json()) as { readonly code: string; readonly challenge: Challenge };
    expect(problem).toMatchObject({ status: 403, code: 'proof_of_work_required' });
    const altcha = await solve(problem.challenge);
    expect((await signUpFrom(system, '198.51.100.1', 'late@example.org', { altcha })).status).toBe(202);
    const again = await signUpFrom(system, '198.51.100.1', 'other@example.org', { altcha });
    expect(again.status).toBe(403);
    const stored = new Set((await storedRequests(system)).map(({ address }) => address));
    expect([stored.has('late@example.org'), stored.has('other@example.org')]).toEqual([true, false]);
    clock.advance(11 * 60_000);
    expect((await signUpFrom(system, '198.51.100.1', 'calm@example.org')).status).toBe(202);
  });

  it('takes one proof once, however many send it at the same moment', async () => {
    await causeBurst();
    const challenge = (await (await fetch(`${system.url}/api/v1/signup-challenge`)).json()) as Challenge;
    const altcha = await solve(challenge);

    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        signUpFrom(system, `10.9.${index}.1`, `race-${index}@example.org`, { altcha }),
      ),
    );

    const statuses = answers.map(({ status }) => status);
    expect([202, 403].map((status) => statuses.filter((one) => one === status).length)).toEqual([1, 7]);
  });

  it('takes a form without JavaScript, whose mail waits its turn; with a proof it goes at once', async () => {
    await causeBurst();

    for (const name of ['one', 'two', 'three']) {
      expect((await submitFrom(system, undefined, `${name}@example.org`)).status).toBe(303);
    }
    const altcha = await solve(await system.deps.signupGuard.issueChallenge());
    expect((await submitFrom(system, undefined, 'proved@example.org', { altcha })).status).toBe(303);
    // The back button, and the same page sent again.
    expect((await submitFrom(system, undefined, 'back@example.org', { altcha })).status).toBe(303);

    const requests = (await storedRequests(system)).filter(({ address }) => address.endsWith('@example.org'));
    expect(requests.map(({ address, hold, delaySeconds }) => [address.split('@')[0], hold, delaySeconds])).toEqual([
      ['one', null, 0],
      ['two', 'trickle', 1],
      ['three', 'trickle', 2],
      ['proved', null, 0],
      ['back', 'trickle', 3],
    ]);
  });

  it('puts the solver on the page only then', async () => {
    expect(await (await get(system, '/')).text()).not.toMatch(/data-proof|signup-proof\.js/);

    await causeBurst();

    const html = await (await get(system, '/')).text();
    const worker = /data-worker="([^"]+)"/.exec(html)?.[1] ?? '';
    const script = /src="(\/assets\/signup-proof\.js[^"]*)"/.exec(html)?.[1] ?? '';
    for (const path of [worker, script]) {
      const response = await get(system, path);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toMatch(/javascript/);
      expect(response.headers.get('cache-control')).toMatch(/immutable/);
    }
  });

  it('is known to another web process with its first sign-up', async () => {
    await causeBurst();
    const other = await compose(system.deps.config, { role: 'test-2', maxConnections: 2, clock, log: system.deps.log });
    const { origin, close } = await listen(buildApp(other.deps));
    try {
      const elsewhere = { ...system, url: origin };
      expect((await signUpFrom(elsewhere, '198.51.100.1', 'first@example.org')).status).toBe(202);
      expect((await signUpFrom(elsewhere, '198.51.100.2', 'second@example.org')).status).toBe(403);
    } finally {
      await close();
      await other.close();
    }
  });
});

describe('SIGNUP_PROOF_OF_WORK', () => {
  it('always asks when it is always', async () => {
    await system.stop();
    await start({ SIGNUP_PROOF_OF_WORK: 'always' });

    expect((await signUpFrom(system, '198.51.100.1', 'a@example.org')).status).toBe(403);
    expect(await (await get(system, '/')).text()).toContain('data-proof');
    expect((await submitFrom(system, undefined, 'b@example.org')).status).toBe(303);
  });

  it('never asks when it is off, and raises the alarm all the same', async () => {
    await system.stop();
    await start({ SIGNUP_PROOF_OF_WORK: 'off' });

    await causeBurst();

    expect((await signUpFrom(system, '198.51.100.1', 'a@example.org')).status).toBe(202);
    expect(logged.filter((line) => line.includes('signup_burst'))).toHaveLength(1);
  });
});
