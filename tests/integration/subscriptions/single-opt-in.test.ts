import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNewsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { decideSignups } from '../../../src/subscriptions/index.ts';
import { suppressSubscribers } from '../../../src/suppressions/index.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import {
  becomeReader,
  get,
  lastRequestOf,
  mailsPlannedTo,
  post,
  press,
  signUp,
  statusesOf,
  subscriptionOf,
  tokenPath,
} from './reader.ts';

const REASON = 'Members agree on paper when they join';
const clock = createFakeClock();
let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false, clock });
  const single = { optIn: 'single', optInReason: REASON } as const;
  await createNewsletter(system.deps, { name: 'Members', slug: 'members', ...single }, CLI_ACTOR);
});
afterAll(() => system.stop());

async function ask(address: string, newsletters = ['members'], name = 'Rita'): Promise<void> {
  await signUp(system, address, { newsletters, name });
  await decideSignups(system.deps);
}

describe('a newsletter with single opt-in', () => {
  it('grants at once to a new address, with the setting as its ground, and welcomes', async () => {
    await ask('new@example.org');

    expect(await statusesOf(system.deps, 'new@example.org')).toEqual(['members:active']);
    expect(await mailsPlannedTo(system.deps, 'new@example.org')).toEqual(['welcome:planned']);
    const { subscriberId, id, status, decision } = await lastRequestOf(system.deps, 'new@example.org');
    expect([status, decision]).toEqual(['confirmed', 'single']);
    const records = await system.deps.db
      .selectFrom('consent_records')
      .select(['action', 'actor', 'method', 'details', 'signup_request_id'])
      .where('subscriber_id', '=', subscriberId)
      .orderBy('id')
      .execute();
    expect(records).toMatchObject([
      { action: 'requested', actor: 'subscriber' },
      {
        action: 'granted',
        actor: 'system',
        method: 'system',
        signup_request_id: id,
        details: { optIn: 'single', reason: REASON },
      },
    ]);
  });

  it('takes each newsletter of a request its own way', async () => {
    await ask('mixed@example.org', ['members', 'the-weekly']);

    expect(await statusesOf(system.deps, 'mixed@example.org')).toEqual(['members:active', 'the-weekly:pending']);
    expect(await mailsPlannedTo(system.deps, 'mixed@example.org')).toEqual(['confirm:planned', 'welcome:planned']);

    const { id } = await lastRequestOf(system.deps, 'mixed@example.org');
    await press(system, tokenPath(system.deps, 'confirm', 'confirm', id));
    await decideSignups(system.deps);
    expect(await statusesOf(system.deps, 'mixed@example.org')).toEqual(['members:active', 'the-weekly:active']);
    expect(await mailsPlannedTo(system.deps, 'mixed@example.org')).toHaveLength(3);
  });

  it('mails one welcome after a double click', async () => {
    await Promise.all([
      signUp(system, 'hasty@example.org', { newsletters: ['members'] }),
      signUp(system, 'hasty@example.org', { newsletters: ['members'] }),
    ]);

    await Promise.all([decideSignups(system.deps), decideSignups(system.deps)]);
    await decideSignups(system.deps);

    expect(await mailsPlannedTo(system.deps, 'hasty@example.org')).toEqual(['welcome:planned']);
  });

  it('asks whoever has left to confirm', async () => {
    await ask('left@example.org');
    const { id } = await subscriptionOf(system.deps, 'left@example.org', 'members');
    await post(system, tokenPath(system.deps, 'unsubscribe', 'unsubscribe', id));

    await ask('left@example.org');

    expect(await statusesOf(system.deps, 'left@example.org')).toEqual(['members:pending']);
    expect((await mailsPlannedTo(system.deps, 'left@example.org')).at(-1)).toBe('confirm:planned');
  });

  it.each(['hard-bounce', 'erasure'] as const)('asks an address with a %s to confirm', async (reason) => {
    const address = `${reason}@example.org`;
    await signUp(system, address, { newsletters: ['members'] });
    const { subscriberId } = await lastRequestOf(system.deps, address);
    await suppressSubscribers(system.deps.db, {
      subscriberIds: [subscriberId],
      reason,
      source: 'test',
      now: clock.now(),
    });

    await decideSignups(system.deps);

    expect(await statusesOf(system.deps, address)).toEqual(['members:pending']);
    expect(await mailsPlannedTo(system.deps, address)).toEqual(['confirm:planned']);
  });

  it('asks whoever has not confirmed something else to confirm', async () => {
    await ask('unconfirmed@example.org', ['the-weekly']);
    await ask('unconfirmed@example.org', ['members']);

    expect(await statusesOf(system.deps, 'unconfirmed@example.org')).toEqual(['members:pending', 'the-weekly:pending']);
    expect(await mailsPlannedTo(system.deps, 'unconfirmed@example.org')).toEqual(['confirm:planned']);
  });

  it('takes over what a new person entered, and nothing that a stranger enters about a reader', async () => {
    const nameOf = async (address: string): Promise<unknown> =>
      (await system.deps.db.selectFrom('subscribers').select('name').where('address', '=', address).executeTakeFirst())
        ?.name;
    await ask('named@example.org');
    await becomeReader(system, 'reader@example.org');
    await ask('reader@example.org', ['members'], 'Mallory');

    expect([await nameOf('named@example.org'), await nameOf('reader@example.org')]).toEqual(['Rita', null]);
  });

  it('shows the same page after the form to everybody (S23)', async () => {
    await ask('fresh@example.org');
    await ask('fresh@example.org');
    const pages: string[] = [];
    for (const address of ['fresh@example.org', 'fully-new@example.org']) {
      await ask(address);
      const { id } = await lastRequestOf(system.deps, address);
      pages.push(await (await get(system, tokenPath(system.deps, 'check-your-mail', 'signup-status', id))).text());
    }

    expect(pages[0]).toBe(pages[1]);
    expect(pages[0]).toContain('It welcomes you, or it asks you to confirm');
  });
});
