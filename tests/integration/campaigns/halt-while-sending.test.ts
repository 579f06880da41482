import { afterAll, beforeAll, expect, it } from 'vitest';
import { changeBounceLimits } from '../../../src/bounce-limits/index.ts';
import {
  campaignProgress,
  createCampaign,
  requireCampaign,
  resumeCampaign,
  sendCampaign,
} from '../../../src/campaigns/index.ts';
import type { Campaign } from '../../../src/campaigns/index.ts';
import { compose } from '../../../src/compose.ts';
import type { Composed } from '../../../src/compose.ts';
import { parseConfig } from '../../../src/config/index.ts';
import { migrateAll } from '../../../src/migrate.ts';
import { createNewsletter } from '../../../src/newsletters/index.ts';
import { createLogger } from '../../../src/platform/logging/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { CampaignId, NewsletterId } from '../../../src/shared/ids.ts';
import { hashAddress } from '../../../src/shared/keyring.ts';
import { startWorker } from '../../../workers/start-worker.ts';
import type { StartedWorker } from '../../../workers/start-worker.ts';
import { createTestDatabase } from '../../support/databases.ts';
import type { TestDatabase } from '../../support/databases.ts';
import { createTestRedisUrl } from '../../support/queue.ts';
import { startSmtpSink } from '../../support/smtp-sink.ts';
import type { SmtpFault, SmtpSink } from '../../support/smtp-sink.ts';
import { waitFor } from '../../support/wait-for.ts';
import { addressOf } from './press.ts';

const READERS = 2000;
/** A slow server, so that there is something left when the workers have heard of the halt. */
const REPLY_MS = 30;
const DEADLINE_MS = 60_000;

let database: TestDatabase;
let sink: SmtpSink;
let house: Composed;
let worker: StartedWorker;

beforeAll(async () => {
  database = await createTestDatabase();
  sink = await startSmtpSink({ keepsTexts: false });
  sink.script(everyTenthIsDead);
  const log = createLogger('fatal', 'test');
  await migrateAll(database.url, log);
  const config = parseConfig({
    DATABASE_URL: database.url,
    REDIS_URL: await createTestRedisUrl(),
    SECRET_KEY: 'halting-0123456789-0123456789-0123456789',
    SMTP_URL: sink.url,
    MAIL_FROM: 'news@example.org',
    POSTAL_ADDRESS: '1 Harbour Street',
  });
  house = await compose(config, { role: 'test', maxConnections: 6, log });
  worker = await startWorker(house.deps);
}, 60_000);

afterAll(async () => {
  await worker.stop(2000);
  await house.close();
  await sink.stop();
  await database.drop();
}, 60_000);

function everyTenthIsDead(recipient: string): SmtpFault {
  return /0@/.test(recipient)
    ? { kind: 'refuse-recipient', code: 550, text: '5.1.1 <img src=x onerror=alert(1)> no such user' }
    : { kind: 'hold-reply', until: new Promise((resolve) => setTimeout(resolve, REPLY_MS)) };
}

async function addReaders(newsletterId: NewsletterId): Promise<void> {
  const { db, keyring, clock } = house.deps;
  const now = clock.now();
  const people = Array.from({ length: READERS }, (_, index) => addressOf(`reader-${index}@example.org`));
  const rows = people.map(({ address, key }) => ({
    address,
    address_key: key,
    address_hash: hashAddress(keyring, key),
    address_hash_key_id: keyring.signingKeyId,
    created_at: now,
  }));
  const ids = await db.insertInto('subscribers').values(rows).returning('id').execute();
  const active = { newsletter_id: newsletterId, status: 'active' as const, requested_at: now, confirmed_at: now };
  await db
    .insertInto('subscriptions')
    .values(ids.map(({ id }) => ({ subscriber_id: id, ...active })))
    .execute();
}

function reach(id: CampaignId, status: Campaign['status']): Promise<Campaign> {
  return waitFor(
    `the campaign to be ${status}`,
    async () => {
      const campaign = await requireCampaign(house.deps.db, id);
      return campaign.status === status ? campaign : undefined;
    },
    DEADLINE_MS,
  );
}

it(
  'stops a list full of dead addresses before it is through, and goes on when a person says so',
  async () => {
    const { deps } = house;
    const { id: newsletterId } = await createNewsletter(deps, { name: 'The Weekly' }, CLI_ACTOR);
    await addReaders(newsletterId);
    const text = { subject: 'News', preheader: null, format: 'markdown' as const, source: 'Hello.' };
    const { campaign } = await createCampaign(deps, { ...text, newsletter: { id: newsletterId } }, CLI_ACTOR);
    const order = { id: campaign.id, actor: CLI_ACTOR };
    await sendCampaign(deps, order, { expectedCount: READERS, start: { kind: 'immediately' } });

    const halted = await reach(campaign.id, 'paused');
    expect(halted.stopCode).toBe('too_many_bounces');
    expect(halted.stopMessage).toMatch(/^It was halted because \d+ of the last \d+ mails/);
    const atRest = await waitFor('all workers to have given back what they held', async () => {
      const held = await deps.db
        .selectFrom('delivery_blocks')
        .select('id')
        .where('worker_id', 'is not', null)
        .execute();
      return held.length === 0 ? campaignProgress(deps, halted) : undefined;
    });
    expect(atRest?.open).toBeGreaterThan(0);
    expect(atRest?.rejected).toBeGreaterThanOrEqual(25);

    await changeBounceLimits(deps, { hardPercent: 50 }, CLI_ACTOR);
    expect(await resumeCampaign(deps, order)).toMatchObject({ stopCode: null, stopMessage: null });
    const sent = await reach(campaign.id, 'sent');

    expect(await campaignProgress(deps, sent)).toMatchObject({
      audience: READERS,
      accepted: READERS * 0.9,
      rejected: READERS * 0.1,
      open: 0,
    });
    expect(new Set(sink.mails.map((mail) => mail.recipients[0])).size).toBe(READERS * 0.9);
    expect(sink.mails).toHaveLength(READERS * 0.9);
    const closed = await deps.db.selectFrom('suppressions').select('id').where('reason', '=', 'hard-bounce').execute();
    expect(closed).toHaveLength(READERS * 0.1);
  },
  2 * DEADLINE_MS,
);
