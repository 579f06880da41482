import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatInstant } from '../../../src/i18n/index.ts';
import { createNewsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { decideSignups } from '../../../src/subscriptions/index.ts';
import { suppressSubscribers } from '../../../src/suppressions/index.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import {
  actionsOf,
  becomeReader,
  get,
  lastRequestOf,
  post,
  press,
  signUp,
  statusesOf,
  submitForm,
  tokenPath,
} from './reader.ts';

const DAY = 86_400_000;
const clock = createFakeClock();
let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false, clock });
  await createNewsletter(system.deps, { name: 'The Daily', slug: 'the-daily' }, CLI_ACTOR);
});
afterAll(() => system.stop());

async function linkFor(address: string, newsletters = ['the-weekly']): Promise<string> {
  await signUp(system, address, { newsletters, name: 'Rita', timezone: 'Europe/Vienna' });
  await decideSignups(system.deps);
  return tokenPath(system.deps, 'confirm', 'confirm', (await lastRequestOf(system.deps, address)).id);
}

/** Everything that a confirmation could change. */
async function stateOf(address: string): Promise<unknown> {
  const request = await lastRequestOf(system.deps, address);
  return [request, await statusesOf(system.deps, address), await actionsOf(system.deps, request.subscriberId)];
}

describe('the confirmation page', () => {
  it('changes nothing when it is opened, by whatever program and however often', async () => {
    const link = await linkFor('scanned@example.org');
    const before = await stateOf('scanned@example.org');

    const answers = [await get(system, link), await get(system, link, 'HEAD'), await get(system, link, 'OPTIONS')];
    answers.push(await get(system, link, 'PUT'), await get(system, `${link}?confirm=1`), await get(system, link));

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 404, 404, 200, 200]);
    expect(await stateOf('scanned@example.org')).toEqual(before);
  });

  it('names the newsletters and masks the address, since mails are forwarded', async () => {
    const html = await (await get(system, await linkFor('masked@example.org'))).text();

    expect(html).toContain('m•••@example.org');
    expect(html).not.toContain('masked@example.org');
    expect(html).toContain('The Weekly');
    expect(html).not.toContain('The Daily');
    expect(html).toMatch(/<button class="button" type="submit" name="press" value="yes">/);
  });

  it('grants exactly the newsletters of the request that the mail was for', async () => {
    const weekly = await linkFor('exact@example.org');
    clock.advance(3 * 60_000);
    await linkFor('exact@example.org', ['the-daily', 'the-weekly']);

    await press(system, weekly);

    expect(await statusesOf(system.deps, 'exact@example.org')).toEqual(['the-daily:pending', 'the-weekly:active']);
  });

  it('is fine twice: the second time changes nothing and says so', async () => {
    const link = await linkFor('twice@example.org');

    const first = await press(system, link);
    const after = await stateOf('twice@example.org');
    const second = await press(system, link);

    expect([first.status, second.status]).toEqual([200, 200]);
    expect(await first.text()).toContain('You are subscribed');
    expect(await second.text()).toContain('Your subscription was confirmed before');
    expect(await (await get(system, link)).text()).toContain('Your subscription was confirmed before');
    expect(await stateOf('twice@example.org')).toEqual(after);
  });

  it('records one grant when the button is pressed twice at once', async () => {
    const link = await linkFor('racing@example.org');

    const answers = await Promise.all([press(system, link), press(system, link), press(system, link)]);

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const { subscriberId } = await lastRequestOf(system.deps, 'racing@example.org');
    expect(await actionsOf(system.deps, subscriberId)).toEqual(['requested', 'granted']);
  });

  it('takes over what the owner of the address entered', async () => {
    await press(system, await linkFor('named@example.org'));

    const row = await system.deps.db
      .selectFrom('subscribers')
      .select(['name', 'time_zone'])
      .where('address', '=', 'named@example.org')
      .executeTakeFirst();
    expect(row).toEqual({ name: 'Rita', time_zone: 'Europe/Vienna' });
  });

  it('does not bring back who has left meanwhile', async () => {
    const link = await linkFor('gone@example.org');
    await press(system, link);
    await system.deps.db
      .updateTable('subscriptions')
      .set({ status: 'unsubscribed', unsubscribed_at: clock.now() })
      .where('subscriber_id', '=', (await lastRequestOf(system.deps, 'gone@example.org')).subscriberId)
      .execute();

    await press(system, link);

    expect(await statusesOf(system.deps, 'gone@example.org')).toEqual(['the-weekly:unsubscribed']);
  });

  it('answers 410 after seven days and grants nothing', async () => {
    const link = await linkFor('late@example.org');
    clock.advance(7 * DAY);

    const answers = [await get(system, link), await press(system, link)];

    expect(answers.map(({ status }) => status)).toEqual([410, 410]);
    expect(await answers[1]?.text()).toContain('This link has expired');
    expect(await statusesOf(system.deps, 'late@example.org')).toEqual(['the-weekly:pending']);
    expect((await lastRequestOf(system.deps, 'late@example.org')).status).toBe('open');
  });

  it('answers 404 to what is no confirmation link', async () => {
    const { id } = await lastRequestOf(system.deps, 'twice@example.org');
    const { deps } = system;
    const links = [
      '/confirm/nonsense',
      `/confirm/${'A'.repeat(32)}`,
      tokenPath(deps, 'confirm', 'confirm', 999_999_999),
      tokenPath(deps, 'confirm', 'not-me', id),
      tokenPath(deps, 'confirm', 'unsubscribe', id),
    ];

    for (const link of links) {
      expect([(await get(system, link)).status, (await press(system, link)).status]).toEqual([404, 404]);
    }
  });
});

/** The hidden field of the page: what it was about, and when it was shown. */
async function pageTokenOf(link: string): Promise<string> {
  const token = /name="page" value="([\w-]+)"/.exec(await (await get(system, link)).text())?.[1];
  if (token === undefined) {
    throw new Error('the page has no token');
  }
  return token;
}

describe('a POST that nobody pressed', () => {
  it('grants nothing without the button, as when a script submits the form (R36)', async () => {
    const link = await linkFor('form-submit@example.org');
    const page = await pageTokenOf(link);
    const before = await stateOf('form-submit@example.org');
    clock.advance(60_000);

    const answers = [
      await post(system, link, { page }),
      await post(system, link, { page, by: 'script' }),
      await post(system, link, { press: 'yes', page, by: 'script' }),
      await post(system, link, { press: 'yes', page, by: '' }),
      await post(system, link, { press: 'yes' }),
      await post(system, link, { press: '', page }),
      await post(system, `${link}?press=yes`, { page }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([422, 422, 422, 422, 422, 422, 422]);
    expect(await answers[0]?.text()).toContain('Please press the button once more');
    expect(await stateOf('form-submit@example.org')).toEqual(before);
  });

  it('takes the press of a person at once, with scripts and without', async () => {
    const withScripts = await linkFor('with-scripts@example.org');
    const page = await pageTokenOf(withScripts);
    expect((await post(system, withScripts, { press: 'yes', page, by: 'hand' })).status).toBe(200);

    const without = await linkFor('without-scripts@example.org');
    expect((await post(system, without, { press: 'yes', page: await pageTokenOf(without) })).status).toBe(200);

    expect(await statusesOf(system.deps, 'with-scripts@example.org')).toEqual(['the-weekly:active']);
    expect(await statusesOf(system.deps, 'without-scripts@example.org')).toEqual(['the-weekly:active']);
  });

  it("takes a POST that came from no page for what it says: a program of the reader's", async () => {
    const link = await linkFor('own-program@example.org');

    expect((await post(system, link)).status).toBe(200);

    expect(await statusesOf(system.deps, 'own-program@example.org')).toEqual(['the-weekly:active']);
  });

  it('grants nothing with the token of another page, or of one that nobody made', async () => {
    const other = await pageTokenOf(await linkFor('other-page@example.org'));
    const link = await linkFor('own-page@example.org');
    const own = await pageTokenOf(link);
    clock.advance(60_000);

    for (const page of [other, `${own.slice(0, -1)}A`, 'A'.repeat(40), '', link.slice('/confirm/'.length)]) {
      expect((await post(system, link, { press: 'yes', page })).status).toBe(422);
    }

    expect(await statusesOf(system.deps, 'own-page@example.org')).toEqual(['the-weekly:pending']);
    expect((await post(system, link, { press: 'yes', page: own })).status).toBe(200);
  });

  it('does not refuse for the owner either: a scanner must not shut the address (R36)', async () => {
    await linkFor('not-scanned@example.org');
    const { id } = await lastRequestOf(system.deps, 'not-scanned@example.org');
    const link = tokenPath(system.deps, 'not-me', 'not-me', id);
    const page = await pageTokenOf(link);

    const answers = [
      await post(system, link, { page }),
      await post(system, link, { press: 'yes', page, by: 'script' }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([422, 422]);
    expect((await lastRequestOf(system.deps, 'not-scanned@example.org')).status).toBe('open');
  });

  it('is answered as an expired link where it is one, and as done where it is done', async () => {
    const done = await linkFor('done@example.org');
    await press(system, done);
    expect((await post(system, done)).status).toBe(200);

    const late = await linkFor('late-scanner@example.org');
    clock.advance(7 * DAY);
    expect((await post(system, late)).status).toBe(410);
  });
});

describe('a confirmation of an address that was shut meanwhile', () => {
  it('says that no mail comes, and sends none', async () => {
    const link = await linkFor('shut@example.org');
    const { subscriberId } = await lastRequestOf(system.deps, 'shut@example.org');
    await suppressSubscribers(system.deps.db, {
      subscriberIds: [subscriberId],
      reason: 'complaint',
      source: 'test',
      now: clock.now(),
    });

    const html = await (await press(system, link)).text();

    expect(html).toContain('Mails to this address were stopped');
    expect(html).not.toContain('welcome mail is on its way');
  });
});

describe('what is recorded', () => {
  it('holds the wordings, the versions and both times, and the page shows it', async () => {
    const address = 'proof@example.org';
    const requestedAt = clock.now();
    await submitForm(system, { email: address, newsletters: 'the-weekly', terms: 'true' });
    await decideSignups(system.deps);
    clock.advance(90_000);
    const { id, subscriberId } = await lastRequestOf(system.deps, address);

    const page = await (await press(system, tokenPath(system.deps, 'confirm', 'confirm', id))).text();

    const { consentTexts, terms, privacy, version } = await system.deps.signupForms.current('en');
    const records = await system.deps.db
      .selectFrom('consent_records as r')
      .leftJoin('consent_texts as c', 'c.hash', 'r.consent_text')
      .leftJoin('consent_texts as t', 't.hash', 'r.terms_text')
      .leftJoin('consent_texts as p', 'p.hash', 'r.privacy_text')
      .leftJoin('legal_documents as td', 'td.id', 'r.terms_document_id')
      .leftJoin('legal_documents as pd', 'pd.id', 'r.privacy_document_id')
      .select(['r.action', 'r.occurred_at', 'r.signup_request_id', 'r.form_version', 'r.address_digest'])
      .select(['c.text as consent', 't.text as terms', 'p.text as privacy', 'td.version as tv', 'pd.version as pv'])
      .where('r.subscriber_id', '=', subscriberId)
      .orderBy('r.id')
      .execute();
    expect(records).toMatchObject([
      {
        action: 'requested',
        occurred_at: requestedAt,
        signup_request_id: id,
        form_version: version,
        consent: consentTexts.get('the-weekly'),
        terms: terms.text,
        privacy: privacy.text,
        tv: 1,
        pv: 1,
      },
      { action: 'granted', occurred_at: clock.now(), signup_request_id: id },
    ]);
    expect(records.every((record) => record.address_digest?.length === 32)).toBe(true);
    for (const shown of [consentTexts.get('the-weekly'), terms.text, privacy.text, 'Version 1']) {
      expect(page).toContain(shown);
    }
    for (const at of [requestedAt, clock.now()]) {
      expect(page).toContain(formatInstant('en', at, 'precise'));
    }
  });

  it('says of a wording that only the caller knows that it is not ours', async () => {
    await becomeReader(system, 'asserted@example.org');
    const { id } = await lastRequestOf(system.deps, 'asserted@example.org');

    const page = await (await get(system, tokenPath(system.deps, 'confirm', 'confirm', id))).text();

    expect(page).toMatch(/<dt>You agreed to<\/dt><dd[^>]*>[^<]*the page you came from/);
  });
});
