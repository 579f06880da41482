import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createCampaign,
  requireCampaign,
  sendCampaign,
  startCampaign,
  testCampaign,
} from '../../../src/campaigns/index.ts';
import { updateNewsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { CampaignId } from '../../../src/shared/ids.ts';
import { addressOf, openPress } from './press.ts';
import type { Press } from './press.ts';

let press: Press;

beforeAll(async () => {
  press = await openPress();
});
beforeEach(() => {
  press.rung.length = 0;
});
afterAll(() => press.close());

const by = (id: CampaignId) => ({ id, actor: CLI_ACTOR });

describe('createCampaign', () => {
  it('refuses MJML that does not compile with its line and reason, and stores nothing', async () => {
    const source = '<mjml>\n  <mj-body>\n    <mj-nonsense></mj-nonsense>\n  </mj-body>\n</mjml>';

    const creating = createCampaign(
      press.deps,
      { newsletter: { id: press.newsletter.id }, subject: 'News', preheader: null, format: 'mjml', source },
      CLI_ACTOR,
    );

    await expect(creating).rejects.toMatchObject({
      kind: 'input',
      code: 'mjml_invalid',
      fields: [{ field: 'source', code: 'mjml_invalid', message: expect.stringMatching(/^line 3: .*mj-nonsense/) }],
    });
    expect(await press.deps.db.selectFrom('campaigns').select('id').execute()).toEqual([]);
  });

  it('refuses a merge field that does not exist, and names the part that it is in', async () => {
    const creating = createCampaign(
      press.deps,
      {
        newsletter: { slug: press.newsletter.slug },
        subject: 'Dear {{ subscriber.salary }}',
        preheader: null,
        format: 'markdown',
        source: 'one\n\n{{ nobody.knows }}',
      },
      CLI_ACTOR,
    );

    await expect(creating).rejects.toMatchObject({
      code: 'merge_field_unknown',
      fields: [
        { field: 'subject', message: expect.stringMatching(/^line 1: /) },
        { field: 'source', message: expect.stringMatching(/^line 3: /) },
      ],
    });
  });

  it('keeps a draft and who wrote it', async () => {
    const campaign = await press.writeCampaign('Hello.');

    expect(campaign).toMatchObject({
      kind: 'campaign',
      status: 'draft',
      newsletterName: 'The Weekly',
      subject: 'News',
      source: 'Hello.',
    });
    const audit = await press.deps.db
      .selectFrom('audit_log')
      .select(['actor', 'action'])
      .where('subject_kind', '=', 'campaign')
      .where('subject_id', '=', String(campaign.id))
      .execute();
    expect(audit).toEqual([{ actor: 'cli', action: 'campaign.created' }]);
  });
});

describe('testCampaign', () => {
  it('refuses an address that is neither an admin with a proven address nor a proofreader, and mails nothing', async () => {
    const { id } = await press.writeCampaign();
    await press.addReaders('reader@example.org');
    const { address, key } = addressOf('new-admin@example.org');
    const created_at = press.deps.clock.now();
    await press.deps.db.insertInto('admins').values({ address, address_key: key, created_at }).execute();

    for (const to of ['reader@example.org', 'new-admin@example.org', 'nobody@example.org']) {
      await expect(testCampaign(press.deps, by(id), addressOf(to))).rejects.toMatchObject({
        kind: 'input',
        code: 'test_address_not_allowed',
      });
    }
    expect(await press.deps.db.selectFrom('campaign_tests').select('id').execute()).toEqual([]);
    expect(press.rung).toEqual([]);
  });

  it('plans one mail to a proofreader, exactly as the address is listed', async () => {
    const { id } = await press.writeCampaign();
    const { address, key } = addressOf('Proof@example.org');
    const { clock, db } = press.deps;
    await db
      .insertInto('proofreaders')
      .values({ newsletter_id: press.newsletter.id, address, address_key: key, added_at: clock.now() })
      .execute();

    await testCampaign(press.deps, by(id), addressOf('proof@example.org'));

    const deliveries = await db
      .selectFrom('deliveries')
      .select(['kind', 'address', 'newsletter_id', 'subscriber_id', 'campaign_id'])
      .execute();
    expect(deliveries).toEqual([
      {
        kind: 'test',
        address: 'Proof@example.org',
        newsletter_id: press.newsletter.id,
        subscriber_id: null,
        campaign_id: null,
      },
    ]);
    expect(press.rung).toEqual(['send-transactional']);
    expect(await requireCampaign(db, id)).toMatchObject({ status: 'draft' });
  });
});

it('sends the mail as it was compiled when it was sent, whatever the newsletter says later', async () => {
  const { id } = await press.writeCampaign('Hello.');
  const { db } = press.deps;
  await sendCampaign(press.deps, by(id), { expectedCount: 1, start: { kind: 'immediately' } });
  await updateNewsletter(press.deps, press.newsletter.id, { name: 'The Daily' }, CLI_ACTOR);

  await startCampaign(press.deps, id);

  const rows = await db
    .selectFrom('deliveries as d')
    .innerJoin('compiled_mails as m', 'm.id', 'd.compiled_mail_id')
    .select('m.mail')
    .where('d.campaign_id', '=', id)
    .execute();
  const head = { fromName: 'The Weekly', list: { name: 'The Weekly', slug: press.newsletter.slug } };
  expect(rows).toMatchObject([{ mail: { head, compiled: { template: 'campaign' } } }]);
});
