import PostalMime from 'postal-mime';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCampaign, requireCampaign, sendCampaign, testCampaign } from '../../../src/campaigns/index.ts';
import { compose } from '../../../src/compose.ts';
import type { Composed } from '../../../src/compose.ts';
import { parseConfig } from '../../../src/config/index.ts';
import { migrateAll } from '../../../src/migrate.ts';
import { createNewsletter, requireNewsletter } from '../../../src/newsletters/index.ts';
import type { Newsletter } from '../../../src/newsletters/index.ts';
import { createLogger } from '../../../src/platform/logging/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { CampaignId } from '../../../src/shared/ids.ts';
import { startWorker } from '../../../workers/start-worker.ts';
import type { StartedWorker } from '../../../workers/start-worker.ts';
import { createTestDatabase } from '../../support/databases.ts';
import type { TestDatabase } from '../../support/databases.ts';
import { createTestRedisUrl } from '../../support/queue.ts';
import { startSmtpSink } from '../../support/smtp-sink.ts';
import type { SmtpSink } from '../../support/smtp-sink.ts';
import { waitFor } from '../../support/wait-for.ts';
import { addReaderTo, addressOf } from './press.ts';

const SUBJECT = '{% if subscriber.name %}{{ subscriber.name | first_word }}, {% endif %}our news';
const SOURCE = `{% if subscriber.locale == "de" %}
Guten Tag{% if subscriber.name %}, {{ subscriber.name }}{% endif %}. [Abmelden](<{{ links.unsubscribe }}>)
{% else %}
Hello{% if subscriber.name %}, {{ subscriber.name }}{% endif %}.
{% endif %}

For everybody.`;

let database: TestDatabase;
let sink: SmtpSink;
let house: Composed;
let worker: StartedWorker;
let newsletter: Newsletter;
let campaignId: CampaignId;

beforeAll(async () => {
  database = await createTestDatabase();
  sink = await startSmtpSink();
  const log = createLogger('error', 'test');
  await migrateAll(database.url, log);
  const config = parseConfig({
    DATABASE_URL: database.url,
    REDIS_URL: await createTestRedisUrl(),
    SECRET_KEY: 'logic-0123456789-0123456789-0123456789-01',
    SMTP_URL: sink.url,
    MAIL_FROM: 'news@example.org',
    POSTAL_ADDRESS: '1 Harbour Street',
  });
  house = await compose(config, { role: 'test', maxConnections: 6, log });
  worker = await startWorker(house.deps);
  const { id } = await createNewsletter(house.deps, { name: 'The Weekly' }, CLI_ACTOR);
  newsletter = await requireNewsletter(house.deps.db, { id });
  const text = { subject: SUBJECT, preheader: null, format: 'markdown' as const, source: SOURCE };
  campaignId = (await createCampaign(house.deps, { ...text, newsletter: { id } }, CLI_ACTOR)).campaign.id;
}, 60_000);

afterAll(async () => {
  await worker.stop(2000);
  await house.close();
  await sink.stop();
  await database.drop();
}, 60_000);

async function addReader(address: string, facts: { name?: string; locale?: string }): Promise<void> {
  const id = await addReaderTo(house.deps, newsletter, address);
  if (Object.keys(facts).length > 0) {
    await house.deps.db.updateTable('subscribers').set(facts).where('id', '=', id).execute();
  }
}

async function readMailTo(
  address: string,
): Promise<{ readonly subject: string; readonly text: string; readonly html: string }> {
  const { raw } = await sink.waitForMail((mail) => mail.recipients.includes(address));
  const { subject = '', text = '', html = '' } = await PostalMime.parse(raw);
  return { subject, text, html };
}

it('chooses for each reader what they get, from the row to the relay', async () => {
  await addReader('ada@example.org', { name: 'Ada <Okafor>' });
  await addReader('ohne@example.org', { locale: 'de' });
  await addReader('grete@example.org', { name: 'Grete Minde', locale: 'de-AT' });
  await addReader('none@example.org', {});

  await sendCampaign(
    house.deps,
    { id: campaignId, actor: CLI_ACTOR },
    { expectedCount: 4, start: { kind: 'immediately' } },
  );

  const ada = await readMailTo('ada@example.org');
  expect(ada.subject).toBe('Ada, our news');
  expect(ada.text).toContain('Hello, Ada <Okafor>.\n\nFor everybody.');
  expect(ada.html).toContain('Hello, Ada &lt;Okafor&gt;.');
  expect(ada.html).not.toContain('Guten Tag');

  const ohne = await readMailTo('ohne@example.org');
  expect(ohne.subject).toBe('our news');
  expect(ohne.text).toMatch(/Guten Tag\. Abmelden\s<http:\/\/localhost:3000\/unsubscribe\/[^>]+>\n\nFor everybody\./);

  expect((await readMailTo('grete@example.org')).text).toContain('Guten Tag, Grete Minde.');
  expect((await readMailTo('none@example.org')).text).toContain('Hello.\n\nFor everybody.');
  await waitFor('the campaign to be sent', async () => {
    const { status } = await requireCampaign(house.deps.db, campaignId);
    return status === 'sent';
  });
});

it('goes the same way as a test mail', async () => {
  const { address, key } = addressOf('proof@example.org');
  const proofreader = { newsletter_id: newsletter.id, address, address_key: key, added_at: house.deps.clock.now() };
  await house.deps.db.insertInto('proofreaders').values(proofreader).execute();

  await testCampaign(house.deps, { id: campaignId, actor: CLI_ACTOR }, addressOf('proof@example.org'));

  const proof = await readMailTo('proof@example.org');
  expect(proof.subject).toBe('[Test] our news');
  expect(proof.text).toContain('Hello.\n\nFor everybody.');
});
