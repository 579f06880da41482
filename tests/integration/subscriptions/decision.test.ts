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
  actionsOf,
  becomeReader,
  lastRequestOf,
  mailsPlannedTo,
  post,
  press,
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

async function subscriptionRowsOf(
  address: string,
): Promise<readonly { readonly status: string; readonly confirmed_at: Date | null }[]> {
  return system.deps.db
    .selectFrom('subscriptions as n')
    .innerJoin('subscribers as s', 's.id', 'n.subscriber_id')
    .innerJoin('newsletters as l', 'l.id', 'n.newsletter_id')
    .select(['n.status', 'n.confirmed_at', 'n.requested_at'])
    .where('s.address', '=', address)
    .orderBy('l.slug')
    .execute();
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

  it('mails one confirmation a day while it is open; later requests wait', async () => {
    await ask('again@example.org');
    clock.advance(MINUTE);
    expect(await ask('again@example.org', ['the-daily'])).toEqual(['confirmation', 'waiting']);
    expect(await mailsPlannedTo(system.deps, 'again@example.org')).toEqual(['confirm:planned']);
    expect(await statusesOf(system.deps, 'again@example.org')).toEqual(['the-daily:pending', 'the-weekly:pending']);

    clock.advance(DAY);

    expect(await ask('again@example.org')).toEqual(['confirmation', 'waiting', 'confirmation']);
    expect(await mailsPlannedTo(system.deps, 'again@example.org')).toEqual(['confirm:planned', 'confirm:planned']);
  });

  it('mails a second one on the same day to a reader who has confirmed the first', async () => {
    await becomeReader(system, 'eager@example.org');

    expect(await ask('eager@example.org', ['the-daily'])).toEqual(['confirmation', 'confirmation']);
  });

  it('mails at most five confirmations in 90 days to an address, also after it was purged (R38)', async () => {
    for (let day = 0; day < 7; day += 1) {
      await ask('flood@example.org');
      clock.advance(DAY);
    }
    expect((await requestsOf(system.deps, 'flood@example.org')).map(({ decision }) => decision)).toEqual([
      ...Array.from({ length: 5 }, () => 'confirmation'),
      'nothing',
      'nothing',
    ]);
    await system.deps.db.deleteFrom('subscribers').where('address', '=', 'flood@example.org').execute();
    expect(await ask('Flood@example.org')).toEqual(['nothing']);

    clock.advance(84 * DAY);

    expect(await ask('Flood@example.org')).toEqual(['nothing', 'confirmation']);
  });

  it('takes a flood of requests for one address as one, whatever their number in a batch', async () => {
    await Promise.all(Array.from({ length: 60 }, () => signUp(system, 'burst@example.org')));
    // As if the limits had let all of them through at once.
    await sql`update signup_requests set due_at = requested_at where decided_at is null`.execute(system.deps.db);

    await Promise.all([decideSignups(system.deps), decideSignups(system.deps)]);
    await decideSignups(system.deps);

    const decisions = (await requestsOf(system.deps, 'burst@example.org')).map(({ decision }) => decision);
    expect(decisions).toHaveLength(60);
    expect(decisions.filter((decision) => decision === 'confirmation')).toHaveLength(1);
    expect(decisions.filter((decision) => decision === 'waiting')).toHaveLength(59);
    expect(await mailsPlannedTo(system.deps, 'burst@example.org')).toEqual(['confirm:planned']);
  });

  it('never un-confirms a reader who signs up again', async () => {
    await becomeReader(system, 'stays@example.org');
    const before = await subscriptionRowsOf('stays@example.org');
    clock.advance(DAY);

    await ask('stays@example.org', ['the-weekly', 'the-daily']);

    const [daily, weekly] = await subscriptionRowsOf('stays@example.org');
    expect([weekly]).toEqual(before);
    expect(daily?.status).toBe('pending');
  });

  it('leaves a mail that cannot be made for later, and mails everybody else (R38)', async () => {
    const broken = await createNewsletter(system.deps, { name: 'Broken', slug: 'broken' }, CLI_ACTOR);
    await sql`update newsletters set from_address = ${'x'.repeat(3)}, locale = ${'not a tag'} where id = ${broken.id}`.execute(
      system.deps.db,
    );
    clock.advance(2000);
    await signUp(system, 'unlucky@example.org', { newsletters: ['broken'] });
    await signUp(system, 'lucky@example.org');

    await decideSignups(system.deps);
    expect(await mailsPlannedTo(system.deps, 'lucky@example.org')).toEqual(['confirm:planned']);
    expect((await requestsOf(system.deps, 'unlucky@example.org')).map(({ decision }) => decision)).toEqual([null]);

    await sql`update newsletters set from_address = null, locale = 'en' where id = ${broken.id}`.execute(
      system.deps.db,
    );
    await decideSignups(system.deps);
    expect(await mailsPlannedTo(system.deps, 'unlucky@example.org')).toEqual([]);
    clock.advance(10 * MINUTE);
    await decideSignups(system.deps);
    expect(await mailsPlannedTo(system.deps, 'unlucky@example.org')).toEqual(['confirm:planned']);
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
    await press(system, tokenPath(system.deps, 'confirm', 'confirm', id));
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

async function leave(address: string): Promise<void> {
  const { id } = await subscriptionOf(system.deps, address);
  await post(system, tokenPath(system.deps, 'unsubscribe', 'unsubscribe', id));
}

describe('a confirmation link that nobody used', () => {
  it('is over after seven days, for the sweep too', async () => {
    await ask('late@example.org');
    clock.advance(7 * DAY - MINUTE);
    await expireRequests(system.deps.db, clock.now());
    expect((await lastRequestOf(system.deps, 'late@example.org')).status).toBe('open');

    clock.advance(MINUTE);
    await expireRequests(system.deps.db, clock.now());

    const { status, subscriberId } = await lastRequestOf(system.deps, 'late@example.org');
    expect(status).toBe('expired');
    expect(await statusesOf(system.deps, 'late@example.org')).toEqual([]);
    expect(await actionsOf(system.deps, subscriberId)).toEqual(['requested', 'expired']);
  });

  it('leaves as left what was left before', async () => {
    await becomeReader(system, 'former@example.org');
    await leave('former@example.org');
    await ask('former@example.org');
    expect(await statusesOf(system.deps, 'former@example.org')).toEqual(['the-weekly:pending']);

    clock.advance(7 * DAY);
    await Promise.all([expireRequests(system.deps.db, clock.now()), expireRequests(system.deps.db, clock.now())]);

    expect(await statusesOf(system.deps, 'former@example.org')).toEqual(['the-weekly:unsubscribed']);
    const { subscriberId } = await lastRequestOf(system.deps, 'former@example.org');
    expect((await actionsOf(system.deps, subscriberId)).filter((action) => action === 'expired')).toHaveLength(1);
  });

  it('does not end what a later request still waits for, nor what is read meanwhile', async () => {
    await ask('later@example.org', ['the-weekly', 'the-daily']);
    const first = await lastRequestOf(system.deps, 'later@example.org');
    clock.advance(6 * DAY);
    await ask('later@example.org', ['the-daily']);
    clock.advance(DAY);

    await expireRequests(system.deps.db, clock.now());

    expect((await requestsOf(system.deps, 'later@example.org')).map(({ status }) => status)).toEqual([
      'expired',
      'open',
    ]);
    expect(await statusesOf(system.deps, 'later@example.org')).toEqual(['the-daily:pending']);
    const expired = await system.deps.db
      .selectFrom('consent_records as r')
      .innerJoin('newsletters as l', 'l.id', 'r.newsletter_id')
      .select(['l.slug', 'r.signup_request_id', 'r.actor', 'r.address_digest'])
      .where('r.subscriber_id', '=', first.subscriberId)
      .where('r.action', '=', 'expired')
      .execute();
    expect(expired).toEqual([
      { slug: 'the-weekly', signup_request_id: first.id, actor: 'system', address_digest: null },
    ]);
  });
});
