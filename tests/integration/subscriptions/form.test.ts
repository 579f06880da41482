import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNewsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { decideSignups } from '../../../src/subscriptions/index.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { get, lastRequestOf, mailsPlannedTo, requestsOf, submitForm } from './reader.ts';

const clock = createFakeClock();
let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false, clock });
});
afterAll(() => system.stop());

const FILLED = { email: 'reader@example.org', newsletters: 'the-weekly', terms: 'true' };

async function countRequests(): Promise<number> {
  return (await system.deps.db.selectFrom('signup_requests').select('id').execute()).length;
}

describe('the form', () => {
  it('shows the three declarations apart, and nothing ticked', async () => {
    const html = await (await get(system, '/')).text();
    const form = await system.deps.signupForms.current('en');

    expect(html).toContain(form.consentTexts.get('the-weekly'));
    expect(html).toMatch(/<input id="terms" name="terms" type="checkbox" value="true" required>/);
    expect(html).toMatch(/I accept the <a href="\/terms\/en\/1"[^>]*>terms<\/a>\./);
    expect(html).toMatch(/explained in the <a href="\/privacy\/en\/1"[^>]*>privacy notice<\/a>\./);
    expect(html).not.toMatch(/\schecked/);
  });

  it('asks for the newsletter with the button itself while there is one, in words that name it and when it comes', async () => {
    const { consentTexts, terms, privacy } = await system.deps.signupForms.current('en');

    expect([...consentTexts]).toEqual([
      [
        'the-weekly',
        expect.stringMatching(
          /^By pressing Subscribe I ask to be sent The Weekly by mail, Mondays at 08:00\b.*\. I can leave/,
        ),
      ],
    ]);
    expect([terms.text, privacy.text]).toEqual([
      'I accept the terms.',
      'How we use your data is explained in the privacy notice.',
    ]);
  });

  it('leads to a page that says what to do next, by a redirect', async () => {
    const response = await submitForm(system, FILLED);

    expect(response.status).toBe(303);
    const path = response.headers.get('location') ?? '';
    expect(path).toMatch(/^\/check-your-mail\/[\w-]{32}$/);
    const page = await get(system, path);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('r•••@example.org');
    // Back and reload ask with GET, which stores nothing.
    const before = await countRequests();
    await get(system, path);
    expect((await get(system, '/subscribe')).headers.get('location')).toBe('/');
    expect(await countRequests()).toBe(before);
  });

  it('forgets after a day whom the page after the form is about, and shows a stranger nothing', async () => {
    const path = (await submitForm(system, { ...FILLED, email: 'day@example.org' })).headers.get('location') ?? '';
    clock.advance(86_400_000);

    const pages = [await get(system, path), await get(system, '/check-your-mail/nonsense')];

    expect(pages.map(({ status }) => status)).toEqual([200, 200]);
    const [later, nonsense] = await Promise.all(pages.map((page) => page.text()));
    expect(later).not.toContain('@example.org');
    expect(later).toBe(nonsense);
  });

  it('makes one confirmation of a double click', async () => {
    const fields = { ...FILLED, email: 'double@example.org' };

    const answers = await Promise.all([submitForm(system, fields), submitForm(system, fields)]);
    await decideSignups(system.deps);

    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    expect((await requestsOf(system.deps, 'double@example.org')).map(({ decision }) => decision)).toEqual([
      'confirmation',
      'waiting',
    ]);
    expect(await mailsPlannedTo(system.deps, 'double@example.org')).toEqual(['confirm:planned']);
  });

  it.each([
    ['no address', { ...FILLED, email: '' }, 'email', 'Please enter your mail address.'],
    ['a wrong address', { ...FILLED, email: 'reader@exa<b>mple' }, 'email', 'does not look like a mail address'],
    ['no tick', { email: 'reader@example.org', newsletters: 'the-weekly' }, 'terms', 'Please tick the box'],
    ['a link as name', { ...FILLED, name: 'www.evil.example' }, 'name', 'Please enter just a name'],
  ])('comes back after %s, with what was typed and the message at its field', async (_what, fields, id, message) => {
    const before = await countRequests();

    const response = await submitForm(system, { name: 'Rita "R" Reader', ...fields });

    expect(response.status).toBe(422);
    const html = await response.text();
    expect(html).toMatch(new RegExp(`<input id="${id}"[^>]*aria-invalid="true" aria-describedby="${id}-error"`));
    expect(html).toMatch(new RegExp(`id="${id}-error">[^<]*${message}`));
    expect(html).toContain(`value="${fields.email.replace('<b>', '&lt;b&gt;')}"`);
    expect(html).not.toContain('<b>');
    expect(html).toContain('name' in fields ? `value="${fields.name}"` : 'value="Rita &#34;R&#34; Reader"');
    expect(await countRequests()).toBe(before);
  });

  it('names every problem at once', async () => {
    const html = await (await submitForm(system, { email: '', name: 'x@y' })).text();

    expect(['email', 'name', 'terms', 'newsletters'].filter((field) => html.includes(`href="#${field}"`))).toEqual([
      'email',
      'name',
      'terms',
      'newsletters',
    ]);
  });

  it.each([
    ['an unknown newsletter', { ...FILLED, newsletters: 'the-daily' }, 422],
    ['fields that come twice', { ...FILLED, email: ['a@example.org', 'b@example.org'] }, 422],
    ['more than it can hold', { ...FILLED, name: 'x'.repeat(40_000) }, 413],
    ['too many fields', { ...FILLED, newsletters: Array.from({ length: 200 }, () => 'the-weekly') }, 413],
  ])('refuses %s and stores nothing', async (_what, fields, status) => {
    const before = await countRequests();

    const response = await submitForm(system, fields);

    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toMatch(/^text\/html/);
    expect(await countRequests()).toBe(before);
  });

  it('offers each newsletter with an unticked box of its own once there are two', async () => {
    await createNewsletter(system.deps, { name: 'The <Daily>', slug: 'the-daily', cron: '0 6 * * *' }, CLI_ACTOR);
    clock.advance(1001);

    const html = await (await get(system, '/')).text();
    const { version, consentTexts } = await system.deps.signupForms.current('en');

    expect(html).toContain('<input type="checkbox" name="newsletters" value="the-daily">');
    expect(html).toContain('The &lt;Daily&gt;');
    expect(consentTexts.get('the-daily')).toMatch(/^I want to be sent The <Daily> by mail, [a-z].*\. I can leave/);
    expect(consentTexts.get('the-weekly')).toMatch(/^I want to be sent The Weekly by mail, Mondays/);
    const none = await submitForm(system, { email: 'two@example.org', terms: 'true' });
    expect(none.status).toBe(422);
    expect(await none.text()).toMatch(/id="newsletters-error">Please choose at least one/);
    const both = await submitForm(system, {
      email: 'two@example.org',
      terms: 'true',
      newsletters: ['the-weekly', 'the-daily'],
    });
    expect(both.status).toBe(303);
    const { subscriberId } = await lastRequestOf(system.deps, 'two@example.org');
    const records = await system.deps.db
      .selectFrom('consent_records as r')
      .innerJoin('consent_texts as t', 't.hash', 'r.consent_text')
      .select(['r.method', 'r.form_id', 'r.form_version', 'r.page_url', 't.text'])
      .where('r.subscriber_id', '=', subscriberId)
      .orderBy('r.id')
      .execute();
    const form = {
      method: 'unticked-box',
      form_id: 'hosted',
      form_version: version,
      page_url: `${system.url}/`,
    };
    expect(records).toEqual([
      { ...form, text: consentTexts.get('the-weekly') },
      { ...form, text: consentTexts.get('the-daily') },
    ]);
  });
});

describe('a production system with sample legal texts', () => {
  it('keeps sign-up closed and says what to do', async () => {
    const closed = await startTestSystem({
      worker: false,
      environment: { SMTP_URL: 'smtp://relay.example', MAIL_FROM: 'news@example.org' },
    });
    try {
      expect(await (await get(closed, '/')).text()).toMatch(/Sign-up is not open yet[^]*still samples/);
      const form = await submitForm(closed, FILLED);
      expect(form.status).toBe(503);
      expect(await form.text()).toContain('still samples');
      expect(await closed.deps.db.selectFrom('subscribers').select('id').execute()).toEqual([]);
    } finally {
      await closed.stop();
    }
  });
});
