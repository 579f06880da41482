import { afterAll, beforeAll, expect, it } from 'vitest';
import { addReaders } from '../../support/readers.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { setUpFirstAdmin } from '../accounts/admin-client.ts';
import type { AdminClient } from '../accounts/admin-client.ts';

let system: TestSystem;
let client: AdminClient;
beforeAll(async () => {
  system = await startTestSystem({ worker: false, inbox: true });
  client = await setUpFirstAdmin(system);
});
afterAll(() => system.stop());

interface Overview {
  readonly numbers: Readonly<Record<string, number>>;
  readonly checklist: readonly { readonly key: string; readonly done: boolean }[];
  readonly warnings: readonly { readonly code: string }[];
  readonly nextIssue: {
    readonly newsletterId: number;
    readonly articleCount: number;
    readonly timeZone: string;
  } | null;
}

async function read(): Promise<Overview> {
  return (await client.send('GET', '/overview')).body as unknown as Overview;
}

it('counts people and mails, and names what is left to do', async () => {
  const newsletterId = await addReaders(system.deps, 3);
  const { id } = await system.deps.db.selectFrom('subscribers').select('id').orderBy('id').executeTakeFirstOrThrow();
  await system.deps.db
    .updateTable('subscriptions')
    .set({ status: 'pending' })
    .where('subscriber_id', '=', id)
    .execute();

  const overview = await read();

  expect(overview.numbers).toMatchObject({
    activeSubscribers: 2,
    pendingSubscribers: 1,
    newsletters: 1,
    acceptedLast7Days: 0,
    openDeliveries: 1,
    ambiguous: 0,
  });
  const done = overview.checklist.filter((item) => item.done).map(({ key }) => key);
  expect(done).toEqual(['subscribe', 'postal-address']);
  expect(overview.warnings.map(({ code }) => code)).toEqual(['no_worker']);
  expect(overview.nextIssue).toMatchObject({ newsletterId, timeZone: 'Europe/Berlin' });
});

it('expects the same number of articles in the next issue as the digest itself', async () => {
  const { nextIssue } = await read();
  const digest = await client.send('GET', `/newsletters/${String(nextIssue?.newsletterId)}/next-issue`);
  expect(nextIssue?.articleCount).toBe(digest.body['articleCount']);
  expect(nextIssue?.articleCount).toBe(12);
});
