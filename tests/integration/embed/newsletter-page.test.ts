import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNewsletter, findNewsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { get, lastRequestOf, submitForm } from '../subscriptions/reader.ts';
import { publishIssue } from './published-issue.ts';

const clock = createFakeClock();
let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false, clock });
  await createNewsletter(
    system.deps,
    {
      name: 'City <b>Notes</b>',
      slug: 'city',
      description: 'What "moves" the city & who.',
      cron: '30 6 * * 1-5',
      timeZone: 'Europe/Berlin',
    },
    CLI_ACTOR,
  );
  await createNewsletter(system.deps, { name: 'Board', slug: 'board', isPublic: false }, CLI_ACTOR);
});
afterAll(() => system.stop());

async function read(path: string): Promise<string> {
  const response = await get(system, path);
  expect(response.status).toBe(200);
  return response.text();
}

function hidden(html: string, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? '';
}

describe('a newsletter’s own page', () => {
  it('says what it is, when it comes and what it would look like', async () => {
    const html = await read('/newsletters/city');

    expect(html).toContain('What &#34;moves&#34; the city &amp; who.');
    expect(html).toContain('City &lt;b&gt;Notes&lt;/b&gt;');
    expect(html).not.toContain('<b>Notes</b>');
    expect(html).toMatch(/[Ww]eekdays at 06:30/);
    expect(html).toMatch(/Next issue: <time datetime="\d{4}-/);
    expect(html).toContain('The first issue is still to come.');
  });

  it('has one address in each language, for search engines and for those who pass it on', async () => {
    const [plain, german] = await Promise.all([read('/newsletters/city'), read('/newsletters/city?lang=de')]);

    const url = `${system.url}/newsletters/city`;
    expect(plain).toContain(`<link rel="canonical" href="${url}">`);
    expect(german).toContain(`<link rel="canonical" href="${url}?lang=de">`);
    for (const html of [plain, german]) {
      expect(html).toContain(`hreflang="ar" href="${url}?lang=ar"`);
      expect(html).toContain(`hreflang="x-default" href="${url}"`);
      expect(html).toContain('<meta property="og:title" content="City &lt;b&gt;Notes&lt;/b&gt;">');
      expect(html).toContain('<meta name="description" content="What &#34;moves&#34; the city &amp; who.">');
    }
    expect(german).toContain('<html lang="de"');
  });

  it('is linked from the sign-up page and from the archive', async () => {
    expect(await read('/')).toContain('href="/newsletters/city"');
    expect(await read('/archive')).toContain('href="/newsletters/city"');
  });

  it.each(['board', 'nothing', 'CITY', '%00', '..%2f..'])('is not there for %s', async (slug) => {
    const { status } = await get(system, `/newsletters/${slug}`);

    expect([400, 404]).toContain(status);
  });

  it('subscribes by its button, and records the words that stand above it (R27)', async () => {
    const html = await read('/newsletters/city?lang=de');
    clock.advance(10_000);
    const names = ['formToken', 'formVersion', 'formId', 'locale', 'newsletters'];
    const response = await submitForm(system, {
      ...Object.fromEntries(names.map((name) => [name, hidden(html, name)])),
      email: 'page@example.org',
      terms: 'true',
    });

    expect(response.status).toBe(303);
    const { subscriberId } = await lastRequestOf(system.deps, 'page@example.org');
    const record = await system.deps.db
      .selectFrom('consent_records as r')
      .innerJoin('consent_texts as c', 'c.hash', 'r.consent_text')
      .select(['c.text', 'c.locale', 'r.form_id', 'r.form_version', 'r.method', 'r.page_url'])
      .where('r.subscriber_id', '=', subscriberId)
      .executeTakeFirstOrThrow();
    expect(record).toEqual({
      text: expect.stringContaining('City <b>Notes</b>'),
      locale: 'de',
      form_id: 'page',
      form_version: hidden(html, 'formVersion'),
      method: 'button',
      page_url: `${system.url}/newsletters/city`,
    });
    expect(html).toContain(record.text.replaceAll('<', '&lt;').replaceAll('>', '&gt;'));
  });

  it('comes back with the one newsletter when something is missing', async () => {
    const html = await read('/newsletters/city');
    const response = await submitForm(system, {
      formId: 'page',
      newsletters: 'city',
      formVersion: hidden(html, 'formVersion'),
      email: '',
    });

    expect(response.status).toBe(422);
    const again = await response.text();
    expect(hidden(again, 'formId')).toBe('page');
    expect(hidden(again, 'newsletters')).toBe('city');
    expect(again).not.toContain('The Weekly</span>');
  });

  it('shows the newest issue that readers got, with its headlines', async () => {
    const city = await findNewsletter(system.deps.db, { slug: 'city' });
    if (city === undefined) {
      throw new Error('there is no such newsletter');
    }
    const headlines = Array.from({ length: 9 }, (_none, index) => `Story ${index} <i>`);
    await publishIssue(system, city.id, { number: 1, title: 'The old one', headlines });
    await publishIssue(system, city.id, { number: 2, title: 'The harbour <opens>', headlines });

    const html = await read('/newsletters/city');
    expect(html).toContain('href="/archive/city/2"');
    expect(html).toContain('The harbour &lt;opens&gt;');
    expect(html.match(/Story \d &lt;i&gt;/g)).toHaveLength(6);
    expect(html).toContain('href="/archive/city"');
    expect(html).not.toContain('The first issue is still to come.');
  });
});
