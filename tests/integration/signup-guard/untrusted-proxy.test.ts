import { Writable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/platform/logging/index.ts';
import { readSignupWarnings } from '../../../src/signup-guard/index.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';
import { get } from '../subscriptions/reader.ts';
import { BEHIND_PROXY, signUpFrom } from './visitor.ts';

const clock = createFakeClock();
let system: TestSystem;
let logged: string[];

async function start(environment: Record<string, string>): Promise<void> {
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
  system = await startTestSystem({ worker: false, clock, log, environment });
}
afterEach(() => system.stop());

const recordedIps = async (): Promise<readonly unknown[]> =>
  (await system.deps.db.selectFrom('consent_personal').select('ip').orderBy('record_id').execute()).map(({ ip }) => ip);

describe('X-Forwarded-For (A5)', () => {
  it('of a proxy that TRUST_PROXY does not name is warned of once, and for a day where admins look', async () => {
    await start({});
    const warnings = async (): Promise<boolean> =>
      (await readSignupWarnings(system.deps.db, clock.now())).hasUntrustedProxy;
    await get(system, '/');
    expect(await warnings()).toBe(false);

    await signUpFrom(system, '203.0.113.7', 'a@example.org');
    await signUpFrom(system, '203.0.113.7', 'b@example.org');
    await waitFor('the notice', warnings, 5000);

    const lines = logged.filter((line) => line.includes('TRUST_PROXY'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toMatch(/203\.0|127\.0/);
    clock.advance(86_400_001);
    expect(await warnings()).toBe(false);
  });

  it('of such a proxy in a private range leaves the IP unknown and limits nobody by it', async () => {
    await start({});

    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => signUpFrom(system, '203.0.113.7', `r${index}@r${index}.example`)),
    );

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(await recordedIps())).toEqual(new Set([null]));
    expect(await system.deps.db.selectFrom('signup_limits').select('key').execute()).toHaveLength(80);
  });

  it('of a proxy that is named is where the reader came from, and nothing to warn of', async () => {
    await start(BEHIND_PROXY);

    await signUpFrom(system, '203.0.113.7', 'a@example.org');
    await signUpFrom(system, '2001:db8:1:2::3', 'b@example.org');
    await signUpFrom(system, undefined, 'c@example.org');

    expect(await recordedIps()).toEqual(['203.0.113.0/24', '2001:db8:1::/48', '127.0.0.0/24']);
    expect((await readSignupWarnings(system.deps.db, clock.now())).hasUntrustedProxy).toBe(false);
    expect(logged.join('')).not.toContain('TRUST_PROXY');
  });
});
