import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sealConsentRecords, verifyConsent } from '../../../src/consent/index.ts';
import { countDeliveries } from '../../../src/deliveries/index.ts';
import { applyRetention } from '../../../src/retention/index.ts';
import type { CampaignId } from '../../../src/shared/ids.ts';
import { expireRequests } from '../../../src/subscriptions/index.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { addReaders, sendTestCampaign } from '../../support/readers.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import {
  becomeReader,
  mailsPlannedTo,
  post,
  signUp,
  statusesOf,
  subscriptionOf,
  tokenPath,
} from '../subscriptions/reader.ts';

const START = '2026-11-23T07:00:00Z';
const DAY_MS = 86_400_000;

const clock = createFakeClock(START);
let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false, clock });
});
afterAll(() => system.stop());
beforeEach(async () => {
  clock.set(START);
  await system.deps.db.deleteFrom('subscribers').execute();
  await system.deps.db.deleteFrom('suppressions').execute();
  await system.deps.db.deleteFrom('settings').where('key', '=', 'retention').execute();
});

/** As the sweep and its jobs would, at a later date. */
async function runAt(instant: string | number): Promise<void> {
  clock.set(typeof instant === 'number' ? new Date(new Date(START).getTime() + instant * DAY_MS) : instant);
  await expireRequests(system.deps.db, clock.now());
  await applyRetention(system.deps);
}

interface Values {
  readonly address: string | null;
  readonly ip: string | null;
  readonly agent: string | null;
  readonly isRestricted: boolean;
}

/** The values behind all records of an address's subscriber; remembered by id, since the person may be gone. */
async function valuesOf(subscriberId: number): Promise<readonly Values[]> {
  const { rows } = await sql<Values>`
    select p.address, p.ip, p.agent, p.restricted_at is not null as "isRestricted"
    from consent_personal p join consent_records r on r.id = p.record_id
    where r.subscriber_id = ${subscriberId} order by r.id`.execute(system.deps.db);
  return rows;
}

async function leave(address: string): Promise<number> {
  const { id, subscriberId } = await subscriptionOf(system.deps, address);
  await post(system, tokenPath(system.deps, 'unsubscribe', 'unsubscribe', id));
  return subscriberId;
}

async function expectIntact(): Promise<void> {
  await sealConsentRecords(system.deps);
  expect(await verifyConsent(system.deps)).toMatchObject({ kind: 'intact' });
}

describe('retention (R32)', () => {
  it('forgets who never confirmed, two weeks after the link ran out, and keeps who did', async () => {
    await signUp(system, 'silent@example.org');
    const { subscriberId } = await pendingOf('silent@example.org');
    await becomeReader(system, 'reader@example.org');

    await runAt(7 + 13);
    expect(await statusesOf(system.deps, 'silent@example.org')).toEqual([]);
    expect(await valuesOf(subscriberId)).not.toEqual([]);
    await runAt(7 + 15);

    expect(await valuesOf(subscriberId)).toEqual([]);
    expect(await mailsPlannedTo(system.deps, 'silent@example.org')).toEqual([]);
    expect(await countSubscribers()).toBe(1);
    expect(await statusesOf(system.deps, 'reader@example.org')).toEqual(['the-weekly:active']);
    await expectIntact();
  });

  it('forgets nobody whose newer request is still open, and deletes the requests of readers that led to nothing', async () => {
    await becomeReader(system, 'reader@example.org');
    await signUp(system, 'again@example.org');
    const { deps } = system;
    await sql`insert into signup_requests (subscriber_id, newsletter_ids, requested_at, due_at, expires_at, status, closed_at)
      select id, array[1], ${clock.now()}, ${clock.now()}, ${clock.now()}, 'refused', ${clock.now()} from subscribers`.execute(
      deps.db,
    );

    clock.set(new Date(new Date(START).getTime() + 15 * DAY_MS));
    await signUp(system, 'again@example.org');
    await applyRetention(deps);

    expect(await countSubscribers()).toBe(2);
    const { rows } = await sql<{ status: string }>`select status from signup_requests order by id`.execute(deps.db);
    expect(rows.map(({ status }) => status)).toEqual(['confirmed', 'open', 'open']);
  });

  it('erases network and browser after 90 days and leaves address and chain as they are', async () => {
    await becomeReader(system, 'reader@example.org');
    const { subscriberId } = await subscriptionOf(system.deps, 'reader@example.org');

    await runAt(89);
    expect((await valuesOf(subscriberId)).map(({ agent }) => agent)).toEqual(['Test/1.0', 'Test/1.0']);
    await runAt(91);

    expect(await valuesOf(subscriberId)).toEqual([
      { address: 'reader@example.org', ip: null, agent: null, isRestricted: false },
      { address: 'reader@example.org', ip: null, agent: null, isRestricted: false },
    ]);
    await expectIntact();
  });

  it('restricts what somebody declared once they have left, and deletes it at the end of the third year (R29)', async () => {
    await becomeReader(system, 'leaver@example.org');
    const subscriberId = await leave('leaver@example.org');

    await runAt(2);
    expect((await valuesOf(subscriberId)).map(({ isRestricted }) => isRestricted)).toEqual([true, true, true]);
    await runAt('2029-12-31T23:00:00Z');
    expect((await valuesOf(subscriberId)).map(({ address }) => address)).toEqual(Array(3).fill('leaver@example.org'));
    await runAt('2030-01-02T00:00:00Z');

    expect(await valuesOf(subscriberId)).toEqual([]);
    expect(await countSubscribers()).toBe(0);
    const { rows: closed } = await sql<{
      reason: string;
    }>`select reason from suppressions where lifted_at is null`.execute(system.deps.db);
    expect(closed).toEqual([{ reason: 'erasure' }]);
    const kept = await sql<{
      count: number;
    }>`select count(*) as count from consent_records where subscriber_id = ${subscriberId}`.execute(system.deps.db);
    expect(kept.rows[0]?.count).toBeGreaterThan(3);
    await expectIntact();
  });

  it('keeps who left one newsletter and reads another, however long ago that was', async () => {
    await becomeReader(system, 'reader@example.org');
    await sql`insert into subscriptions (subscriber_id, newsletter_id, status, requested_at, unsubscribed_at)
      select s.id, n.id, 'unsubscribed', ${clock.now()}, ${clock.now()} from subscribers s, newsletters n where n.slug <> 'the-weekly'`.execute(
      system.deps.db,
    );

    await runAt('2035-01-02T00:00:00Z');

    expect(await statusesOf(system.deps, 'reader@example.org')).toContain('the-weekly:active');
  });

  it('folds deliveries after 13 months and keeps the sum of their campaign (T12)', async () => {
    const { deps } = system;
    const newsletterId = await addReaders(deps, 25);
    const campaignId: CampaignId = await sendTestCampaign(deps, newsletterId);
    await sql`update deliveries set state = case when id % 5 = 0 then 'rejected' else 'accepted' end, settled_at = ${clock.now()}
      where campaign_id = ${campaignId}`.execute(deps.db);
    const before = await countDeliveries(deps.db, campaignId);
    expect(before).toMatchObject({ audience: 25, open: 0 });

    await runAt(400);
    expect(await countRows(campaignId)).toBe(25);
    await sql`update campaigns set status = 'sent', finished_at = ${clock.now()} where id = ${campaignId}`.execute(
      deps.db,
    );
    await runAt(402);

    expect(await countRows(campaignId)).toBe(0);
    expect(await countDeliveries(deps.db, campaignId)).toEqual(before);
  });

  it('runs once a day, whoever rings, and again when a run was cut off', async () => {
    await applyRetention(system.deps);
    await signUp(system, 'silent@example.org');
    await runAt(30);
    expect(await countSubscribers()).toBe(0);

    await signUp(system, 'later@example.org');
    clock.advance(22 * DAY_MS);
    await expireRequests(system.deps.db, clock.now());
    // Another worker took the run three hours ago and was never heard of again.
    await sql`update settings set value = jsonb_build_object('startedAt', ${clock.now()}::timestamptz - interval '1 hour', 'endedAt', null)
      where key = 'retention'`.execute(system.deps.db);
    await applyRetention(system.deps);
    expect(await countSubscribers()).toBe(1);
    clock.advance(3_600_000);
    await Promise.all([applyRetention(system.deps), applyRetention(system.deps)]);
    expect(await countSubscribers()).toBe(0);
  });
});

async function pendingOf(address: string): Promise<{ readonly subscriberId: number }> {
  const row = await system.deps.db
    .selectFrom('subscribers')
    .select('id')
    .where('address', '=', address)
    .executeTakeFirstOrThrow();
  return { subscriberId: row.id };
}

async function countSubscribers(): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from subscribers`.execute(system.deps.db);
  return rows[0]?.count ?? 0;
}

async function countRows(campaignId: CampaignId): Promise<number> {
  const { rows } = await sql<{
    count: number;
  }>`select count(*) as count from deliveries where campaign_id = ${campaignId}`.execute(system.deps.db);
  return rows[0]?.count ?? 0;
}
