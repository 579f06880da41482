import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConsentStory, verifyConsent } from '../../../src/consent/index.ts';
import type { LegalDocument } from '../../../src/legal/index.ts';
import { deriveToken } from '../../../src/shared/keyring.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { setUpFirstAdmin } from '../accounts/admin-client.ts';
import type { AdminClient } from '../accounts/admin-client.ts';
import { get, post, statusesOf, subscriptionOf } from '../subscriptions/reader.ts';
import { publishTerms, readForm, sendIssueTo, subscribeReader } from './asked-readers.ts';

const ANA = 'ana@readers.example';
const BEN = 'ben@readers.example';

let system: TestSystem;
let admin: AdminClient;
let first: LegalDocument;
let second: LegalDocument;
let link: string;

beforeAll(async () => {
  system = await startTestSystem();
  admin = await setUpFirstAdmin(system);
  first = await publishTerms(system);
  await subscribeReader(system, ANA);
  await subscribeReader(system, BEN);
  second = await publishTerms(system, { change: 'acceptance' });
  link = (await sendIssueTo(system, ANA)).pathOf('accept');
}, 60_000);
afterAll(() => system.stop());

async function acceptanceRecords(address: string) {
  const { subscriberId } = await subscriptionOf(system.deps, address);
  return (await readConsentStory(system.deps.db, subscriberId)).filter(({ action }) => action === 'changed');
}

async function open(path = link): Promise<{ readonly status: number; readonly html: string }> {
  const response = await get(system, path);
  return { status: response.status, html: await response.text() };
}

async function send(fields: Record<string, string>, path = link) {
  const response = await post(system, path, fields);
  return { status: response.status, html: await response.text(), headers: response.headers };
}

describe('the line of the issue', () => {
  it('asks each reader by a link of their own, and stops nobody’s mail', async () => {
    const mail = await sendIssueTo(system, BEN);
    expect(mail.html).not.toContain('/accept/');
    expect(await statusesOf(system.deps, BEN)).toEqual(['the-weekly:active']);
    const archive = await (await get(system, '/archive/the-weekly/1')).text();
    expect(archive).toContain('please accept the new ones');
    expect(archive).toContain(`href="${second.url}"`);
    expect(archive).not.toContain('/accept/');
  });
});

describe('the page behind it', () => {
  it('shows which version it is about and a masked address, and records nothing by being opened (R35, S22)', async () => {
    const { status, html } = await open();
    expect(status).toBe(200);
    expect(html).toContain('a•••@readers.example');
    expect(html).not.toContain(ANA);
    expect(html).toContain(`href="${second.url}"`);
    expect(html).toMatch(/<input[^>]*type="checkbox"(?![^>]*checked)[^>]*>/);
    await get(system, link, 'HEAD');
    expect(await acceptanceRecords(ANA)).toEqual([]);
  });

  it('keeps its address to itself', async () => {
    const { headers } = await send({});
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('wants the box ticked: a script that submits the form records nothing (R36)', async () => {
    const answer = await send(readForm((await open()).html));
    expect(answer.status).toBe(422);
    expect(answer.html).toContain('Tick the box');
    expect(await acceptanceRecords(ANA)).toEqual([]);
  });

  it('records nothing for a version that it did not show', async () => {
    for (const document of [String(first.id), '0', 'x', '']) {
      expect((await send({ ...readForm((await open()).html), accept: 'true', document })).status).toBe(409);
    }
    expect(await acceptanceRecords(ANA)).toEqual([]);
  });

  it('records the version and the exact words, once, however often it is pressed (R27, R28)', async () => {
    const fields = { ...readForm((await open()).html), accept: 'true' };
    const answers = await Promise.all([1, 2, 3].map(() => send(fields)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(answers.filter(({ html }) => html.includes('We have recorded'))).toHaveLength(1);
    expect((await send(fields)).html).toContain('Accepted already');
    expect((await open()).html).toContain('Accepted already');

    const [record, ...others] = await acceptanceRecords(ANA);
    expect(others).toEqual([]);
    expect(record).toMatchObject({
      purpose: 'newsletter',
      newsletterId: null,
      method: 'unticked-box',
      actor: 'subscriber',
      termsVersion: second.version,
      termsHash: second.hash,
      consentText: null,
      privacyText: null,
      locale: 'en',
      formId: 'accept-terms',
      pageUrl: `${system.url}/accept`,
    });
    expect(record?.termsText).toMatch(
      new RegExp(`^I accept the terms, version ${second.version} of \\d+ \\w+ \\d{4}\\.$`),
    );
  });

  it('is the same page for every token that was never made, and 404', async () => {
    const { keyring } = system.deps;
    const forged = [
      'x',
      'A'.repeat(32),
      deriveToken(keyring, 'accept-terms', 0),
      deriveToken(keyring, 'preferences', 1),
    ];
    for (const token of forged) {
      const page = await open(`/accept/${token}`);
      expect(page.status).toBe(404);
      expect(page.html).toContain('This link does not work');
      expect((await send({ accept: 'true', document: String(second.id) }, `/accept/${token}`)).status).toBe(404);
    }
  });

  it('speaks the language that is chosen, and records the words in it', async () => {
    const path = deriveToken(system.deps.keyring, 'accept-terms', await deliveryTo(BEN));
    const german = await open(`/accept/${path}?lang=de`);
    expect(german.html).toContain('Stimmen Sie unseren neuen Bedingungen zu?');
    await send({ ...readForm(german.html), accept: 'true' }, `/accept/${path}`);
    const [record] = await acceptanceRecords(BEN);
    expect(record).toMatchObject({ locale: 'de', termsVersion: second.version });
    expect(record?.termsText).toContain(`Ich stimme den Nutzungsbedingungen in der Fassung ${second.version}`);
  });
});

/** The first issue's mail. */
async function deliveryTo(address: string): Promise<number> {
  const { id } = await system.deps.db
    .selectFrom('deliveries')
    .select('id')
    .where('address', '=', address)
    .where('kind', '=', 'issue')
    .orderBy('id')
    .limit(1)
    .executeTakeFirstOrThrow();
  return id;
}

describe('who accepted which', () => {
  it('is answered by the API, version by version (R27)', async () => {
    await subscribeReader(system, 'cleo@readers.example');
    const list = await admin.send('GET', `/legal-documents/${second.id}/acceptances`);
    expect(list.body).toMatchObject({ count: 3, nextCursor: null });
    expect((list.body['acceptances'] as { address: string }[]).map(({ address }) => address)).toEqual([
      'cleo@readers.example',
      BEN,
      ANA,
    ]);
    expect((await admin.send('GET', `/legal-documents/${first.id}/acceptances`)).body).toMatchObject({ count: 0 });
    expect((await admin.send('GET', '/legal-acceptances')).body).toEqual({
      versions: [{ documentId: second.id, count: 3 }],
    });
    expect((await admin.send('GET', '/legal-documents/999999/acceptances')).status).toBe(404);
  });

  it('says nothing of privacy notices, which nobody accepts (R28)', async () => {
    const { id } = await publishTerms(system, { kind: 'privacy', title: 'Privacy' });
    expect(await admin.send('GET', `/legal-documents/${id}/acceptances`)).toMatchObject({
      status: 422,
      body: { code: 'acceptance_of_privacy' },
    });
  });

  it('counts nobody who has not confirmed', async () => {
    const { db } = system.deps;
    await fetch(`${system.url}/api/v1/subscriptions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'eve@readers.example', newsletters: ['the-weekly'], terms: true, privacy: true }),
    });
    const rows = await db
      .selectFrom('legal_acceptances as a')
      .innerJoin('subscribers as s', 's.id', 'a.subscriber_id')
      .select('s.address')
      .orderBy('s.address')
      .execute();
    expect(rows.map(({ address }) => address)).toEqual([ANA, BEN, 'cleo@readers.example']);
  });

  it('is what the ledger says, and the ledger is whole', async () => {
    const { db } = system.deps;
    const accepted = await db.selectFrom('legal_acceptances').selectAll().execute();
    for (const { subscriber_id: subscriberId, record_id: recordId, document_id: documentId } of accepted) {
      const story = await readConsentStory(db, subscriberId);
      const declared = story.findLast(({ termsVersion }) => termsVersion !== null);
      expect(declared?.id).toBe(recordId);
      expect(documentId).toBe(second.id);
    }
    expect(await verifyConsent(system.deps)).toMatchObject({ kind: 'intact' });
  });

  it('forgets a reader who is deleted', async () => {
    const { db } = system.deps;
    const { subscriberId } = await subscriptionOf(system.deps, BEN);
    const token = deriveToken(system.deps.keyring, 'accept-terms', await deliveryTo(BEN));
    await db.deleteFrom('subscribers').where('id', '=', subscriberId).execute();
    expect((await open(`/accept/${token}`)).status).toBe(404);
    expect((await admin.send('GET', `/legal-documents/${second.id}/acceptances`)).body).toMatchObject({ count: 2 });
  });
});

it('asks again for a later version, by the link of the issue that told of it or an earlier one', async () => {
  const third = await publishTerms(system, { change: 'acceptance' });
  const shown = await open();
  expect(shown.html).toContain(`href="${third.url}"`);
  const fourth = await publishTerms(system, { change: 'editorial' });
  const answer = await send({ ...readForm(shown.html), accept: 'true' });
  expect(answer.status).toBe(409);
  expect(answer.html).toContain('The terms have changed again');
  expect(answer.html).toContain(`href="${fourth.url}"`);
  await send({ ...readForm(answer.html), accept: 'true' });
  expect((await acceptanceRecords(ANA)).map(({ termsVersion }) => termsVersion)).toEqual([
    second.version,
    fourth.version,
  ]);
  const [record] = await acceptanceRecords(ANA);
  expect(record?.locale).toBe('en');
});
