import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOCALES } from '../../../src/i18n/index.ts';
import { createNewsletter, findNewsletter, updateNewsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { lastRequestOf, requestsOf, signUp } from '../subscriptions/reader.ts';

const clock = createFakeClock();
let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false, clock });
  await createNewsletter(system.deps, { name: 'City <Notes>', slug: 'city', cron: '30 6 * * 1-5' }, CLI_ACTOR);
  await createNewsletter(system.deps, { name: 'Board only', slug: 'board', isPublic: false }, CLI_ACTOR);
});
afterAll(() => system.stop());

interface Described {
  readonly form: string;
  readonly locale: string;
  readonly dir: string;
  readonly pageUrl: string;
  readonly newsletters: readonly { slug: string; name: string; cadence: string; consent: string }[];
  readonly terms: readonly { text: string; url?: string }[];
  readonly privacy: readonly { text: string; url?: string }[];
  readonly texts: Readonly<Record<string, string>>;
}

async function describeOf(newsletters: string, locale = 'en'): Promise<Described> {
  const query = new URLSearchParams({ newsletters, locale }).toString();
  const response = await fetch(`${system.url}/api/v1/signup-form?${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as Described;
}

async function readToken(): Promise<string> {
  const { formToken } = (await (await fetch(`${system.url}/api/v1/form-token`)).json()) as { formToken: string };
  // Somebody needs time to fill it in (R38).
  clock.advance(10_000);
  return formToken;
}

const textOf = (parts: readonly { text: string }[]): string => parts.map(({ text }) => text).join('');

/** What a consent record says was shown. */
async function recordsOf(address: string) {
  const { subscriberId } = await lastRequestOf(system.deps, address);
  return system.deps.db
    .selectFrom('consent_records as r')
    .innerJoin('newsletters as n', 'n.id', 'r.newsletter_id')
    .leftJoin('consent_texts as c', 'c.hash', 'r.consent_text')
    .leftJoin('consent_texts as t', 't.hash', 'r.terms_text')
    .leftJoin('consent_texts as p', 'p.hash', 'r.privacy_text')
    .select(['n.slug', 'c.text as consent', 't.text as terms', 'p.text as privacy', 'c.locale'])
    .select(['r.method', 'r.form_id', 'r.form_version', 'r.page_url', 'r.is_asserted_by_caller'])
    .where('r.subscriber_id', '=', subscriberId)
    .where('r.action', '=', 'requested')
    .execute();
}

describe('GET /api/v1/signup-form', () => {
  it('is kept by caches for a minute, and names nobody', async () => {
    const response = await fetch(`${system.url}/api/v1/signup-form?newsletters=the-weekly&locale=en`);

    expect(response.headers.get('cache-control')).toBe('public, max-age=60');
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  it.each(LOCALES)('says everything in %s, with the documents in that language', async (locale) => {
    const described = await describeOf('the-weekly', locale);

    expect(described).toMatchObject({ locale, dir: locale === 'ar' ? 'rtl' : 'ltr' });
    expect(
      Object.values(described.texts).filter((text) => text === '' || /[{}]/.test(text.replace('{time}', ''))),
    ).toEqual([]);
    const links = [...described.terms, ...described.privacy].flatMap(({ url }) => (url === undefined ? [] : [url]));
    expect(links).toEqual([
      `${system.url}/terms/${locale}/1?lang=${locale}`,
      `${system.url}/privacy/${locale}/1?lang=${locale}`,
    ]);
  });

  it('shows one newsletter alone with the button as its consent, and several with a box each', async () => {
    const [alone, both, all] = await Promise.all([describeOf('city'), describeOf('the-weekly,city'), describeOf('')]);

    expect(alone.newsletters.map(({ consent }) => consent)).toEqual([expect.stringMatching(/^By pressing/)]);
    expect(both.newsletters.map(({ consent }) => consent)).toEqual(
      Array.from({ length: 2 }, () => expect.stringMatching(/^I want to be sent/)),
    );
    expect(all).toEqual(both);
    expect(alone.form).not.toBe(both.form);
    expect(alone.pageUrl).toBe(`${system.url}/newsletters/city?lang=en`);
    expect(alone.newsletters[0]?.name).toBe('City <Notes>');
  });

  it('takes the nearest language, and English where there is none', async () => {
    expect((await describeOf('city', 'de-AT')).locale).toBe('de');
    expect((await describeOf('city', 'tlh')).locale).toBe('en');
    expect((await describeOf('city', '')).locale).toBe('en');
  });

  it.each(['nothing', 'board', 'the-weekly,nothing', 'THE-WEEKLY', '../city'])(
    'knows only public newsletters: %s',
    async (newsletters) => {
      const response = await fetch(
        `${system.url}/api/v1/signup-form?${new URLSearchParams({ newsletters }).toString()}`,
      );

      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ code: 'newsletter_unknown' });
      expect(response.headers.get('cache-control')).toBe('no-store');
    },
  );
});

describe('what is recorded of the element (R27)', () => {
  it.each(LOCALES)('is what was shown, word for word, in %s', async (locale) => {
    const email = `shown-${locale}@example.org`;
    const shown = await describeOf('city', locale);

    const response = await signUp(system, email, {
      newsletters: ['city'],
      locale,
      form: shown.form,
      formToken: await readToken(),
      pageUrl: 'https://www.paper.example/2026/article?utm_source=x#top',
    });

    expect(response.status).toBe(202);
    expect(await recordsOf(email)).toEqual([
      {
        slug: 'city',
        consent: shown.newsletters[0]?.consent,
        terms: textOf(shown.terms),
        privacy: textOf(shown.privacy),
        locale,
        method: 'button',
        form_id: 'embed',
        form_version: shown.form.split('@')[1],
        page_url: 'https://www.paper.example/2026/article',
        is_asserted_by_caller: false,
      },
    ]);
  });

  it('is the sentence at the box when one of several was ticked', async () => {
    const shown = await describeOf('');
    await signUp(system, 'box@example.org', {
      newsletters: ['city'],
      form: shown.form,
      formToken: await readToken(),
    });

    expect(await recordsOf('box@example.org')).toMatchObject([
      {
        consent: shown.newsletters.find(({ slug }) => slug === 'city')?.consent,
        method: 'unticked-box',
        form_id: 'embed',
        is_asserted_by_caller: false,
      },
    ]);
  });

  it('is nothing when the words have changed since: they are to be read first', async () => {
    const before = await describeOf('city');
    const city = await findNewsletter(system.deps.db, { slug: 'city' });
    if (city === undefined) {
      throw new Error('there is no such newsletter');
    }
    await updateNewsletter(system.deps, city.id, { cron: '0 7 * * 1' }, CLI_ACTOR);
    clock.advance(1001);

    const wish = { newsletters: ['city'], form: before.form, formToken: await readToken() };
    const response = await signUp(system, 'late@example.org', wish);

    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code: 'form_changed' });
    expect(await requestsOf(system.deps, 'late@example.org')).toEqual([]);
    const { form } = await describeOf('city');
    expect((await signUp(system, 'late@example.org', { ...wish, form })).status).toBe(202);
  });

  it('is the caller’s own assertion when it names a form that is not ours', async () => {
    await signUp(system, 'foreign@example.org', { newsletters: ['city'], form: 'newsletter-box@4' });

    expect(await recordsOf('foreign@example.org')).toMatchObject([
      { consent: null, method: 'api', form_id: 'newsletter-box@4', form_version: null, is_asserted_by_caller: true },
    ]);
  });

  it('says what is wrong with a field in the language of the form', async () => {
    const response = await signUp(system, 'nobody', { newsletters: ['city'], locale: 'de' });

    expect(await response.json()).toMatchObject({
      errors: [{ field: 'email', code: 'email_invalid', message: expect.stringContaining('E-Mail-Adresse') }],
    });
  });
});
