import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forgetSignupLimits } from '../../../src/signup-guard/index.ts';
import { decideSignups } from '../../../src/subscriptions/index.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import type { FakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { mailsPlannedTo } from '../subscriptions/reader.ts';
import { BEHIND_PROXY, signUpFrom, signUpMany, storedRequests, submitFrom, WEEK_SECONDS } from './visitor.ts';

/** These tests are far more sign-ups than usual. */
const SETTINGS = { ...BEHIND_PROXY, SIGNUP_PROOF_OF_WORK: 'off' };

let clock: FakeClock;
let system: TestSystem;

beforeEach(async () => {
  clock = createFakeClock();
  system = await startTestSystem({ worker: false, clock, environment: SETTINGS });
});
afterEach(() => system.stop());

/** How many of `count` sign-ups at once from these IPs were taken. */
async function countTaken(ips: readonly string[], label: string): Promise<number> {
  const answers = await Promise.all(ips.map((ip, index) => signUpFrom(system, ip, `${label}-${index}@one.example`)));
  expect([202, 429]).toEqual(expect.arrayContaining([...new Set(answers.map(({ status }) => status))]));
  return answers.filter(({ status }) => status === 202).length;
}

describe('limits that refuse (R38)', () => {
  it('takes 30 at once from one IP, and after that one in two minutes; others do not notice', async () => {
    expect(
      await countTaken(
        Array.from({ length: 40 }, () => '203.0.113.7'),
        'first',
      ),
    ).toBe(30);

    const refused = await signUpFrom(system, '203.0.113.7', 'more@one.example');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('120');
    expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await refused.json()).toMatchObject({ status: 429, code: 'too_many_signups' });
    expect((await signUpFrom(system, '198.51.100.7', 'other@one.example')).status).toBe(202);
    expect((await signUpFrom(system, '203.0.113.8', 'neighbour@one.example')).status).toBe(202);

    clock.advance(120_000);
    expect(
      await countTaken(
        Array.from({ length: 5 }, () => '203.0.113.7'),
        'later',
      ),
    ).toBe(1);
    clock.advance(3_600_000);
    expect(
      await countTaken(
        Array.from({ length: 40 }, () => '203.0.113.7'),
        'hour',
      ),
    ).toBe(30);
  });

  it('counts an IPv6 household as one, and a /24 or /48 together', async () => {
    const household = Array.from({ length: 35 }, (_, index) => `2001:db8:1:2::${index.toString(16)}`);
    expect(await countTaken(household, 'household')).toBe(30);

    const rack = Array.from({ length: 200 }, (_, index) => `192.0.2.${index}`);
    expect(await countTaken(rack, 'rack')).toBe(150);
    const block = Array.from({ length: 200 }, (_, index) => `2001:db8:9:${index.toString(16)}::1`);
    expect(await countTaken(block, 'block')).toBe(150);
  });

  it('refuses without asking the database once it is known, until it may be tried again', async () => {
    await countTaken(
      Array.from({ length: 31 }, () => '203.0.113.7'),
      'known',
    );
    const before = await system.deps.db.selectFrom('signup_limits').selectAll().orderBy('key').execute();

    const answers = await Promise.all([1, 2, 3].map((n) => signUpFrom(system, '203.0.113.7', `n${n}@other.example`)));

    expect(answers.map(({ status }) => status)).toEqual([429, 429, 429]);
    expect(await system.deps.db.selectFrom('signup_limits').selectAll().orderBy('key').execute()).toEqual(before);
  });

  it('holds for the form too, which comes back with what was typed, the ticks and one button', async () => {
    await countTaken(
      Array.from({ length: 31 }, () => '203.0.113.7'),
      'form',
    );

    const response = await submitFrom(system, '203.0.113.7', 'reader@example.org', { name: 'Rita' });

    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('120');
    const html = await response.text();
    expect(html).toMatch(/press Subscribe again in 2 minutes/);
    expect(html).toContain('value="reader@example.org"');
    expect(html).toContain('value="Rita"');
    expect(html).toMatch(/<input id="terms"[^>]* checked/);
    expect(html.match(/<button/g)).toHaveLength(1);
    expect((await storedRequests(system)).some(({ address }) => address === 'reader@example.org')).toBe(false);
  });

  it('outlives the subscribers: deleting them resets nothing', async () => {
    await countTaken(
      Array.from({ length: 30 }, () => '203.0.113.7'),
      'purged',
    );
    await system.deps.db.deleteFrom('subscribers').execute();

    expect((await signUpFrom(system, '203.0.113.7', 'again@one.example')).status).toBe(429);
  });

  it('asks everybody to come back later above SIGNUP_LIMIT_PER_MINUTE', async () => {
    await system.stop();
    system = await startTestSystem({
      worker: false,
      clock,
      environment: { ...SETTINGS, SIGNUP_LIMIT_PER_MINUTE: '10' },
    });
    clock.set('2026-11-23T07:00:15Z');

    const statuses = await signUpMany(system, 12, (index) => `all-${index}@one.example`);

    expect([202, 429].map((status) => statuses.filter((one) => one === status).length)).toEqual([10, 2]);
    const refused = await signUpFrom(system, '198.51.100.1', 'late@one.example');
    expect(refused.headers.get('retry-after')).toBe('45');
    clock.set('2026-11-23T07:02:00Z');
    expect((await signUpFrom(system, '198.51.100.1', 'late@one.example')).status).toBe(202);
  });
});

describe('limits that never change the answer (R38, S23)', () => {
  it('mails nothing for what an address gets beyond ten a day, and answers as ever', async () => {
    const answers: string[] = [];
    for (let index = 0; index < 12; index += 1) {
      const answer = await signUpFrom(
        system,
        `10.0.${index}.1`,
        index % 2 === 0 ? 'victim@example.org' : 'Victim@EXAMPLE.org',
      );
      answers.push(`${answer.status} ${await answer.text()}`);
    }

    expect(new Set(answers)).toEqual(new Set(['202 {"status":"accepted"}']));
    const requests = await storedRequests(system);
    expect(requests.map(({ hold }) => hold)).toEqual([...Array.from({ length: 10 }, () => null), 'address', 'address']);
    expect(requests.at(-1)?.delaySeconds).toBe(WEEK_SECONDS);
    await decideSignups(system.deps);
    clock.advance(WEEK_SECONDS * 1000);
    await decideSignups(system.deps);
    expect(await mailsPlannedTo(system.deps, 'victim@example.org')).toEqual(['confirm:planned']);
  });

  it('mails a domain 300 at once, the next one in twelve seconds each, and nothing that would come a day later', async () => {
    const statuses = await signUpMany(system, 303, (index) => `staff-${index}@school.example`);

    expect(new Set(statuses)).toEqual(new Set([202]));
    const requests = await storedRequests(system);
    expect(requests.filter(({ hold }) => hold === null)).toHaveLength(300);
    expect(requests.slice(300).map(({ hold, delaySeconds }) => `${hold} ${delaySeconds}`)).toEqual([
      'domain 12',
      'domain 24',
      'domain 36',
    ]);
    // As if it had gone on like that for a day.
    await system.deps.db
      .updateTable('signup_limits')
      .set({ full_at: new Date(clock.now().getTime() + 25 * 3_600_000) })
      .where('reach_seconds', '=', 25 * 3600)
      .execute();
    await signUpFrom(system, '10.200.0.1', 'late@school.example');
    expect((await storedRequests(system)).at(-1)).toEqual({
      address: 'late@school.example',
      hold: 'domain',
      delaySeconds: WEEK_SECONDS,
    });
  });

  it('decides what waits when it is due, and not before', async () => {
    await signUpMany(system, 301, (index) => `staff-${index}@school.example`);
    const waiting = (await storedRequests(system)).find(({ hold }) => hold !== null);
    if (waiting === undefined) {
      throw new Error('nobody waits');
    }
    await decideSignups(system.deps);
    expect(await mailsPlannedTo(system.deps, waiting.address)).toEqual([]);

    clock.advance(waiting.delaySeconds * 1000);
    await decideSignups(system.deps);

    expect(await mailsPlannedTo(system.deps, waiting.address)).toEqual(['confirm:planned']);
  });

  it('lets a large mailbox provider have more', async () => {
    await signUpMany(system, 310, (index) => `reader-${index}@gmail.com`);

    expect((await storedRequests(system)).filter(({ hold }) => hold !== null)).toEqual([]);
  });
});

describe('the rows of limits', () => {
  it('hold no address, no domain and no IP', async () => {
    await signUpFrom(system, '203.0.113.7', 'secret@example.org');

    const rows = await system.deps.db.selectFrom('signup_limits').selectAll().execute();

    expect(rows).toHaveLength(4);
    expect(JSON.stringify(rows)).not.toMatch(/secret|example|203\.0\.113/);
  });

  it('are deleted by the sweep when they limit nobody any more', async () => {
    await signUpMany(system, 30, (index) => `row-${index}@r${index}.example`);
    const count = async (): Promise<number> =>
      (await system.deps.db.selectFrom('signup_limits').select('key').execute()).length;
    expect(await count()).toBe(120);
    await forgetSignupLimits(system.deps.db, clock.now());
    expect(await count()).toBe(120);

    clock.advance(2 * 3_600_000);
    await forgetSignupLimits(system.deps.db, clock.now());
    // Those of addresses: one of ten of a day is used up for 2.4 hours.
    expect(await count()).toBe(30);
    clock.advance(8 * 86_400_000);
    await forgetSignupLimits(system.deps.db, clock.now());

    expect(await count()).toBe(0);
    expect(await system.deps.db.selectFrom('signup_rates').select('process').execute()).toEqual([]);
  });
});
