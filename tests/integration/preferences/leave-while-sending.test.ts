import { afterEach, beforeEach, expect, it } from 'vitest';
import { countDeliveries } from '../../../src/deliveries/index.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { addReaders, sendTestCampaign } from '../../support/readers.ts';
import { createSeededRandom } from '../../support/seeded-random.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';
import { subscriptionOf, tokenPath } from '../subscriptions/reader.ts';

const READERS = 160;
const CONNECTIONS = 8;
/** A relay that takes this long for a mail: the last of those that are claimed at once wait longer than the gate stays fresh. */
const REPLY_MS = 800;
const EFFECTIVE_MS = 5000;
/** Most of them at once, while the first claim is in the worker's hands. */
const FIRST_LEAVING = 40;

const clock = createFakeClock(new Date());
const random = createSeededRandom('leave');
let system: TestSystem;

beforeEach(async () => {
  system = await startTestSystem({ clock });
});
afterEach(() => system.stop());

/** RFC 8058, as a mailbox provider posts it. */
async function leave(address: string): Promise<number> {
  const { id } = await subscriptionOf(system.deps, address);
  const response = await fetch(system.url + tokenPath(system.deps, 'unsubscribe', 'unsubscribe', id), {
    method: 'POST',
    body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }),
  });
  return response.status;
}

it('leaving counts for every message that begins more than five seconds after the answer, and for nobody else (R25)', async () => {
  const begunAt = new Map<string, number>();
  const leftAt = new Map<string, number>();
  const held: PromiseWithResolvers<undefined>[] = [];
  system.sink.watchBodies((recipient) => begunAt.set(recipient, clock.now().getTime()));
  system.sink.script(() => {
    const reply = Promise.withResolvers<undefined>();
    held.push(reply);
    return { kind: 'hold-reply', until: reply.promise };
  });
  const newsletterId = await addReaders(system.deps, READERS);
  const everybody = Array.from({ length: READERS }, (_, index) => `reader-${index + 1}@readers.example`);

  const id = await sendTestCampaign(system.deps, newsletterId);
  const countOpen = async (): Promise<number> => (await countDeliveries(system.deps.db, id)).open;
  for (;;) {
    await waitFor(
      'every connection to wait for its reply',
      // A message that is turned back after its envelope is asked about too, and never arrives.
      async () => held.length >= CONNECTIONS || held.length >= (await countOpen()),
    );
    if ((await countOpen()) === 0) {
      break;
    }
    const waiting = everybody.filter((address) => !begunAt.has(address) && !leftAt.has(address));
    for (let leaving = leftAt.size === 0 ? FIRST_LEAVING : 2; leaving > 0 && waiting.length > 0; leaving -= 1) {
      const [address = ''] = waiting.splice(random.bytes(1).readUInt8(0) % waiting.length, 1);
      expect(await leave(address)).toBe(200);
      leftAt.set(address, clock.now().getTime());
    }
    clock.advance(REPLY_MS);
    held.splice(0).forEach((reply) => reply.resolve(undefined));
  }

  const mailed = system.sink.mails.flatMap(({ recipients }) => recipients);
  const tooLate = [...leftAt].filter(
    ([address, at]) => mailed.includes(address) && (begunAt.get(address) ?? 0) - at > EFFECTIVE_MS,
  );
  expect(tooLate).toEqual([]);
  const turnedAway = everybody.filter((address) => !mailed.includes(address));
  expect(turnedAway.length).toBeGreaterThan(READERS / 10);
  expect(turnedAway.filter((address) => !leftAt.has(address))).toEqual([]);
  expect(new Set(mailed).size).toBe(mailed.length);
  const rows = await system.deps.db
    .selectFrom('deliveries')
    .select(['address', 'reason'])
    .where('campaign_id', '=', id)
    .where('state', '=', 'suppressed')
    .execute();
  expect(rows.map(({ address }) => address).sort()).toEqual([...turnedAway].sort());
  expect(new Set(rows.map(({ reason }) => reason))).toEqual(new Set(['not_active']));
}, 60_000);
