import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countAudience } from '../../../src/deliveries/index.ts';
import { importSubscribers, readCsv } from '../../../src/imports/index.ts';
import { eraseSubscriber } from '../../../src/rights/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { parseEmailAddress } from '../../../src/shared/email-address.ts';
import type { NewsletterId } from '../../../src/shared/ids.ts';
import { decideSignups } from '../../../src/subscriptions/index.ts';
import { suppressAddress, suppressSubscribers } from '../../../src/suppressions/index.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import {
  becomeReader,
  lastRequestOf,
  post,
  signUp,
  submitForm,
  subscriptionOf,
  tokenPath,
} from '../subscriptions/reader.ts';

let system: TestSystem;
let newsletterId: NewsletterId;

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
  await becomeReader(system, 'first@readers.example');
  ({ newsletterId } = await subscriptionOf(system.deps, 'first@readers.example'));
});
afterAll(() => system.stop());

/** How an address came to be closed, or its owner to be gone. */
const CLOSED: Readonly<Record<string, (address: string) => Promise<unknown>>> = {
  erased: async (address) => {
    const { subscriberId } = await lastRequestOf(system.deps, address);
    await eraseSubscriber(system.deps, { subscriberId, actor: 'subscriber', method: 'button' });
  },
  unsubscribed: async (address) => {
    const { id } = await subscriptionOf(system.deps, address);
    await post(system, tokenPath(system.deps, 'unsubscribe', 'unsubscribe', id));
  },
  suppressed: async (address) => {
    const parsed = parseEmailAddress(address);
    if (parsed !== undefined) {
      await suppressAddress(system.deps, parsed, CLI_ACTOR);
    }
  },
  'reported as spam': async (address) => {
    const { subscriberId } = await lastRequestOf(system.deps, address);
    await suppressSubscribers(system.deps.db, {
      subscriberIds: [subscriberId],
      reason: 'complaint',
      source: 'feedback-loop',
      now: system.deps.clock.now(),
    });
  },
};

/** Ways in that are not the owner's own confirming click. */
const WAYS: Readonly<Record<string, (address: string) => Promise<unknown>>> = {
  'a second form': async (address) => {
    await submitForm(system, { email: address, newsletters: 'the-weekly', terms: 'true' });
    await decideSignups(system.deps);
  },
  'the API': async (address) => {
    await signUp(system, address);
    await decideSignups(system.deps);
  },
  'an import that claims consent': async (address) => {
    const line = `email,status,basis,evidence,consented_at\r\n${address},active,consent,double opt-in,2026-01-01T00:00:00Z\r\n`;
    await importSubscribers(system.deps, {
      file: readCsv(onlyChunk(line)),
      fileName: 'list.csv',
      actor: CLI_ACTOR,
      mapping: {},
      defaults: { newsletterIds: [newsletterId], basis: null, evidence: null },
      isDryRun: false,
      onReject: () => undefined,
      onHeader: () => undefined,
      onProgress: () => undefined,
    });
  },
};

async function* onlyChunk(text: string): AsyncGenerator<Buffer> {
  yield await Promise.resolve(Buffer.from(text));
}

describe.each(Object.keys(CLOSED))('an address that was %s', (how) => {
  it.each(Object.keys(WAYS))('is not revived by %s', async (way) => {
    const address = `${how}-${way}`.replaceAll(/\W+/g, '.').concat('@closed.example');
    await becomeReader(system, address);
    const before = await countAudience(system.deps.db, newsletterId, system.deps.clock.now());
    await CLOSED[how]?.(address);

    await WAYS[way]?.(address);

    expect(await countAudience(system.deps.db, newsletterId, system.deps.clock.now())).toBe(before - 1);
  });
});
