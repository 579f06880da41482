import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { eraseSubscriber } from '../../../src/rights/index.ts';
import { decideSignups, endSubscriptions } from '../../../src/subscriptions/index.ts';
import { suppressSubscribers } from '../../../src/suppressions/index.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { becomeReader, signUp, subscriptionOf } from '../subscriptions/reader.ts';
import { storedRequests, submitFrom } from './visitor.ts';

const LIMIT_OF_ADDRESS = 10;
let system: TestSystem;
let addresses: Readonly<Record<string, string>>;

beforeAll(async () => {
  // The form is read once a second, which is not part of a request: here the second never ends.
  system = await startTestSystem({ worker: false, clock: createFakeClock() });
  addresses = await addressesInEachState();
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(() => system.stop());

/** One address in each state that it may be in. */
async function addressesInEachState(): Promise<Readonly<Record<string, string>>> {
  const { deps } = system;
  await signUp(system, 'pending@example.org');
  for (const state of ['active', 'unsubscribed', 'suppressed', 'complained', 'erased']) {
    await becomeReader(system, `${state}@example.org`);
  }
  await decideSignups(deps);
  const left = { ...(await subscriptionOf(deps, 'unsubscribed@example.org')), address: 'unsubscribed@example.org' };
  await endSubscriptions(deps, left, null, { method: 'button', actor: 'subscriber', ip: null, agent: null });
  for (const [state, reason] of [
    ['suppressed', 'manual'],
    ['complained', 'complaint'],
  ] as const) {
    const { subscriberId } = await subscriptionOf(deps, `${state}@example.org`);
    const now = deps.clock.now();
    await suppressSubscribers(deps.db, { subscriberIds: [subscriberId], reason, source: 'test', now });
  }
  const { subscriberId } = await subscriptionOf(deps, 'erased@example.org');
  await eraseSubscriber(deps, { subscriberId, actor: 'subscriber', method: 'button' });
  for (let index = 0; index <= LIMIT_OF_ADDRESS; index += 1) {
    await signUp(system, 'limited@example.org');
  }
  const states = ['pending', 'active', 'unsubscribed', 'suppressed', 'complained', 'erased', 'limited'];
  return Object.fromEntries(['new', ...states].map((state) => [state, `${state}@example.org`]));
}

interface Observed {
  readonly answer: string;
  readonly statements: readonly string[];
}

/** What a stranger sees of an answer, and what it made the database do. */
async function observe(ask: () => Promise<Response>): Promise<Observed> {
  const query = vi.spyOn(pg.Client.prototype, 'query');
  const response = await ask();
  const answer = await describeAnswer(response);
  const statements = statementsOf(query.mock);
  query.mockRestore();
  return { answer, statements };
}

/** Each answer has a time, a request and, in a link, an id of its own. */
async function describeAnswer(response: Response): Promise<string> {
  const head = [...response.headers].filter(([name]) => !['date', 'x-request-id'].includes(name));
  const body = await response.text();
  return JSON.stringify([response.status, head, body]).replaceAll(
    /\/check-your-mail\/[\w-]{32}/g,
    '/check-your-mail/…',
  );
}

/** Our own statements; the queue on PostgreSQL has connections of its own. */
function statementsOf(mock: {
  readonly contexts: readonly unknown[];
  readonly calls: readonly (readonly unknown[])[];
}): readonly string[] {
  return mock.calls.flatMap(([statement], index) => {
    const client = mock.contexts[index] as { connectionParameters?: { application_name?: string } };
    const text = typeof statement === 'string' ? statement : (statement as { text?: string } | undefined)?.text;
    return client.connectionParameters?.application_name === 'courant-test' ? [text ?? 'no text'] : [];
  });
}

describe('whatever the state of the address (S23)', () => {
  it.each([
    [
      'POST /api/v1/subscriptions',
      (address: string) => signUp(system, address),
      /^\[202,.*\{\\"status\\":\\"accepted\\"\}/,
    ],
    ['POST /subscribe', (address: string) => submitFrom(system, undefined, address), /^\[303,.*\/check-your-mail\//],
  ])(
    '%s answers the same bytes and runs the same statement, which stores the same rows',
    async (_what, ask, expected) => {
      await ask('warm@example.org');
      const before = (await storedRequests(system)).length;
      const observed: Record<string, Observed> = {};

      for (const [state, address] of Object.entries(addresses)) {
        observed[state] = await observe(() => ask(address));
      }

      expect(observed['new']?.answer).toMatch(expected);
      expect(observed['new']?.statements).toHaveLength(1);
      for (const [state, found] of Object.entries(observed)) {
        expect({ state, ...found }).toEqual({ state, ...observed['new'] });
      }
      expect((await storedRequests(system)).length - before).toBe(Object.keys(addresses).length);
    },
  );
});
