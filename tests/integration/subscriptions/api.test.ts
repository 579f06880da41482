import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { actionsOf, lastRequestOf, requestsOf, signUp, TERMS } from './reader.ts';

let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
});
afterAll(() => system.stop());

async function storedRows(): Promise<readonly number[]> {
  const tables = ['subscribers', 'signup_requests', 'consent_records', 'consent_personal'] as const;
  return Promise.all(
    tables.map(async (table) => (await system.deps.db.selectFrom(table).selectAll().execute()).length),
  );
}

describe('POST /api/v1/subscriptions', () => {
  it('records what was asked, and of the person only salted digests', async () => {
    const response = await signUp(system, 'Rita@Example.org', {
      name: 'Rita',
      locale: 'de-AT',
      timezone: 'Europe/Vienna',
      pageUrl: 'https://user:secret@paper.example/article?reader=rita#top',
      form: 'footer@3',
    });

    expect(response.status).toBe(202);
    const { db } = system.deps;
    const { subscriberId, id } = await lastRequestOf(system.deps, 'Rita@example.org');
    const record = await db
      .selectFrom('consent_records')
      .selectAll()
      .where('subscriber_id', '=', subscriberId)
      .executeTakeFirstOrThrow();
    expect(record).toMatchObject({
      action: 'requested',
      signup_request_id: id,
      method: 'api',
      actor: 'subscriber',
      is_asserted_by_caller: true,
      consent_text: null,
      terms_text: null,
      form_id: 'footer@3',
      form_version: null,
      page_url: 'https://paper.example/article',
    });
    expect(JSON.stringify(record)).not.toMatch(/rita|vienna|test\/1\.0|127\.0/i);
    const personal = await db
      .selectFrom('consent_personal')
      .selectAll()
      .where('record_id', '=', record.id)
      .executeTakeFirstOrThrow();
    expect(personal).toMatchObject({ address: 'Rita@example.org', ip: '127.0.0.0/24', agent: 'Test/1.0' });
    // A stranger's form changes nothing about a person before the owner of the address has confirmed.
    const row = await db.selectFrom('subscribers').selectAll().where('id', '=', subscriberId).executeTakeFirstOrThrow();
    expect(row).toMatchObject({ name: null, locale: null, time_zone: null });
  });

  it('records our own wordings when the caller names the version of our form', async () => {
    const form = await system.deps.signupForms.current('en');

    await signUp(system, 'own-form@example.org', { form: `hosted@${form.version}` });

    const { subscriberId } = await lastRequestOf(system.deps, 'own-form@example.org');
    const record = await system.deps.db
      .selectFrom('consent_records as r')
      .innerJoin('consent_texts as c', 'c.hash', 'r.consent_text')
      .innerJoin('consent_texts as t', 't.hash', 'r.terms_text')
      .innerJoin('consent_texts as p', 'p.hash', 'r.privacy_text')
      .select([
        'c.text as consent',
        't.text as terms',
        'p.text as privacy',
        'r.form_version',
        'r.is_asserted_by_caller',
      ])
      .where('r.subscriber_id', '=', subscriberId)
      .executeTakeFirstOrThrow();
    expect(record).toEqual({
      consent: form.consentTexts.get('the-weekly'),
      terms: form.terms.text,
      privacy: form.privacy.text,
      form_version: form.version,
      is_asserted_by_caller: false,
    });
  });

  it('takes one address once, however it is spelt, and keeps the first spelling', async () => {
    await signUp(system, 'Info@Bücher.example');
    await signUp(system, 'info@xn--bcher-kva.example');

    const requests = await requestsOf(system.deps, 'Info@xn--bcher-kva.example');

    expect(requests).toHaveLength(2);
    expect(
      await actionsOf(system.deps, (await lastRequestOf(system.deps, 'Info@xn--bcher-kva.example')).subscriberId),
    ).toEqual(['requested', 'requested']);
  });
});

describe('wrong input at POST /api/v1/subscriptions', () => {
  const json = { 'content-type': 'application/json' };
  const valid = { email: 'wrong@example.org', ...TERMS };

  it.each([
    ['an address that is none', { ...valid, email: 'reader@' }, 422, 'email_invalid', 'email'],
    ['no address', { ...valid, email: '' }, 422, 'email_missing', 'email'],
    ['two addresses', { ...valid, email: 'a@example.org,b@example.org' }, 422, 'email_invalid', 'email'],
    [
      'a newsletter that there is not',
      { ...valid, newsletters: ['the-daily'] },
      422,
      'newsletter_unknown',
      'newsletters',
    ],
    [
      'one unknown newsletter among others',
      { ...valid, newsletters: ['the-weekly', 'x'] },
      422,
      'newsletter_unknown',
      'newsletters',
    ],
    ['no newsletter', { ...valid, newsletters: [] }, 422, 'invalid_input', 'newsletters'],
    ['terms that were not accepted', { ...valid, terms: false }, 422, 'invalid_input', 'terms'],
    ['terms that somebody wrote down', { ...valid, terms: 'true' }, 422, 'invalid_input', 'terms'],
    ['no word about privacy', { ...valid, privacy: undefined }, 422, 'invalid_input', 'privacy'],
    ['an unknown key', { ...valid, isAdmin: true }, 422, 'invalid_input', ''],
    ['a link as name', { ...valid, name: 'win at https://evil.example' }, 422, 'name_invalid', 'name'],
    ['a line break in a name', { ...valid, name: 'Rita\r\nBcc: x' }, 422, 'name_invalid', 'name'],
    ['an unknown time zone', { ...valid, timezone: 'Europe/Atlantis' }, 422, 'time_zone_invalid', 'timezone'],
    ['a script as page', { ...valid, pageUrl: 'javascript:alert(1)' }, 422, 'invalid_input', 'pageUrl'],
    ['a list', [valid], 422, 'invalid_input', ''],
    ['a null', null, 400, 'malformed_body', undefined],
    ['more than a megabyte', { ...valid, name: 'x'.repeat(1_100_000) }, 413, 'body_too_large', undefined],
  ])('answers %s with a problem document and stores nothing', async (_what, body, status, code, field) => {
    const before = await storedRows();

    const response = await fetch(`${system.url}/api/v1/subscriptions`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify(body),
    });

    await expectProblem(response, status, code, field);
    expect(await storedRows()).toEqual(before);
  });

  it.each([
    ['a body that is no JSON', json, '{"email": "wrong@exa', 400, 'malformed_body'],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'email=a@example.org', 400, 'malformed_body'],
    ['text', { 'content-type': 'text/plain' }, JSON.stringify(valid), 400, 'malformed_body'],
    ['an unknown charset', { 'content-type': 'application/json; charset=ebcdic' }, '{}', 400, 'bad_request'],
  ])('answers %s with a problem document and stores nothing', async (_what, headers, body, status, code) => {
    const before = await storedRows();

    const response = await fetch(`${system.url}/api/v1/subscriptions`, { method: 'POST', headers, body });

    await expectProblem(response, status, code, undefined);
    expect(await storedRows()).toEqual(before);
  });

  async function expectProblem(response: Response, status: number, code: string, field: string | undefined) {
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const problem = (await response.json()) as { errors?: { field: string }[] };
    expect({ answered: response.status, ...problem }).toMatchObject({
      answered: status,
      type: 'about:blank',
      title: expect.any(String),
      status,
      code,
      detail: expect.any(String),
    });
    expect([undefined, ...(problem.errors ?? []).map((error) => error.field)]).toContain(field);
  }
});
