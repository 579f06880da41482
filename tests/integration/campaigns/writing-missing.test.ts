import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  exportMissingMergeData,
  listMissingMergeData,
  requireCampaign,
  sendCampaign,
  startCampaign,
} from '../../../src/campaigns/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { CampaignId, SubscriberId } from '../../../src/shared/ids.ts';
import { openPress } from './press.ts';
import type { Press } from './press.ts';

let press: Press;

beforeEach(async () => {
  press = await openPress();
});
afterEach(() => press.close());

const by = (id: CampaignId) => ({ id, actor: CLI_ACTOR });
const now = { kind: 'immediately' } as const;
const first = { after: undefined, limit: 50 };

async function describeReader(id: SubscriberId | undefined, facts: { name?: string; locale?: string }): Promise<void> {
  if (id !== undefined) {
    await press.deps.db.updateTable('subscribers').set(facts).where('id', '=', id).execute();
  }
}

async function addNamed(address: string, facts: { name?: string; locale?: string }): Promise<void> {
  const [id] = await press.addReaders(address);
  await describeReader(id, facts);
}

async function collect(pieces: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const piece of pieces) {
    all.push(piece);
  }
  return all;
}

describe('sendCampaign with a field that some of the audience do not have', () => {
  it('refuses with the count and schedules nothing, and the error holds no address', async () => {
    await addNamed('ada@example.org', { name: 'Ada' });
    await press.addReaders('no-name@example.org', 'none@example.org');
    const { id } = await press.writeCampaign('Dear {{ subscriber.name }},');

    const sending = sendCampaign(press.deps, by(id), { expectedCount: 3, start: now });

    await expect(sending).rejects.toMatchObject({
      kind: 'conflict',
      code: 'merge_data_missing',
      details: { count: 2, field: 'subscriber.name' },
      message: expect.not.stringContaining('example.org'),
    });
    expect(await requireCampaign(press.deps.db, id)).toMatchObject({ status: 'draft' });
    expect(press.rung).toEqual([]);
  });

  it.each([
    'Dear {{ subscriber.name | default: "reader" }},',
    'Dear {% if subscriber.name %}{{ subscriber.name }}{% else %}reader{% endif %},',
    '{% unless subscriber.name == "" or subscriber.name == blank %}Dear {{ subscriber.name | upcase }}{% endunless %}.',
    'Dear {{ subscriber.name | default: "reader" | capitalize }},',
    '{% if subscriber.locale == "de" %}Hallo {{ subscriber.name }}{% else %}Hello{% endif %}',
  ])('sends %j, which leaves no hole', async (source) => {
    await press.addReaders('no-name@example.org');
    await addNamed('ada@example.org', { name: 'Ada', locale: 'de' });
    const { id } = await press.writeCampaign(source);

    const sent = await sendCampaign(press.deps, by(id), { expectedCount: 2, start: now });

    expect(sent.status).toBe('scheduled');
  });

  it.each([
    ['Dear {{ subscriber.name | upcase }},', 3],
    ['{% if subscriber.locale == "de" %}Hallo {{ subscriber.name }}{% else %}Hello{% endif %}', 1],
    ['{% unless subscriber.name %}Who are you, {{ subscriber.name }}?{% endunless %}', 3],
  ])('works the logic out for each language: %j', async (source, count) => {
    await press.addReaders('nobody@example.org');
    await addNamed('wer@example.org', { locale: 'de' });
    await addNamed('blank@example.org', { name: ' \u00a0 ', locale: 'ar' });
    await addNamed('ada@example.org', { name: 'Ada', locale: 'de' });
    const { id } = await press.writeCampaign(source);

    const campaign = await requireCampaign(press.deps.db, id);
    expect(await listMissingMergeData(press.deps, campaign, first)).toMatchObject({ count });
  });

  it('counts nobody who would not be mailed', async () => {
    const [paused, gone] = await press.addReaders('paused@example.org', 'gone@example.org');
    const { db } = press.deps;
    const later = new Date(press.deps.clock.now().getTime() + 86_400_000);
    await db
      .updateTable('subscriptions')
      .set({ paused_until: later })
      .where('subscriber_id', '=', paused ?? (0 as SubscriberId))
      .execute();
    await db
      .updateTable('subscriptions')
      .set({ status: 'unsubscribed' })
      .where('subscriber_id', '=', gone ?? (0 as SubscriberId))
      .execute();
    const { id } = await press.writeCampaign('Dear {{ subscriber.name }},');

    expect(await listMissingMergeData(press.deps, await requireCampaign(db, id), first)).toMatchObject({ count: 0 });
  });
});

describe('startCampaign', () => {
  it('stops when somebody without a name joined since it was sent, and starts when the reason is gone', async () => {
    await addNamed('ada@example.org', { name: 'Ada' });
    const { id } = await press.writeCampaign('Dear {{ subscriber.name }},');
    await sendCampaign(press.deps, by(id), { expectedCount: 1, start: now });
    const [late] = await press.addReaders('late@example.org');

    expect(await startCampaign(press.deps, id)).toEqual({ kind: 'stopped', code: 'merge_data_missing' });
    const stopped = await requireCampaign(press.deps.db, id);
    expect(stopped).toMatchObject({ status: 'scheduled', stopCode: 'merge_data_missing' });
    expect(stopped.stopMessage).toMatch(/^1 reader of the audience has no name/);
    expect(await listMissingMergeData(press.deps, stopped, first)).toMatchObject({
      count: 1,
      readers: [{ address: 'late@example.org' }],
    });

    await describeReader(late, { name: 'Grace' });
    expect(await startCampaign(press.deps, id)).toEqual({ kind: 'started', audienceCount: 2 });
    expect(await requireCampaign(press.deps.db, id)).toMatchObject({ stopCode: null });
    expect(await listMissingMergeData(press.deps, await requireCampaign(press.deps.db, id), first)).toMatchObject({
      count: 0,
    });
  });

  it('freezes the name and the language that the logic asks for', async () => {
    await addNamed('ada@example.org', { name: 'Ada', locale: 'de' });
    const { id } = await press.writeCampaign(
      '{% if subscriber.locale == "de" %}Hallo{% endif %} {{ subscriber.name }}',
    );
    await sendCampaign(press.deps, by(id), { expectedCount: 1, start: now });
    await startCampaign(press.deps, id);

    const rows = await press.deps.db.selectFrom('deliveries').select(['reader_name', 'reader_locale']).execute();
    expect(rows).toEqual([{ reader_name: 'Ada', reader_locale: 'de' }]);
  });
});

describe('the list of those concerned', () => {
  it('is read page by page, each of them once, and exported as CSV and as JSON with an audit entry', async () => {
    const addresses = Array.from({ length: 7 }, (_, index) => `reader-${index}@example.org`);
    await press.addReaders(...addresses);
    const { id } = await press.writeCampaign('Dear {{ subscriber.name }},');
    const campaign = await requireCampaign(press.deps.db, id);

    const seen: string[] = [];
    let after: SubscriberId | undefined;
    do {
      const page = await listMissingMergeData(press.deps, campaign, { after, limit: 3 });
      expect(page.count).toBe(7);
      seen.push(...page.readers.map(({ address }) => address));
      after = page.nextCursor ?? undefined;
    } while (after !== undefined);
    expect(seen.toSorted()).toEqual(addresses);

    const csv = await collect(exportMissingMergeData(press.deps, campaign, { actor: CLI_ACTOR, format: 'csv' }));
    expect(csv.join('').split('\r\n')).toHaveLength(9);
    expect(csv[0]).toBe('email,missing\r\n');
    const json = await collect(exportMissingMergeData(press.deps, campaign, { actor: CLI_ACTOR, format: 'json' }));
    expect(JSON.parse(json.join('').split('\n', 1)[0] ?? '')).toEqual({
      address: seen[0],
      missing: ['subscriber.name'],
    });
    const audit = press.deps.db
      .selectFrom('audit_log')
      .select('action')
      .where('action', '=', 'campaign.missing_exported');
    expect(await audit.execute()).toHaveLength(2);
  });
});
