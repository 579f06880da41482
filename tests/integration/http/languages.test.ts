import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { directionOf, LOCALES, translatorFor } from '../../../src/i18n/index.ts';
import { deriveToken } from '../../../src/shared/keyring.ts';
import { decideSignups } from '../../../src/subscriptions/index.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { findEnglish } from '../../support/texts.ts';
import {
  hiddenFields,
  lastRequestOf,
  post,
  press,
  signUp,
  subscriptionOf,
  tokenPath,
} from '../subscriptions/reader.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem({ worker: false });
});
afterAll(() => system.stop());

const OTHERS = LOCALES.slice(1);

async function open(path: string, language = 'en'): Promise<{ readonly response: Response; readonly html: string }> {
  const headers = { accept: 'text/html', 'accept-language': language };
  const response = await fetch(system.url + path, { headers, redirect: 'manual' });
  return { response, html: await response.text() };
}

function langOf(html: string): string | undefined {
  return /<html lang="([^"]+)"/.exec(html)?.[1];
}

/** POST /subscribe by a browser that asks for English, on a page that was shown in `locale`. */
async function submitIn(locale: string, fields: Record<string, string>): Promise<Response> {
  return fetch(`${system.url}/subscribe`, {
    method: 'POST',
    body: new URLSearchParams({
      ...(await hiddenFields(system, locale)),
      locale,
      newsletters: 'the-weekly',
      ...fields,
    }),
    redirect: 'manual',
    headers: { accept: 'text/html', 'accept-language': 'en', 'user-agent': 'Test/1.0' },
  });
}

/** What was publishers' own: names, descriptions and the legal texts may be in any language. */
async function publishersWords(): Promise<string> {
  const rows = await system.deps.db.selectFrom('newsletters').select(['name', 'description']).execute();
  const documents = await system.deps.db.selectFrom('legal_documents').select(['markdown', 'title']).execute();
  return JSON.stringify([rows, documents]);
}

describe.each(OTHERS)('pages in %s', (locale) => {
  const address = `reader-${locale}@example.org`;

  it.each([
    '/',
    '/archive',
    '/terms',
    '/privacy',
    '/newsletters/the-weekly',
    '/nothing-here',
    '/unsubscribe/x',
    '/confirm/x',
  ])('%s is in the language of the browser, without a word of English', async (path) => {
    const { response, html } = await open(path, `${locale}-XX,fr;q=0.5`);

    expect(langOf(html)).toBe(locale);
    expect(html).toContain(`dir="${directionOf(locale)}"`);
    expect(response.headers.get('content-language')).toBe(locale);
    expect(response.headers.get('vary')).toMatch(/accept-language/i);
    expect(findEnglish(html, locale, await publishersWords())).toEqual([]);
  });

  it('stay in it when the form comes back, whatever the browser asks for', async () => {
    const response = await submitIn(locale, { email: 'not an address' });
    const html = await response.text();

    expect(response.status).toBe(422);
    expect(langOf(html)).toBe(locale);
    expect(html).toContain(translatorFor(locale)('fields.email_invalid'));
    expect(html).toContain(`name="locale" value="${locale}"`);
    expect(findEnglish(html, locale, await publishersWords())).toEqual([]);
  });

  it('record the words that were shown, in their language', async () => {
    const response = await submitIn(locale, { email: address, terms: 'true' });
    expect(response.status).toBe(303);

    const { consentTexts, terms, version } = await system.deps.signupForms.current(locale);
    const record = await system.deps.db
      .selectFrom('consent_records as r')
      .innerJoin('subscribers as s', 's.id', 'r.subscriber_id')
      .innerJoin('consent_texts as c', 'c.hash', 'r.consent_text')
      .innerJoin('consent_texts as t', 't.hash', 'r.terms_text')
      .select([
        'r.locale',
        'r.form_version as version',
        'c.text as consent',
        'c.locale as textLocale',
        't.text as terms',
      ])
      .where('s.address', '=', address)
      .executeTakeFirstOrThrow();
    expect(record).toEqual({
      locale,
      version,
      consent: consentTexts.get('the-weekly'),
      textLocale: locale,
      terms: terms.text,
    });
  });

  it('and the mail that follows are in the language of the form', async () => {
    await decideSignups(system.deps);
    const { mail } = await system.deps.db
      .selectFrom('deliveries as d')
      .innerJoin('compiled_mails as m', 'm.id', 'd.compiled_mail_id')
      .select('m.mail')
      .where('d.address', '=', address)
      .executeTakeFirstOrThrow();

    expect(JSON.stringify(mail)).toContain(`lang=\\"${locale}\\"`);
  });

  it('behind the links of that mail know the reader better than the browser does', async () => {
    const { deps } = system;
    const { id } = await lastRequestOf(deps, address);
    const confirm = tokenPath(deps, 'confirm', 'confirm', id);
    const status = tokenPath(deps, 'check-your-mail', 'signup-status', id);
    const shown = [await open(status), await open(confirm), await open(tokenPath(deps, 'not-me', 'not-me', id))];
    shown.push({ response: new Response(), html: await (await press(system, confirm)).text() });
    shown.push(await open(confirm));
    const subscription = await subscriptionOf(deps, address);
    const leave = `/unsubscribe/${deriveToken(deps.keyring, 'unsubscribe', subscription.id)}`;
    shown.push(await open(leave));
    shown.push({ response: new Response(), html: await (await post(system, leave)).text() });

    const words = await publishersWords();
    expect(shown.map(({ html }) => langOf(html))).toEqual(shown.map(() => locale));
    expect(shown.flatMap(({ html }) => findEnglish(html, locale, words))).toEqual([]);
  });

  it('yield to what the reader chooses now', async () => {
    const { id } = await lastRequestOf(system.deps, address);
    const { html } = await open(`${tokenPath(system.deps, 'confirm', 'confirm', id)}?lang=en`, locale);

    expect(langOf(html)).toBe('en');
  });
});

describe('the choice of a language', () => {
  it('keeps the rest of the address', async () => {
    const { html } = await open('/archive?newsletter=the-weekly');

    for (const locale of OTHERS) {
      expect(html).toContain(`href="?newsletter=the-weekly&amp;lang=${locale}"`);
    }
  });

  it('goes with the reader to the next page, unless the browser asks for it anyway', async () => {
    expect((await open('/?lang=de', 'en')).html).toContain('href="/archive?lang=de"');
    expect((await open('/?lang=de', 'de-AT')).html).toContain('href="/archive"');
  });

  it('is not offered by the answer to a form, which has no address of its own', async () => {
    const response = await submitIn('en', { email: 'not an address' });

    expect(await response.text()).not.toContain('hreflang=');
  });

  it('falls back to English for a language that nobody here speaks', async () => {
    expect(langOf((await open('/', 'fr,ja;q=0.5')).html)).toBe('en');
    expect(langOf((await open('/?lang=tlh', 'de')).html)).toBe('de');
  });

  it('is the caller’s on the JSON endpoint: the mail follows a tag of a country too', async () => {
    await signUp(system, 'ana@example.org', { locale: 'de-AT' });
    await decideSignups(system.deps);
    const { locale, mail } = await system.deps.db
      .selectFrom('deliveries as d')
      .innerJoin('compiled_mails as m', 'm.id', 'd.compiled_mail_id')
      .innerJoin('signup_requests as r', 'r.subscriber_id', 'd.subscriber_id')
      .select(['m.mail', 'r.locale'])
      .where('d.address', '=', 'ana@example.org')
      .executeTakeFirstOrThrow();

    expect(locale).toBe('de-AT');
    expect(JSON.stringify(mail)).toContain(translatorFor('de')('mail.confirm_heading'));
  });

  it('does not reach the API: its errors are English for everybody', async () => {
    const response = await fetch(`${system.url}/api/v1/nothing`, { headers: { 'accept-language': 'de' } });

    expect(await response.json()).toMatchObject({ code: 'not_found', title: 'Not found' });
  });
});
