import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createNewsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { becomeReader, get, post, statusesOf } from '../subscriptions/reader.ts';
import { openVisit, preferencesOf, recordsOf } from './visitor.ts';
import type { Visitor } from './visitor.ts';

const clock = createFakeClock();
let system: TestSystem;
let daily: number;
let reader = 0;
let address: string;
let visitor: Visitor;

beforeAll(async () => {
  system = await startTestSystem({ worker: false, clock });
  ({ id: daily } = await createNewsletter(system.deps, { name: 'The Daily', slug: 'the-daily' }, CLI_ACTOR));
});
beforeEach(async () => {
  reader += 1;
  address = `reader-${reader}@example.org`;
  await becomeReader(system, address);
  visitor = await openVisit(system, address);
});
afterAll(() => system.stop());

const records = () => recordsOf(system, visitor.subscriberId);
const statuses = () => statusesOf(system.deps, address);

function versionOn(page: string): string {
  return (
    new RegExp(`name="newsletterId" value="${daily}"><input type="hidden" name="version" value="([^"]+)"`).exec(
      page,
    )?.[1] ?? ''
  );
}

async function joinFields(): Promise<Record<string, string>> {
  const page = await (await visitor.get()).text();
  return { action: 'join', newsletterId: String(daily), version: versionOn(page), locale: 'en' };
}

async function settingsOf(): Promise<{ locale: string | null; time_zone: string | null; tracking_allowed: boolean }> {
  return system.deps.db
    .selectFrom('subscribers')
    .select(['locale', 'time_zone', 'tracking_allowed'])
    .where('id', '=', visitor.subscriberId)
    .executeTakeFirstOrThrow();
}

describe('a visit', () => {
  it('shows the whole address, is kept by nobody, and changes nothing when it is opened', async () => {
    const response = await visitor.get();
    const page = await response.text();

    expect(response.status).toBe(200);
    expect(page).toContain(address);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('referrer-policy')).toBe('same-origin');
    expect((await records()).map(({ action }) => action)).toEqual(['granted']);
  });

  it.each([
    ['sec-fetch-site', 'cross-site'],
    ['sec-fetch-site', 'same-site'],
    ['origin', 'https://elsewhere.example'],
    ['origin', 'null'],
  ])('refuses what comes from another site: %s %s (S3)', async (header, value) => {
    const headers = { [header]: value };

    const answers = [
      await visitor.post({ action: 'leave', newsletterId: '' }, '/my', headers),
      await visitor.post({}, '/my/delete', headers),
    ];

    expect(answers.map(({ status }) => status)).toEqual([403, 403]);
    expect(await statuses()).toEqual(['the-weekly:active']);
  });

  it('ends when the reader ends it, on the server too', async () => {
    const response = await visitor.post({ action: 'end' });

    expect(response.headers.get('set-cookie')).toMatch(/^preferences=; Path=\/; Expires=Thu, 01 Jan 1970/);
    expect(await response.text()).toContain('You have ended your visit');
    expect((await visitor.get()).status).toBe(401);
  });

  it('refuses what no form of ours sends, and changes nothing', async () => {
    const bodies: Record<string, string>[] = [
      {},
      { action: 'leave' },
      { action: 'leave', newsletterId: 'x' },
      { action: 'pause', newsletterId: '', until: 'tomorrow' },
      { action: 'pause', newsletterId: '', until: '2026-13-45' },
      { action: 'details', locale: 'tlh', timeZone: '' },
      { action: 'details', locale: '../en', timeZone: '' },
      { action: 'join', newsletterId: String(daily), version: 'x'.repeat(200), locale: 'en' },
      { action: 'tracking', allowed: 'maybe', locale: 'en' },
      { action: 'address', email: 'x'.repeat(400) },
      { action: 'drop table' },
    ];
    for (const body of bodies) {
      expect([body, (await visitor.post(body)).status]).toEqual([body, 422]);
    }
    expect((await visitor.post({ action: 'details', locale: 'en', timeZone: '\u0000' })).status).toBe(422);
    expect((await get(system, '/my?done=<b>')).status).toBe(401);
    const odd = await (await visitor.get('/my?done=%3Cb%3E&done=x&lang[]=1')).text();
    expect(odd).not.toContain('<b>');
    expect(await records()).toHaveLength(1);
  });
});

describe('joining', () => {
  it('grants at once, with the wording that was shown and the terms that were accepted before (R27)', async () => {
    const fields = await joinFields();
    const page = await (await visitor.get()).text();
    expect(page).not.toContain('name="terms"');

    const response = await visitor.post(fields);

    expect([response.status, response.headers.get('location')]).toEqual([303, '/my?done=joined']);
    expect(await statuses()).toEqual(['the-daily:active', 'the-weekly:active']);
    const { rows } = await sql<Record<string, unknown>>`
      select r.action, r.method, r.form_id, r.form_version, r.locale, r.page_url, r.actor, t.text, r.terms_text, p.kind as privacy
      from consent_records r join consent_texts t on t.hash = r.consent_text join legal_documents p on p.id = r.privacy_document_id
      where r.subscriber_id = ${visitor.subscriberId} and r.newsletter_id = ${daily}`.execute(system.deps.db);
    expect(rows).toEqual([
      {
        action: 'granted',
        method: 'button',
        form_id: 'preferences',
        form_version: fields['version'],
        locale: 'en',
        page_url: `${system.url}/my`,
        actor: 'subscriber',
        text: expect.stringMatching(/^By pressing Subscribe I ask to be sent The Daily by mail/) as string,
        terms_text: null,
        privacy: 'privacy',
      },
    ]);
    expect(page).toContain(String(rows[0]?.['text']));
  });

  it('asks for the terms when there is a new version of them, and takes no for an answer', async () => {
    await sql`insert into legal_documents (kind, locale, version, title, markdown, hash, is_sample, published_at, change)
      select kind, locale, version + 1, title, markdown || ' More.', sha256((markdown || ' More.')::bytea), false,
        ${clock.now()}::timestamptz, 'notice'
      from legal_documents where kind = 'terms' and locale = 'en' order by version desc limit 1`.execute(
      system.deps.db,
    );
    clock.advance(2000);
    const fields = await joinFields();

    const refused = await visitor.post(fields);
    expect(refused.status).toBe(422);
    expect(await refused.text()).toContain('Please accept the terms to subscribe.');
    expect(await statuses()).toEqual(['the-weekly:active']);

    expect((await visitor.post({ ...fields, terms: 'true' })).status).toBe(303);
    const { rows } = await sql<{ version: number }>`
      select d.version from consent_records r join legal_documents d on d.id = r.terms_document_id
      where r.subscriber_id = ${visitor.subscriberId} and r.newsletter_id = ${daily} and r.terms_text is not null`.execute(
      system.deps.db,
    );
    expect(rows).toHaveLength(1);
  });

  it('shows a wording that has changed since again, instead of recording it unseen', async () => {
    const fields = await joinFields();

    const response = await visitor.post({ ...fields, version: '000000000000' });

    expect(response.status).toBe(422);
    expect(await response.text()).toContain('The wording has changed');
    expect(await statuses()).toEqual(['the-weekly:active']);
  });

  it('records one consent for a double click, and none for going back and pressing again', async () => {
    const fields = { ...(await joinFields()), terms: 'true' };

    const answers = await Promise.all([visitor.post(fields), visitor.post(fields)]);
    answers.push(await visitor.post(fields));

    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303]);
    expect((await records()).map(({ action }) => action)).toEqual(['granted', 'granted']);
  });

  it('is refused while the address is closed, and for what is not offered', async () => {
    const fields = { ...(await joinFields()), terms: 'true' };
    expect((await visitor.post({ ...fields, newsletterId: '999999' })).status).toBe(422);
    await sql`insert into suppressions (address_hash, address_hash_key_id, reason, source, created_at)
      select address_hash, address_hash_key_id, 'complaint', 'test', now() from subscribers where id = ${visitor.subscriberId}`.execute(
      system.deps.db,
    );

    const response = await visitor.post(fields);

    expect(response.status).toBe(422);
    expect(await response.text()).toContain('We must not mail this address');
    expect(await statuses()).toEqual(['the-weekly:active']);
  });
});

describe('leaving in a visit', () => {
  it('ends one or all, and joining again is one click', async () => {
    await visitor.post({ ...(await joinFields()), terms: 'true' });

    await visitor.post({ action: 'leave', newsletterId: String(daily) });
    expect(await statuses()).toEqual(['the-daily:unsubscribed', 'the-weekly:active']);
    const [once, twice] = await Promise.all([
      visitor.post({ action: 'leave', newsletterId: '' }),
      visitor.post({ action: 'leave', newsletterId: '' }),
    ]);

    expect([once.status, twice.status]).toEqual([303, 303]);
    expect(await statuses()).toEqual(['the-daily:unsubscribed', 'the-weekly:unsubscribed']);
    expect((await records()).map(({ action }) => action)).toEqual(['granted', 'granted', 'withdrawn', 'withdrawn']);
    await visitor.post({ ...(await joinFields()), terms: 'true' });
    expect(await statuses()).toEqual(['the-daily:active', 'the-weekly:unsubscribed']);
  });
});

describe('tracking', () => {
  it('is off unless given, a declaration of its own with its wording, and taken back as easily (R31)', async () => {
    expect(await settingsOf()).toMatchObject({ tracking_allowed: false });

    await visitor.post({ action: 'tracking', allowed: 'yes', locale: 'de' });
    await visitor.post({ action: 'tracking', allowed: 'yes', locale: 'de' });
    expect(await settingsOf()).toMatchObject({ tracking_allowed: true });
    await visitor.post({ action: 'tracking', allowed: 'no', locale: 'de' });

    expect(await settingsOf()).toMatchObject({ tracking_allowed: false });
    const { rows } = await sql`
      select r.action, r.newsletter_id, t.text, t.locale from consent_records r join consent_texts t on t.hash = r.consent_text
      where r.subscriber_id = ${visitor.subscriberId} and r.purpose = 'tracking' order by r.id`.execute(system.deps.db);
    const text = expect.stringMatching(/^Sie dürfen festhalten, wann ich eine E-Mail öffne/) as string;
    expect(rows).toEqual([
      { action: 'granted', newsletter_id: null, text, locale: 'de' },
      { action: 'withdrawn', newsletter_id: null, text, locale: 'de' },
    ]);
    expect(await statuses()).toEqual(['the-weekly:active']);
  });

  it('can be turned off, never on, by the link of a mail', async () => {
    const page = await preferencesOf(system, address);
    await post(system, page, { action: 'tracking', allowed: 'yes', locale: 'en' });
    expect(await settingsOf()).toMatchObject({ tracking_allowed: false });

    await visitor.post({ action: 'tracking', allowed: 'yes', locale: 'en' });
    expect(await (await get(system, page)).text()).toContain('Turn tracking off');
    await post(system, page, { action: 'tracking-off' });

    expect(await settingsOf()).toMatchObject({ tracking_allowed: false });
    expect((await records()).filter(({ purpose }) => purpose === 'tracking')).toHaveLength(2);
  });
});

describe('language and time zone', () => {
  it('are kept, recorded by name and not by value, and the pages follow', async () => {
    await visitor.post({ action: 'details', locale: 'de', timeZone: 'America/New_York' });
    await visitor.post({ action: 'details', locale: 'de', timeZone: 'America/New_York' });

    expect(await settingsOf()).toMatchObject({ locale: 'de', time_zone: 'America/New_York' });
    expect((await records()).slice(1)).toEqual([
      { action: 'changed', purpose: 'newsletter', details: { fields: ['locale', 'timeZone'] } },
    ]);
    expect(await (await visitor.get()).text()).toContain('Ihre Abonnements');
    expect(await (await get(system, await preferencesOf(system, address))).text()).toContain('lang="de"');
  });

  it('refuses a zone that does not exist and keeps what was typed in the form', async () => {
    const response = await visitor.post({ action: 'details', locale: 'de', timeZone: 'Europe/"Atlantis' });
    const page = await response.text();

    expect(response.status).toBe(422);
    expect(page).toContain('This time zone does not exist');
    expect(page).toContain('value="Europe/&#34;Atlantis"');
    expect(await settingsOf()).toMatchObject({ locale: null, time_zone: null });
  });

  it('may be none', async () => {
    await visitor.post({ action: 'details', locale: 'ar', timeZone: 'Africa/Cairo' });
    await visitor.post({ action: 'details', locale: 'ar', timeZone: '' });

    expect(await settingsOf()).toMatchObject({ locale: 'ar', time_zone: null });
    expect(await (await visitor.get()).text()).toContain('dir="rtl"');
  });
});

describe('my data', () => {
  it('come as one JSON file with everything, and nothing that opens a door (R32)', async () => {
    const response = await visitor.get('/my/data.json');
    const data = (await response.json()) as Record<string, unknown>;

    expect(response.status).toBe(200);
    expect(response.headers.get('content-disposition')).toBe('attachment; filename=my-data.json');
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(JSON.stringify(data)).toContain(address);
    expect(data['consent']).toEqual(expect.arrayContaining([expect.objectContaining({ action: 'granted' })]));
    expect(JSON.stringify(data)).not.toContain(visitor.cookie.split('=')[1]);
  });

  it('are deleted by one button, whose page says what happens; the visit ends with them (R32)', async () => {
    const page = await visitor.get('/my/delete');
    expect(await page.text()).toContain(address);
    expect(await statuses()).toEqual(['the-weekly:active']);

    const answers = await Promise.all([visitor.post({}, '/my/delete'), visitor.post({}, '/my/delete')]);

    expect(answers.map(({ status }) => status).filter((status) => status === 200).length).toBeGreaterThan(0);
    expect(answers.every(({ status }) => status === 200 || status === 401)).toBe(true);
    const { rows } = await sql`select 1 from subscribers where id = ${visitor.subscriberId}`.execute(system.deps.db);
    expect(rows).toEqual([]);
    expect((await visitor.get()).status).toBe(401);
    expect((await visitor.get('/my/data.json')).status).toBe(401);
    const suppressed =
      await sql`select reason from suppressions where reason = 'erasure' and source = 'subscriber'`.execute(
        system.deps.db,
      );
    expect(suppressed.rows).toHaveLength(1);
  });
});

it('records of every change what the page said beside its button, in its language (R27)', async () => {
  const until = new Date(clock.now().getTime() + 7 * 86_400_000).toISOString().slice(0, 10);
  const weekly = String(
    (
      await system.deps.db
        .selectFrom('newsletters')
        .select('id')
        .where('slug', '=', 'the-weekly')
        .executeTakeFirstOrThrow()
    ).id,
  );
  await visitor.post({ action: 'pause', newsletterId: weekly, until });
  await visitor.post({ action: 'pause', newsletterId: weekly, until: '' });
  await visitor.post({ action: 'details', locale: 'de', timeZone: 'Europe/Berlin' });
  const page = await (await visitor.get('/my?lang=en')).text();
  await visitor.post({ action: 'leave', newsletterId: weekly }, '/my?lang=en');

  const { rows } = await sql<{ text: string; locale: string; page: string }>`
    select t.text, r.locale, r.page_url as page from consent_records r join consent_texts t on t.hash = r.consent_text
    where r.subscriber_id = ${visitor.subscriberId} and r.action in ('changed', 'withdrawn') order by r.id`.execute(
    system.deps.db,
  );
  expect(rows.map(({ text }) => text.split('\n').at(-1))).toEqual(['Pause', 'Go on now', 'Save', 'Leave']);
  expect(rows.map(({ locale, page }) => `${locale} ${page}`)).toEqual(Array(4).fill(`en ${system.url}/my`));
  expect(page).toContain('The Weekly');
  expect(rows.at(-1)?.text).toBe('The Weekly\nLeave');
});
