import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNewsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { decideSignups, expireRequests } from '../../../src/subscriptions/index.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { get, lastRequestOf, press, requestsOf, signUp, statusesOf, submitForm, tokenPath } from './reader.ts';

const DAY = 86_400_000;
const clock = createFakeClock();
let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false, clock });
  await createNewsletter(system.deps, { name: 'The Daily', slug: 'the-daily' }, CLI_ACTOR);
});
afterAll(() => system.stop());

/** A link whose seven days are over. */
async function expiredLink(address: string, newsletters: readonly string[] = ['the-weekly']): Promise<string> {
  await submitForm(system, { email: address, newsletters, terms: 'true', name: 'Rita' });
  await decideSignups(system.deps);
  const { id } = await lastRequestOf(system.deps, address);
  clock.advance(7 * DAY);
  await expireRequests(system.deps.db, clock.now());
  return tokenPath(system.deps, 'confirm', 'confirm', id);
}

/** What a browser posts from that page: its hidden fields and what is ticked. */
async function ask(link: string, ticked: Record<string, string | readonly string[]>): Promise<Response> {
  const html = await (await get(system, link)).text();
  const body = new URLSearchParams();
  for (const [, name = '', value = ''] of html.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)) {
    body.append(name, value);
  }
  for (const [name, values] of Object.entries(ticked)) {
    for (const value of typeof values === 'string' ? [values] : values) {
      body.append(name, value);
    }
  }
  return fetch(`${system.url}${link}/again`, {
    method: 'POST',
    body,
    redirect: 'manual',
    headers: { accept: 'text/html' },
  });
}

describe('a confirmation link that is over', () => {
  it('offers a new one with the wordings once more, nothing ticked and nothing to type (R27)', async () => {
    const link = await expiredLink('holiday@example.org');

    const response = await get(system, link);

    expect(response.status).toBe(410);
    const html = await response.text();
    const { terms, privacy } = await system.deps.signupForms.current('en');
    for (const shown of [
      terms.before,
      terms.word,
      privacy.before,
      'By pressing Subscribe I ask to be sent The Weekly',
    ]) {
      expect(html).toContain(shown);
    }
    expect(html).toContain('h•••@example.org');
    expect(html).not.toContain('holiday@example.org');
    expect(html).not.toMatch(/ checked/);
    expect(html).not.toMatch(/type="(?:email|text)"/);
    expect(await requestsOf(system.deps, 'holiday@example.org')).toHaveLength(1);
  });

  it('leads to a new request for the same newsletters, with what is recorded as shown', async () => {
    const address = 'renewed@example.org';
    const link = await expiredLink(address);

    const response = await ask(link, { terms: 'true' });

    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toMatch(/^\/check-your-mail\//);
    await decideSignups(system.deps);
    const [, fresh] = await requestsOf(system.deps, address);
    expect(fresh).toMatchObject({ status: 'open', decision: 'confirmation' });
    const records = await system.deps.db
      .selectFrom('consent_records as r')
      .leftJoin('consent_texts as t', 't.hash', 'r.consent_text')
      .select(['r.form_id', 'r.method', 'r.is_asserted_by_caller', 't.text'])
      .where('r.signup_request_id', '=', fresh?.id ?? (0 as never))
      .execute();
    expect(records).toMatchObject([{ form_id: 'expired-link', method: 'button', is_asserted_by_caller: false }]);
    expect(records[0]?.text).toMatch(/^By pressing Subscribe I ask to be sent The Weekly/);
    const person = await system.deps.db
      .selectFrom('signup_requests')
      .select('name')
      .where('id', '=', fresh?.id ?? (0 as never))
      .executeTakeFirst();
    expect(person?.name).toBe('Rita');
    await press(system, tokenPath(system.deps, 'confirm', 'confirm', fresh?.id ?? 0));
    expect(await statusesOf(system.deps, address)).toEqual(['the-weekly:active']);
  });

  it('needs the box of the terms, and one for each of several newsletters', async () => {
    const address = 'several@example.org';
    const link = await expiredLink(address, ['the-weekly', 'the-daily']);

    const nothing = await ask(link, {});
    const html = await nothing.text();
    expect(nothing.status).toBe(422);
    expect(html).toContain('Please tick the box');
    expect(html).toContain('Please choose at least one newsletter');
    expect((await ask(link, { newsletters: 'the-daily' })).status).toBe(422);

    expect((await ask(link, { newsletters: 'the-daily', terms: 'true' })).status).toBe(303);

    await decideSignups(system.deps);
    expect(await statusesOf(system.deps, address)).toEqual(['the-daily:pending']);
  });

  it('is for the newsletters of its request and no other', async () => {
    const link = await expiredLink('no-more@example.org');

    const response = await ask(link, { newsletters: 'the-daily', terms: 'true' });

    expect(response.status).toBe(422);
    expect(await requestsOf(system.deps, 'no-more@example.org')).toHaveLength(1);
  });

  it('records nothing when the wordings have changed since the page was opened (R27)', async () => {
    const link = await expiredLink('changed@example.org');

    const response = await fetch(`${system.url}${link}/again`, {
      method: 'POST',
      body: new URLSearchParams({ newsletters: 'the-weekly', terms: 'true', formVersion: 'of another time' }),
      redirect: 'manual',
      headers: { accept: 'text/html' },
    });

    expect(response.status).toBe(422);
    expect(await response.text()).toContain('The text of this page has changed');
    expect(await requestsOf(system.deps, 'changed@example.org')).toHaveLength(1);
  });

  it('renews only what is over: an open, a confirmed and an unknown link lead to their own page', async () => {
    await signUp(system, 'open@example.org');
    await decideSignups(system.deps);
    const open = tokenPath(
      system.deps,
      'confirm',
      'confirm',
      (await lastRequestOf(system.deps, 'open@example.org')).id,
    );

    const answers = [await ask(open, { terms: 'true' }), await ask('/confirm/nonsense', { terms: 'true' })];
    await press(system, open);
    answers.push(await ask(open, { terms: 'true' }));

    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303]);
    expect(answers.map((answer) => answer.headers.get('location'))).toEqual([open, '/confirm/nonsense', open]);
    expect(await requestsOf(system.deps, 'open@example.org')).toHaveLength(1);
  });
});
