import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  campaignProgress,
  createCampaign,
  requireCampaign,
  sendCampaign,
  testCampaign,
} from '../../../src/campaigns/index.ts';
import { compose } from '../../../src/compose.ts';
import type { Composed } from '../../../src/compose.ts';
import { parseConfig } from '../../../src/config/index.ts';
import { migrateAll } from '../../../src/migrate.ts';
import { createNewsletter } from '../../../src/newsletters/index.ts';
import { createLogger } from '../../../src/platform/logging/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { startWorker } from '../../../workers/start-worker.ts';
import type { StartedWorker } from '../../../workers/start-worker.ts';
import { createTestDatabase } from '../../support/databases.ts';
import type { TestDatabase } from '../../support/databases.ts';
import { createTestRedisUrl } from '../../support/queue.ts';
import { startSmtpSink } from '../../support/smtp-sink.ts';
import type { SmtpSink } from '../../support/smtp-sink.ts';
import { waitFor } from '../../support/wait-for.ts';
import { addReaderTo, addressOf } from './press.ts';

const WITH_ALL_FIELDS = `# It reopens, {{ subscriber.name | default: "reader" }}

[leave](<{{ links.unsubscribe }}>), [leave all](<{{ links.unsubscribeAll }}>), [choose](<{{ links.preferences }}>)`;

let database: TestDatabase;
let sink: SmtpSink;
let house: Composed;
let worker: StartedWorker;

beforeAll(async () => {
  database = await createTestDatabase();
  sink = await startSmtpSink();
  const log = createLogger('error', 'test');
  await migrateAll(database.url, log);
  const config = parseConfig({
    DATABASE_URL: database.url,
    REDIS_URL: await createTestRedisUrl(),
    SECRET_KEY: 'arrival-0123456789-0123456789-0123456789',
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

it('brings a test to a proofreader and the campaign to each reader once, and ends as sent', async () => {
  const { deps } = house;
  const newsletter = await createNewsletter(deps, { name: 'The Weekly' }, CLI_ACTOR);
  for (const name of ['ada', 'bo', 'cy']) {
    await addReaderTo(deps, newsletter, `${name}@example.org`);
  }
  const { address, key } = addressOf('proof@example.org');
  await deps.db
    .insertInto('proofreaders')
    .values({ newsletter_id: newsletter.id, address, address_key: key, added_at: deps.clock.now() })
    .execute();
  const text = { subject: 'The harbour', preheader: null, format: 'markdown' as const, source: WITH_ALL_FIELDS };
  const { campaign } = await createCampaign(deps, { ...text, newsletter: { id: newsletter.id } }, CLI_ACTOR);
  const order = { id: campaign.id, actor: CLI_ACTOR };

  await testCampaign(deps, order, addressOf('proof@example.org'));
  const test = await sink.waitForMail((mail) => mail.recipients.includes('proof@example.org'));
  expect(test.raw.toString()).toContain('Subject: [Test] The harbour');

  await sendCampaign(deps, order, { expectedCount: 3, start: { kind: 'immediately' } });
  const sent = await waitFor('the campaign to be sent', async () => {
    const now = await requireCampaign(deps.db, campaign.id);
    return now.status === 'sent' ? now : undefined;
  });

  expect(await campaignProgress(deps, sent)).toMatchObject({ audience: 3, accepted: 3, open: 0 });
  const got = sink.mails.filter((mail) => mail.raw.includes('Subject: The harbour')).map((mail) => mail.recipients[0]);
  expect(new Set(got)).toEqual(new Set(['ada@example.org', 'bo@example.org', 'cy@example.org']));
  expect(got).toHaveLength(3);
  expect(sink.mails.every((mail) => mail.raw.includes('List-Unsubscribe-Post: List-Unsubscribe=One-Click'))).toBe(true);
}, 60_000);
