import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiToken } from '../../../src/accounts/index.ts';
import { LOCALES } from '../../../src/i18n/index.ts';
import { createNewsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { NewsletterId } from '../../../src/shared/ids.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { lastRequestOf, requestsOf, submitForm } from '../subscriptions/reader.ts';

const clock = createFakeClock();
let system: TestSystem;
let cityId: NewsletterId;
let boardId: NewsletterId;

beforeAll(async () => {
  system = await startTestSystem({ worker: false, clock });
  cityId = (await createNewsletter(system.deps, { name: 'City "<Notes>"', slug: 'city' }, CLI_ACTOR)).id;
  boardId = (await createNewsletter(system.deps, { name: 'Board', slug: 'board', isPublic: false }, CLI_ACTOR)).id;
});
afterAll(() => system.stop());

interface Code {
  readonly locale: string;
  readonly pageUrl: string;
  readonly embedCode: string;
  readonly snippet: string;
  readonly previewUrl: string;
}

async function readCode(id: NewsletterId, locale: string): Promise<Response> {
  const { secret } = await createApiToken(system.deps, {
    name: 'code',
    scopes: ['newsletters:read'],
    expiresInDays: 1,
    actor: CLI_ACTOR,
  });
  return fetch(`${system.url}/api/v1/newsletters/${id}/signup-code?locale=${locale}`, {
    headers: { authorization: `Bearer ${secret}` },
  });
}

async function codeOf(locale: string): Promise<Code> {
  return (await (await readCode(cityId, locale)).json()) as Code;
}

/** What a browser would post from the snippet, hidden fields and all. */
function fieldsOf(html: string): Record<string, string> {
  return Object.fromEntries(
    [...html.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  );
}

describe('the code for other pages', () => {
  it.each(LOCALES)('is escaped, names the newsletter and holds the words of today, in %s', async (locale) => {
    const code = await codeOf(locale);
    const form = await system.deps.signupForms.current(locale);

    expect(code.pageUrl).toBe(`${system.url}/newsletters/city`);
    expect(code.embedCode).toContain(`<script async src="${system.url}/embed.js"></script>`);
    expect(code.embedCode).toContain(`<courant-signup newsletters="city" lang="${locale}">`);
    expect(code.embedCode + code.snippet).not.toContain('<Notes>');
    expect(code.snippet).toContain('City &#34;&lt;Notes&gt;&#34;');
    expect(code.snippet).toContain(form.terms.before.trim());
    expect(code.snippet).toContain(`${system.url}/privacy/${locale}/1?lang=${locale}`);
    expect(code.snippet).toContain(locale === 'ar' ? 'dir="rtl"' : 'dir="ltr"');
    expect(code.snippet).not.toMatch(/checked|formToken|<script/);
  });

  it('is not there for a newsletter that nobody can subscribe to, and says why', async () => {
    const response = await readCode(boardId, 'en');

    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: 'newsletter_not_public' });
  });
});

describe('the form without JavaScript', () => {
  it('leads to our page with what was typed and the same words, where one press subscribes (R35)', async () => {
    const typed = { email: 'plain@example.org', terms: 'true' };
    const first = await submitForm(system, { ...fieldsOf((await codeOf('de')).snippet), ...typed });

    const html = await first.text();
    expect(html).toContain('value="plain@example.org"');
    expect(html).toMatch(/<html lang="de"/);
    expect(await requestsOf(system.deps, 'plain@example.org')).toEqual([]);

    clock.advance(5000);
    const second = await submitForm(system, { ...fieldsOf(html), ...typed });
    expect(second.status).toBe(303);
    const { subscriberId } = await lastRequestOf(system.deps, 'plain@example.org');
    const record = await system.deps.db
      .selectFrom('consent_records as r')
      .innerJoin('consent_texts as c', 'c.hash', 'r.consent_text')
      .select(['c.text', 'c.locale', 'r.form_id', 'r.form_version', 'r.method', 'r.is_asserted_by_caller'])
      .where('r.subscriber_id', '=', subscriberId)
      .executeTakeFirstOrThrow();
    expect(record).toEqual({
      text: expect.stringMatching(/^Mit einem Klick auf/),
      locale: 'de',
      form_id: 'snippet',
      form_version: fieldsOf(html)['formVersion'],
      method: 'button',
      is_asserted_by_caller: false,
    });
  });

  it('shows the new words when those of the cached page are old', async () => {
    const fields = { ...fieldsOf((await codeOf('en')).snippet), formVersion: '0123456789ab' };
    const response = await submitForm(system, { ...fields, email: 'cached@example.org', terms: 'true' });

    const html = await response.text();
    expect(html).toMatch(/has changed since you opened it/);
    expect(html).toContain('value="cached@example.org"');
    expect(await requestsOf(system.deps, 'cached@example.org')).toEqual([]);
  });

  it.each([
    ['a newsletter that is not there', { newsletters: 'nothing' }],
    ['a newsletter that is not public', { newsletters: 'board' }],
    ['another form', { formId: 'embed' }],
    ['no form of ours', { formId: '<script>' }],
  ])('is answered with the page, and stores nothing, when it names %s', async (_what, changes) => {
    const fields = { ...fieldsOf((await codeOf('en')).snippet), ...changes };
    const response = await submitForm(system, { ...fields, email: 'odd@example.org', terms: 'true' });

    expect(response.status).toBe(422);
    expect(await response.text()).not.toContain('<script>');
    expect(await requestsOf(system.deps, 'odd@example.org')).toEqual([]);
  });
});
