import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createNewsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { issueFormToken } from '../../../src/signup-guard/index.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { get, requestsOf, signUp, submitForm } from '../subscriptions/reader.ts';
import { storedRequests, submitFrom } from './visitor.ts';

const clock = createFakeClock();
let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false, clock });
  await createNewsletter(system.deps, { name: 'The Daily', slug: 'the-daily', cron: '0 6 * * *' }, CLI_ACTOR);
});
beforeEach(() => clock.advance(60_000));
afterAll(() => system.stop());

function valueOf(html: string, name: string): string {
  return new RegExp(`name="${name}"[^>]*value="([^"]*)"`).exec(html)?.[1] ?? '';
}

describe('a form whose token is not genuine comes back instead of being refused (R38)', () => {
  it.each([
    ['missing, as from a cached page', { formToken: undefined }],
    ['forged', { formToken: 'A'.repeat(32) }],
    ['too long to be one', { formToken: 'A'.repeat(500) }],
  ])('when it is %s', async (_what, changes) => {
    const response = await submitFrom(system, undefined, 'again@example.org', { name: 'Rita', ...changes });

    expect(response.status).toBe(200);
    const html = await response.text();
    expect(html).toContain('One more click');
    expect(html).toContain('value="again@example.org"');
    expect(html).toContain('value="Rita"');
    expect(html).toMatch(/name="newsletters" value="the-weekly" checked/);
    expect(html.match(/<button/g)).toHaveLength(1);
    expect(await requestsOf(system.deps, 'again@example.org')).toEqual([]);
  });

  it('but is taken where nothing says which words were shown, as asserted by whoever made it (R27)', async () => {
    const response = await submitFrom(system, undefined, 'wordless@example.org', { formVersion: undefined });

    expect(response.status).toBe(303);
    const record = await system.deps.db
      .selectFrom('consent_records as r')
      .innerJoin('subscribers as s', 's.id', 'r.subscriber_id')
      .select(['r.is_asserted_by_caller', 'r.consent_text', 'r.terms_text'])
      .where('s.address', '=', 'wordless@example.org')
      .executeTakeFirstOrThrow();
    expect(record).toEqual({ is_asserted_by_caller: true, consent_text: null, terms_text: null });
  });

  it('when it is stale, with the tick that the reader made on the same words', async () => {
    const formToken = issueFormToken(system.deps);
    clock.advance(86_400_001);

    const response = await submitFrom(system, undefined, 'stale@example.org', { formToken });

    expect(response.status).toBe(200);
    const html = await response.text();
    expect(html).toMatch(/<input id="terms"[^>]* checked/);
    expect(valueOf(html, 'formToken')).not.toBe(formToken);
  });

  it('when it is too young, and then needs no second wait', async () => {
    const formToken = issueFormToken(system.deps);
    const first = await submitFrom(system, undefined, 'fast@example.org', { formToken });
    expect(first.status).toBe(200);
    const html = await first.text();
    expect(valueOf(html, 'formToken')).toBe(formToken);

    clock.advance(2000);
    const second = await submitFrom(system, undefined, 'fast@example.org', { formToken: valueOf(html, 'formToken') });

    expect(second.status).toBe(303);
    expect(await requestsOf(system.deps, 'fast@example.org')).toHaveLength(1);
  });

  it('does not take over a tick from words that nobody here knows', async () => {
    const response = await submitFrom(system, undefined, 'foreign@example.org', {
      formToken: undefined,
      formVersion: undefined,
    });

    expect(await response.text()).not.toMatch(/<input id="terms"[^>]* checked/);
  });

  it('is sent by one more click, and recorded as our own words', async () => {
    const html = await (await submitFrom(system, undefined, 'clicks@example.org', { formToken: undefined })).text();
    clock.advance(3000);

    const response = await submitForm(system, {
      formToken: valueOf(html, 'formToken'),
      formVersion: valueOf(html, 'formVersion'),
      email: 'clicks@example.org',
      newsletters: 'the-weekly',
      terms: 'true',
    });

    expect(response.status).toBe(303);
    const records = await system.deps.db
      .selectFrom('consent_records')
      .select(['is_asserted_by_caller', 'form_version'])
      .where('address_digest', 'is not', null)
      .orderBy('id', 'desc')
      .limit(1)
      .execute();
    expect(records).toEqual([{ is_asserted_by_caller: false, form_version: valueOf(html, 'formVersion') }]);
  });

  it('plays no part at the JSON endpoint, where callers have none', async () => {
    for (const formToken of [undefined, 'nonsense', issueFormToken(system.deps)]) {
      const response = await signUp(system, 'json@example.org', formToken === undefined ? {} : { formToken });
      expect(response.status).toBe(202);
    }
  });
});

describe('the trap for programs that fill in everything', () => {
  it('is answered like a sign-up, stores nothing and mails nothing', async () => {
    const before = await storedRequests(system);
    const real = await submitFrom(system, undefined, 'person@example.org');

    const trapped = await submitFrom(system, undefined, 'robot@example.org', { homepage: 'https://spam.example' });

    const shapeOf = (response: Response): unknown => [
      response.status,
      response.headers.get('location')?.replace(/[\w-]{32}$/, 'token'),
      [...response.headers.keys()].toSorted(),
    ];
    expect(shapeOf(trapped)).toEqual(shapeOf(real));
    expect((await get(system, trapped.headers.get('location') ?? '')).status).toBe(200);
    expect((await storedRequests(system)).length).toBe(before.length + 1);
    expect(await requestsOf(system.deps, 'robot@example.org')).toEqual([]);
    expect(system.deps.signupGuard.readStanding().outcomes.trap).toBe(1);
  });

  it('is out of the way of people', async () => {
    const html = await (await get(system, '/')).text();

    expect(html).toMatch(
      /<div class="visually-hidden" aria-hidden="true">\s*<label for="homepage">[^<]+<\/label>\s*<input id="homepage" name="homepage" type="text" tabindex="-1" autocomplete="off">/,
    );
  });
});
