import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealConsentRecords, verifyConsent } from '../../../src/consent/index.ts';
import { claimDue, countDeliveries, foldDeliveries, gateAgain, registerWorker } from '../../../src/deliveries/index.ts';
import { eraseSubscriber } from '../../../src/rights/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { SubscriberId } from '../../../src/shared/ids.ts';
import { decideSignups } from '../../../src/subscriptions/index.ts';
import { addReaders, sendTestCampaign } from '../../support/readers.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';
import {
  actionsOf,
  becomeReader,
  lastRequestOf,
  mailsPlannedTo,
  post,
  signUp,
  statusesOf,
  subscriptionOf,
  tokenPath,
} from '../subscriptions/reader.ts';
import { findTablesWith } from './search-database.ts';

let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
});
afterAll(() => system.stop());

function erase(subscriberId: SubscriberId, actor: 'subscriber' | typeof CLI_ACTOR = 'subscriber') {
  return eraseSubscriber(system.deps, { subscriberId, actor, method: 'button' });
}

async function idOf(address: string): Promise<SubscriberId> {
  return (await lastRequestOf(system.deps, address)).subscriberId;
}

async function openSuppressionsOf(hash: Buffer): Promise<readonly string[]> {
  const rows = await system.deps.db
    .selectFrom('suppressions')
    .select('reason')
    .where('address_hash', '=', hash)
    .where('lifted_at', 'is', null)
    .orderBy('reason')
    .execute();
  return rows.map(({ reason }) => reason);
}

async function hashOf(address: string): Promise<Buffer> {
  const { address_hash: hash } = await system.deps.db
    .selectFrom('subscribers')
    .select('address_hash')
    .where('address', '=', address)
    .executeTakeFirstOrThrow();
  return hash;
}

async function readReader(address: string): Promise<SubscriberId> {
  await becomeReader(system, address);
  return idOf(address);
}

describe('erasing somebody who consented', () => {
  it('leaves a keyed hash, counts, and the address behind the records, restricted to the end of the third year (R32)', async () => {
    const { deps } = system;
    await signUp(system, 'Ada.Lovelace@readers.example', { name: 'Countess Augusta' });
    await decideSignups(deps);
    const request = await lastRequestOf(deps, 'Ada.Lovelace@readers.example');
    await becomeReader(system, 'Ada.Lovelace@readers.example');
    const hash = await hashOf('Ada.Lovelace@readers.example');
    const { id } = await subscriptionOf(deps, 'Ada.Lovelace@readers.example');
    await post(system, tokenPath(deps, 'unsubscribe', 'unsubscribe', id));
    await post(system, `${tokenPath(deps, 'unsubscribe', 'unsubscribe', id)}/reason`, {
      reason: 'other',
      comment: 'bye',
    });
    await deps.db
      .insertInto('delivery_events')
      .values({
        delivery_id: sql`(select min(id) from deliveries where subscriber_id = ${request.subscriberId})`,
        attempt: 1,
        event: 'deferred',
        reply_text: '4.2.2 <ada.lovelace@readers.example>: mailbox is full',
        occurred_at: deps.clock.now(),
      })
      .execute();
    await deps.db
      .insertInto('inbox_mails')
      .values({
        received_at: deps.clock.now(),
        envelope_from: 'news@courant.example',
        envelope_to: ['ada.lovelace@readers.example'],
        subject: 'Please confirm',
        from_text: 'News',
        raw: Buffer.from('To: ada.lovelace@readers.example\r\n\r\n'),
      })
      .execute();

    expect(await erase(request.subscriberId)).toEqual({
      kind: 'erased',
      evidenceUntil: new Date(Date.UTC(deps.clock.now().getUTCFullYear() + 4, 0, 1)),
    });

    expect(await findTablesWith(deps.db, 'ada.lovelace@readers.example')).toEqual(['consent_personal']);
    expect(await findTablesWith(deps.db, 'Countess Augusta')).toEqual([]);
    const values = await deps.db
      .selectFrom('consent_personal as p')
      .innerJoin('consent_records as r', 'r.id', 'p.record_id')
      .select(['p.ip', 'p.agent', 'p.restricted_at'])
      .where('r.subscriber_id', '=', request.subscriberId)
      .execute();
    expect(values.length).toBeGreaterThan(1);
    expect(values.every(({ ip, agent, restricted_at: at }) => ip === null && agent === null && at !== null)).toBe(true);
    expect(await openSuppressionsOf(hash)).toEqual(['erasure']);
    expect((await actionsOf(deps, request.subscriberId)).at(-1)).toBe('erased');
    await sealConsentRecords(deps);
    expect(await verifyConsent(deps)).toMatchObject({ kind: 'intact' });
  });

  it('records the end of every subscription that had not ended, pending ones too', async () => {
    const id = await readReader('active@readers.example');

    await erase(id, CLI_ACTOR);

    expect((await actionsOf(system.deps, id)).slice(-2)).toEqual(['withdrawn', 'erased']);
    const audit = await system.deps.db
      .selectFrom('audit_log')
      .select(['actor', 'subject_id'])
      .where('action', '=', 'subscriber.erased')
      .execute();
    expect(audit).toEqual([{ actor: 'cli', subject_id: String(id) }]);
  });
});

describe('erasing somebody who never confirmed', () => {
  it('leaves nothing but the keyed hash and records without a value', async () => {
    const { deps } = system;
    await signUp(system, 'never@readers.example', { name: 'Nobody Yet' });
    await decideSignups(deps);
    const id = await idOf('never@readers.example');
    const hash = await hashOf('never@readers.example');

    expect(await erase(id)).toEqual({ kind: 'erased', evidenceUntil: null });

    expect(await findTablesWith(deps.db, 'never@readers.example')).toEqual([]);
    expect(await findTablesWith(deps.db, 'Nobody Yet')).toEqual([]);
    expect(await openSuppressionsOf(hash)).toEqual(['erasure']);
    expect(await deps.db.selectFrom('erasures').selectAll().where('subscriber_id', '=', id).execute()).toEqual([]);
  });
});

describe('erasing twice', () => {
  it('finds nobody the second time, also when both begin at once', async () => {
    const id = await readReader('twice@readers.example');

    const outcomes = await Promise.all([erase(id), erase(id)]);

    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['erased', 'gone']);
    expect(await erase(id)).toEqual({ kind: 'gone' });
    expect((await actionsOf(system.deps, id)).filter((action) => action === 'erased')).toHaveLength(1);
  });
});

describe('the delivery of a confirmation', () => {
  it('outlives the other mails for as long as the evidence does (R29)', async () => {
    const { deps } = system;
    const id = await readReader('proof@readers.example');
    await sql`update deliveries set state = 'accepted' where subscriber_id = ${id}`.execute(deps.db);
    const fold = (): Promise<number> => foldDeliveries(deps.db, new Date(Date.now() + 86_400_000), 1000);
    const kinds = async (): Promise<readonly string[]> =>
      (await deps.db.selectFrom('deliveries').select('kind').where('subscriber_id', '=', id).execute()).map(
        ({ kind }) => kind,
      );

    await fold();
    expect(await kinds()).toEqual(['confirm']);
    await erase(id);
    await fold();
    expect(await kinds()).toEqual(['confirm']);
    await deps.db.deleteFrom('erasures').where('subscriber_id', '=', id).execute();
    await fold();
    expect(await kinds()).toEqual([]);
  });
});

describe('while a campaign is sending', () => {
  it('cancels what is due, turns back what a worker holds, and the counts still balance', async () => {
    const { deps } = system;
    const newsletterId = await addReaders(deps, 3);
    const campaignId = await sendTestCampaign(deps, newsletterId);
    const readers = await deps.db
      .selectFrom('deliveries')
      .select(['id', 'subscriber_id as subscriberId'])
      .where('campaign_id', '=', campaignId)
      .where('address', 'like', 'reader-%')
      .orderBy('id')
      .execute();
    const [first, second] = readers;
    const { count: audience } = await deps.db
      .selectFrom('deliveries')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('campaign_id', '=', campaignId)
      .executeTakeFirstOrThrow();
    await sql`update deliveries set due_at = due_at + interval '1 day' where campaign_id = ${campaignId} and id <> ${first?.id}`.execute(
      deps.db,
    );
    const workerId = await registerWorker(deps.db, { host: 'test', pid: 1, leaseSeconds: 60 });
    const { claimed } = await claimDue(deps.db, { lane: 'campaigns', workerId, limit: 10, now: deps.clock.now() });
    expect(claimed.map(({ id }) => id)).toEqual([first?.id]);

    for (const reader of [first, second]) {
      expect(await erase(reader?.subscriberId ?? (0 as SubscriberId))).toMatchObject({ kind: 'erased' });
    }

    const ids = claimed.map(({ id }) => id);
    expect(await gateAgain(deps.db, { lane: 'campaigns', ids, now: deps.clock.now() })).toEqual(new Set());
    const rows = await deps.db
      .selectFrom('deliveries')
      .select(['state', 'reason', 'address'])
      .where(
        'id',
        'in',
        [first?.id, second?.id].filter((id) => id !== undefined),
      )
      .orderBy('id')
      .execute();
    expect(rows).toEqual([
      { state: 'cancelled', reason: 'subscriber_gone', address: '' },
      { state: 'cancelled', reason: 'subscriber_gone', address: '' },
    ]);
    expect(await countDeliveries(deps.db, campaignId)).toMatchObject({
      audience,
      suppressed: 0,
      cancelled: 2,
      open: audience - 2,
    });
  });

  it('waits for a worker that has rows of the person in its hands, and never makes it fail', async () => {
    const { deps } = system;
    const id = await readReader('held@readers.example');
    const worker = await deps.db.startTransaction().execute();
    await sql`update deliveries set attempt = attempt where subscriber_id = ${id}`.execute(worker);

    const erasing = erase(id);
    await waitFor('the erasure to wait for the worker', async () => {
      const { rows } = await sql`select 1 from pg_locks where not granted`.execute(deps.db);
      return rows.length > 0;
    });
    // What would be a deadlock: the worker asks for the person, whom the erasure holds.
    await sql`select 1 from subscribers where id = ${id} for key share`.execute(worker);
    await worker.commit().execute();

    expect(await erasing).toMatchObject({ kind: 'erased' });
  });
});

describe('an address that is closed', () => {
  it('comes back after an erasure by its own confirmed sign-up only, and then as somebody new', async () => {
    const { deps } = system;
    const id = await readReader('back@readers.example');
    const hash = await hashOf('back@readers.example');
    await erase(id);

    await signUp(system, 'back@readers.example');
    await decideSignups(deps);

    expect(await statusesOf(deps, 'back@readers.example')).toEqual(['the-weekly:pending']);
    expect(await mailsPlannedTo(deps, 'back@readers.example')).toEqual(['confirm:planned']);
    expect(await openSuppressionsOf(hash)).toEqual(['erasure']);
    await becomeReader(system, 'back@readers.example');
    expect(await statusesOf(deps, 'back@readers.example')).toEqual(['the-weekly:active']);
    expect(await openSuppressionsOf(hash)).toEqual([]);
    expect(await idOf('back@readers.example')).not.toBe(id);
  });
});
