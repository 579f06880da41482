import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimDue, registerWorker } from '../../../src/deliveries/index.ts';
import type { ClaimedDelivery } from '../../../src/deliveries/index.ts';
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
  requestsOf,
  signUp,
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

/** The page after the form. */
async function statusPage(address: string, newsletters = ['the-weekly']): Promise<string> {
  await signUp(system, address, { newsletters });
  await decideSignups(system.deps);
  return tokenPath(system.deps, 'check-your-mail', 'signup-status', (await lastRequestOf(system.deps, address)).id);
}

async function askAgain(page: string): Promise<void> {
  const response = await post(system, page);
  expect([response.status, response.headers.get('location')]).toEqual([303, page]);
  await decideSignups(system.deps);
}

const confirmationsTo = async (address: string): Promise<number> =>
  (await mailsPlannedTo(system.deps, address)).filter((mail) => mail.startsWith('confirm:')).length;

describe('"send the mail again"', () => {
  it('works after five minutes, and says so before', async () => {
    const page = await statusPage('again@example.org');
    clock.advance(4 * MINUTE);
    expect(await (await get(system, page)).text()).toContain('You can have it sent again in 1 minute.');
    await askAgain(page);
    expect(await confirmationsTo('again@example.org')).toBe(1);

    clock.advance(MINUTE);
    expect(await (await get(system, page)).text()).toContain('have it sent again.');
    await askAgain(page);

    expect(await confirmationsTo('again@example.org')).toBe(2);
    const html = await (await get(system, page)).text();
    expect(html).toContain('We have noted it.');
    expect(html).toContain('in 5 minutes');
  });

  it('works twice a day', async () => {
    const page = await statusPage('twice@example.org');
    for (let count = 0; count < 4; count += 1) {
      clock.advance(6 * MINUTE);
      await askAgain(page);
    }

    expect(await confirmationsTo('twice@example.org')).toBe(3);
    expect(await (await get(system, page)).text()).toContain('You have asked for it twice now');
  });

  it('sends one mail after a double click', async () => {
    const page = await statusPage('double@example.org');
    clock.advance(6 * MINUTE);

    await Promise.all([post(system, page), post(system, page), post(system, page)]);
    await Promise.all([decideSignups(system.deps), decideSignups(system.deps)]);

    expect(await confirmationsTo('double@example.org')).toBe(2);
  });

  it('sends the same link: the mail stands for the same request', async () => {
    const address = 'same-link@example.org';
    const page = await statusPage(address);
    clock.advance(6 * MINUTE);
    await askAgain(page);
    const { id } = await lastRequestOf(system.deps, address);

    const claimed = await claimAll();
    const own = claimed.filter((delivery) => delivery.address === address);

    expect(own.map(({ signupRequestId }) => signupRequestId)).toEqual([id, id]);
    expect(new Set(own.map(({ causeId }) => causeId)).size).toBe(2);
    expect((await press(system, tokenPath(system.deps, 'confirm', 'confirm', id))).status).toBe(200);
  });

  it('is turned away at the gate once the request is confirmed', async () => {
    const address = 'done@example.org';
    const page = await statusPage(address);
    clock.advance(6 * MINUTE);
    await askAgain(page);
    const { id } = await lastRequestOf(system.deps, address);
    await press(system, tokenPath(system.deps, 'confirm', 'confirm', id));

    await claimAll();

    expect(await mailsPlannedTo(system.deps, address)).toEqual(['confirm:suppressed', 'confirm:suppressed']);
  });

  it('sends the mail that a later request waits for', async () => {
    const address = 'waits@example.org';
    await statusPage(address);
    clock.advance(10 * MINUTE);
    const page = await statusPage(address, ['the-daily']);
    expect((await requestsOf(system.deps, address)).map(({ decision }) => decision)).toEqual([
      'confirmation',
      'waiting',
    ]);
    clock.advance(6 * MINUTE);

    await askAgain(page);

    const [first] = await requestsOf(system.deps, address);
    const resends = await system.deps.db
      .selectFrom('confirmation_resends')
      .select('mailed_request_id')
      .where('mailed_request_id', '=', first?.id ?? (0 as never))
      .execute();
    expect(resends).toHaveLength(1);
    expect(await confirmationsTo(address)).toBe(2);
  });

  it('counts among the five confirmations in 90 days', async () => {
    const address = 'counted@example.org';
    for (let day = 0; day < 3; day += 1) {
      const page = await statusPage(address);
      for (let count = 0; count < 2; count += 1) {
        clock.advance(6 * MINUTE);
        await askAgain(page);
      }
      clock.advance(DAY);
    }

    expect(await confirmationsTo(address)).toBe(5);
  });

  it('does nothing for a token that nobody made, and a day after the form', async () => {
    const page = await statusPage('old@example.org');
    clock.advance(DAY);

    await askAgain(page);
    await askAgain('/check-your-mail/nonsense');

    expect(await confirmationsTo('old@example.org')).toBe(1);
    expect(await (await get(system, page)).text()).not.toContain('Send the mail again');
  });
});

describe('the page after the form', () => {
  it('is the same in every state of the address, whatever is pressed (S23)', async () => {
    await becomeReader(system, 'state-active@example.org');
    for (const state of ['manual', 'complaint', 'erasure', 'hard-bounce'] as const) {
      await signUp(system, `state-${state}@example.org`);
      const { subscriberId } = await lastRequestOf(system.deps, `state-${state}@example.org`);
      const suppression = { subscriberIds: [subscriberId], reason: state, source: 'test', now: clock.now() };
      await suppressSubscribers(system.deps.db, suppression);
    }
    await signUp(system, 'state-pending@example.org');
    await decideSignups(system.deps);
    clock.advance(DAY);

    const pages: string[] = [];
    for (const state of ['active', 'manual', 'complaint', 'erasure', 'hard-bounce', 'pending', 'new']) {
      pages.push(await statusPage(`state-${state}@example.org`));
    }
    const look = async (): Promise<ReadonlySet<string>> =>
      new Set(await Promise.all(pages.map(async (page) => (await get(system, page)).text())));
    const shown = [await look()];
    clock.advance(6 * MINUTE);
    shown.push(await look());
    for (const page of pages) {
      await askAgain(page);
    }
    shown.push(await look());

    expect(shown.map((bodies) => bodies.size)).toEqual([1, 1, 1]);
    expect([
      await confirmationsTo('state-manual@example.org'),
      await confirmationsTo('state-active@example.org'),
    ]).toEqual([0, 1]);
  });
});

async function claimAll(): Promise<readonly ClaimedDelivery[]> {
  const workerId = await registerWorker(system.deps.db, { host: 'test', pid: 1, leaseSeconds: 600 });
  const claim = { lane: 'transactional', workerId, limit: 1000, now: clock.now() } as const;
  return (await claimDue(system.deps.db, claim)).claimed;
}
