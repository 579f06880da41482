import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNewsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { decideSignups, expireRequests } from '../../../src/subscriptions/index.ts';
import { suppressSubscribers } from '../../../src/suppressions/index.ts';
import type { SuppressionReason } from '../../../src/suppressions/index.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import {
  becomeReader,
  lastRequestOf,
  mailsPlannedTo,
  post,
  requestsOf,
  signUp,
  statusesOf,
  subscriptionOf,
  tokenPath,
} from './reader.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const clock = createFakeClock();
let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false, clock });
  await createNewsletter(system.deps, { name: 'The Daily', slug: 'the-daily' }, CLI_ACTOR);
});
afterAll(() => system.stop());

/** What the lane decided for each request of the address so far. */
async function ask(address: string, newsletters = ['the-weekly']): Promise<readonly (string | null)[]> {
  await signUp(system, address, { newsletters });
  await decideSignups(system.deps);
  return (await requestsOf(system.deps, address)).map(({ decision }) => decision);
}

async function suppress(address: string, reason: SuppressionReason): Promise<void> {
  const { subscriberId } = await lastRequestOf(system.deps, address);
  await suppressSubscribers(system.deps.db, {
    subscriberIds: [subscriberId],
    reason,
    source: 'test',
    now: clock.now(),
  });
}

describe('decideSignups', () => {
  it('mails a confirmation to somebody new and has the subscription wait for it', async () => {
    expect(await ask('new@example.org')).toEqual(['confirmation']);
    expect(await statusesOf(system.deps, 'new@example.org')).toEqual(['the-weekly:pending']);
    expect(await mailsPlannedTo(system.deps, 'new@example.org')).toEqual(['confirm:planned']);
  });

  it('mails another confirmation to somebody who asks again, but not within two minutes', async () => {
    await ask('again@example.org');
    clock.advance(MINUTE);
    expect(await ask('again@example.org')).toEqual(['confirmation', 'nothing']);

    clock.advance(2 * MINUTE);

    expect(await ask('again@example.org')).toEqual(['confirmation', 'nothing', 'confirmation']);
    expect(await mailsPlannedTo(system.deps, 'again@example.org')).toEqual(['confirm:planned', 'confirm:planned']);
  });

  it('mails at most five confirmations a day to an address', async () => {
    for (let count = 0; count < 7; count += 1) {
      await ask('flood@example.org');
      clock.advance(3 * MINUTE);
    }
    expect(await mailsPlannedTo(system.deps, 'flood@example.org')).toHaveLength(5);

    clock.advance(DAY);
    await ask('flood@example.org');

    expect(await mailsPlannedTo(system.deps, 'flood@example.org')).toHaveLength(6);
  });

  it('mails a reader a note with the link to their preferences, at most weekly', async () => {
    await becomeReader(system, 'active@example.org');
    await ask('active@example.org');
    expect(await mailsPlannedTo(system.deps, 'active@example.org')).toEqual([
      'confirm:planned',
      'system:planned',
      'welcome:planned',
    ]);

    clock.advance(6 * DAY);
    await ask('active@example.org');
    expect(await mailsPlannedTo(system.deps, 'active@example.org')).toHaveLength(3);

    clock.advance(DAY + MINUTE);
    await ask('active@example.org');
    expect(await mailsPlannedTo(system.deps, 'active@example.org')).toHaveLength(4);
    expect(await statusesOf(system.deps, 'active@example.org')).toEqual(['the-weekly:active']);
  });

  it('mails a reader one note after a double click', async () => {
    await becomeReader(system, 'hasty@example.org');

    await Promise.all([signUp(system, 'hasty@example.org'), signUp(system, 'hasty@example.org')]);
    await Promise.all([decideSignups(system.deps), decideSignups(system.deps)]);

    const planned = await mailsPlannedTo(system.deps, 'hasty@example.org');
    expect(planned.filter((mail) => mail === 'system:planned')).toHaveLength(1);
  });

  it('confirms what is new to a reader and leaves alone what they read', async () => {
    await becomeReader(system, 'more@example.org');

    await ask('more@example.org', ['the-weekly', 'the-daily']);

    expect(await statusesOf(system.deps, 'more@example.org')).toEqual(['the-daily:pending', 'the-weekly:active']);
    expect((await lastRequestOf(system.deps, 'more@example.org')).decision).toBe('confirmation');
  });

  it.each(['manual', 'complaint'] as const)('mails nothing to an address with a %s suppression', async (reason) => {
    const address = `${reason}@example.org`;
    await signUp(system, address);
    await suppress(address, reason);

    await decideSignups(system.deps);

    expect((await lastRequestOf(system.deps, address)).decision).toBe('nothing');
    expect(await mailsPlannedTo(system.deps, address)).toEqual([]);
    expect(await statusesOf(system.deps, address)).toEqual([]);
  });

  it('mails a confirmation to an address that was erased, and only confirming lifts the suppression', async () => {
    await signUp(system, 'erased@example.org');
    await suppress('erased@example.org', 'erasure');
    const liftedAt = async (): Promise<readonly (Date | null)[]> => {
      const { rows } = await sql<{ liftedAt: Date | null }>`
        select x.lifted_at as "liftedAt" from suppressions x join subscribers s on s.address_hash = x.address_hash
        where s.address = 'erased@example.org'`.execute(system.deps.db);
      return rows.map((row) => row.liftedAt);
    };

    await decideSignups(system.deps);

    expect(await mailsPlannedTo(system.deps, 'erased@example.org')).toEqual(['confirm:planned']);
    expect(await liftedAt()).toEqual([null]);
    const { id } = await lastRequestOf(system.deps, 'erased@example.org');
    await post(system, tokenPath(system.deps, 'confirm', 'confirm', id));
    expect(await liftedAt()).toEqual([clock.now()]);
    expect(await statusesOf(system.deps, 'erased@example.org')).toEqual(['the-weekly:active']);
  });

  it('decides each request once, however many workers look at once', async () => {
    const addresses = Array.from({ length: 120 }, (_, index) => `many-${index}@example.org`);
    await Promise.all(addresses.map((address) => signUp(system, address)));

    await Promise.all([decideSignups(system.deps), decideSignups(system.deps), decideSignups(system.deps)]);

    const planned = await Promise.all(addresses.map((address) => mailsPlannedTo(system.deps, address)));
    expect(planned.flat()).toEqual(addresses.map(() => 'confirm:planned'));
  });

  it('welcomes each confirmed reader once', async () => {
    await becomeReader(system, 'welcome@example.org');

    await Promise.all([decideSignups(system.deps), decideSignups(system.deps)]);

    expect(await mailsPlannedTo(system.deps, 'welcome@example.org')).toEqual(['confirm:planned', 'welcome:planned']);
  });
});

describe('a confirmation link that nobody used', () => {
  it('is over after seven days, for the sweep too', async () => {
    await ask('late@example.org');
    clock.advance(7 * DAY - MINUTE);
    await expireRequests(system.deps.db, clock.now());
    expect((await lastRequestOf(system.deps, 'late@example.org')).status).toBe('open');

    clock.advance(MINUTE);
    await expireRequests(system.deps.db, clock.now());

    expect((await lastRequestOf(system.deps, 'late@example.org')).status).toBe('expired');
    expect((await subscriptionOf(system.deps, 'late@example.org')).id).toBeGreaterThan(0);
    expect(await statusesOf(system.deps, 'late@example.org')).toEqual(['the-weekly:pending']);
  });
});
