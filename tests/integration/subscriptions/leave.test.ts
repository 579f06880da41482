import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createNewsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { decideSignups } from '../../../src/subscriptions/index.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import {
  actionsOf,
  becomeReader,
  get,
  post,
  rejoinPath,
  signUp,
  statusesOf,
  subscriptionOf,
  tokenPath,
} from './reader.ts';

const MINUTE = 60_000;
const BOTH = ['the-daily', 'the-weekly'];
const clock = createFakeClock();
let system: TestSystem;
let reader = 0;
let address: string;

beforeAll(async () => {
  system = await startTestSystem({ worker: false, clock });
  await createNewsletter(system.deps, { name: 'The Daily', slug: 'the-daily' }, CLI_ACTOR);
});
beforeEach(async () => {
  reader += 1;
  address = `reader-${reader}@example.org`;
  await becomeReader(system, address, BOTH);
});
afterAll(() => system.stop());

async function link(page: 'unsubscribe' | 'rejoin', slug = 'the-weekly'): Promise<string> {
  const { id } = await subscriptionOf(system.deps, address, slug);
  return page === 'rejoin' ? rejoinPath(system.deps, id) : tokenPath(system.deps, page, page, id);
}

async function preferences(): Promise<string> {
  const { subscriberId } = await subscriptionOf(system.deps, address);
  return tokenPath(system.deps, 'preferences', 'preferences', subscriberId);
}

const statuses = (): Promise<readonly string[]> => statusesOf(system.deps, address);

async function recorded(): Promise<readonly string[]> {
  const actions = await actionsOf(system.deps, (await subscriptionOf(system.deps, address)).subscriberId);
  return actions.filter((action) => action !== 'requested' && action !== 'granted');
}

async function methods(): Promise<readonly string[]> {
  const rows = await system.deps.db
    .selectFrom('consent_records')
    .select('method')
    .where('subscriber_id', '=', (await subscriptionOf(system.deps, address)).subscriberId)
    .where('action', 'in', ['withdrawn', 'renewed'])
    .orderBy('id')
    .execute();
  return rows.map(({ method }) => method);
}

describe('the unsubscribe link', () => {
  it('changes nothing when it is opened', async () => {
    const path = await link('unsubscribe');

    const answers = [await get(system, path), await get(system, path, 'HEAD'), await get(system, `${path}?scope=all`)];

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await statuses()).toEqual(['the-daily:active', 'the-weekly:active']);
    expect(await recorded()).toEqual([]);
  });

  it.each([
    ['urlencoded', new URLSearchParams({ 'List-Unsubscribe': 'One-Click' })],
    ['multipart', multipart()],
  ])('ends the subscription with one click of the mail program, %s', async (_form, body) => {
    const path = await link('unsubscribe');

    const response = await fetch(system.url + path, { method: 'POST', body, redirect: 'manual' });

    expect(response.status).toBe(200);
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(await statuses()).toEqual(['the-daily:active', 'the-weekly:unsubscribed']);
    expect(await recorded()).toEqual(['withdrawn']);
    expect(await methods()).toEqual(['one-click']);
  });

  it.each([
    ['no body', undefined, undefined],
    ['a body of no known type', '{}', 'application/json'],
    ['a body in an unknown charset', 'List-Unsubscribe=One-Click', 'application/x-www-form-urlencoded; charset=x-none'],
    ['a body that is far too long', `x=${'x'.repeat(100_000)}`, 'application/x-www-form-urlencoded'],
    ['a broken multipart', '--x', 'multipart/form-data; boundary=x'],
  ])('ends the subscription whatever comes with the click: %s', async (_what, body, type) => {
    const response = await fetch(system.url + (await link('unsubscribe')), {
      method: 'POST',
      redirect: 'manual',
      ...(body === undefined ? {} : { body }),
      ...(type === undefined ? {} : { headers: { 'content-type': type } }),
    });

    expect(response.status).toBe(200);
    expect(await statuses()).toEqual(['the-daily:active', 'the-weekly:unsubscribed']);
  });

  it('gives the same page for a token that nobody made, and changes nothing', async () => {
    const known = await (await post(system, await link('unsubscribe'))).text();
    const mask = (html: string): string => html.replaceAll(/\/[\w%-]{3,}(?=[/"])/g, '/TOKEN');

    for (const token of ['x', 'A'.repeat(32), '%20%3Cb%3E', 'x'.repeat(500)]) {
      const response = await post(system, `/unsubscribe/${token}`);
      const page = await response.text();
      expect(response.status).toBe(200);
      expect(page).not.toContain('<b>');
      expect(mask(page).length).toBeGreaterThan(0);
      expect(mask(page).replaceAll('this newsletter', 'The Weekly').split('\n').length).toBe(
        mask(known).split('\n').length,
      );
    }
    expect((await post(system, '/unsubscribe/%E0%A4%A')).status).toBe(200);
  });

  it('ends all of them with ?scope=all, and takes all of them back', async () => {
    await post(system, `${await link('unsubscribe')}?scope=all`);
    expect(await statuses()).toEqual(['the-daily:unsubscribed', 'the-weekly:unsubscribed']);
    expect(await recorded()).toEqual(['withdrawn', 'withdrawn']);

    await post(system, await link('rejoin'));

    expect(await statuses()).toEqual(['the-daily:active', 'the-weekly:active']);
    expect(await recorded()).toEqual(['withdrawn', 'withdrawn', 'renewed', 'renewed']);
  });

  it('records one withdrawal however often it is used', async () => {
    const path = await link('unsubscribe');

    const answers = await Promise.all([post(system, path), post(system, path)]);
    answers.push(await post(system, path), await post(system, `${path}?scope=one`));

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await recorded()).toEqual(['withdrawn']);
    expect(await methods()).toEqual(['button']);
  });

  it('works as long as the mail is kept', async () => {
    clock.advance(5 * 365 * 86_400_000);

    await post(system, await link('unsubscribe'));

    expect(await statuses()).toEqual(['the-daily:active', 'the-weekly:unsubscribed']);
  });
});

describe('"that was a mistake"', () => {
  it('takes it back within ten minutes, as a new declaration with a wording of its own', async () => {
    const page = await (await post(system, await link('unsubscribe'))).text();
    clock.advance(10 * MINUTE - 1);

    const response = await post(system, await link('rejoin'));

    expect(response.status).toBe(200);
    expect(await statuses()).toEqual(['the-daily:active', 'the-weekly:active']);
    expect(await recorded()).toEqual(['withdrawn', 'renewed']);
    const { rows } = { rows: await system.deps.db.selectFrom('consent_texts').select('text').execute() };
    const wording = rows
      .map(({ text }) => text)
      .find((text) => text.startsWith('Leaving was a mistake: I want to go on receiving The Weekly by mail'));
    expect(wording).toBeDefined();
    expect(page).toContain(wording);
  });

  it('is too late after ten minutes', async () => {
    await post(system, await link('unsubscribe'));
    clock.advance(10 * MINUTE);

    const response = await post(system, await link('rejoin'));

    expect(response.status).toBe(410);
    expect(await response.text()).toContain('The ten minutes are over');
    expect(await statuses()).toEqual(['the-daily:active', 'the-weekly:unsubscribed']);
  });

  it('is fine twice, and changes nothing when it is only opened', async () => {
    await post(system, await link('unsubscribe'));
    const path = await link('rejoin');
    expect((await get(system, path)).status).toBe(404);
    expect(await statuses()).toEqual(['the-daily:active', 'the-weekly:unsubscribed']);

    expect([(await post(system, path)).status, (await post(system, path)).status]).toEqual([200, 200]);

    expect(await recorded()).toEqual(['withdrawn', 'renewed']);
  });

  it('dies with a later leaving, which has one of its own', async () => {
    await post(system, await link('unsubscribe'));
    const first = await link('rejoin');
    await post(system, first);
    clock.advance(MINUTE);
    await post(system, await link('unsubscribe'));

    const answers = [await post(system, first), await post(system, await link('rejoin'))];

    expect(answers.map(({ status }) => status)).toEqual([410, 200]);
    expect(await statuses()).toEqual(['the-daily:active', 'the-weekly:active']);
  });

  it('cannot stand in for a confirmation: not for a stranger who holds an old mail of somebody who left', async () => {
    await post(system, `${await link('unsubscribe')}?scope=all`);
    clock.advance(30 * 86_400_000);
    await signUp(system, address);
    await decideSignups(system.deps);
    expect(await statuses()).toEqual(['the-daily:unsubscribed', 'the-weekly:pending']);

    await post(system, await link('unsubscribe'));
    const response = await post(system, await link('rejoin'));

    expect(response.status).toBe(410);
    expect(await statuses()).toEqual(['the-daily:unsubscribed', 'the-weekly:unsubscribed']);
  });
});

describe('the reason for leaving', () => {
  const reasons = () =>
    system.deps.db
      .selectFrom('unsubscribe_reasons')
      .select(['reason', 'comment'])
      .orderBy('given_at', 'desc')
      .execute();

  it('is stored, with or without words', async () => {
    const path = await link('unsubscribe');
    await post(system, path);

    const response = await post(system, `${path}/reason`, { reason: 'too-often', comment: '  Twice a day! ' });

    expect(response.status).toBe(200);
    expect((await reasons())[0]).toEqual({ reason: 'too-often', comment: 'Twice a day!' });
    clock.advance(MINUTE);
    await post(system, `${path}/reason`, { reason: 'other', comment: '' });
    expect((await reasons())[0]).toEqual({ reason: 'other', comment: null });
  });

  it('is nothing that a reader or a stranger could give', async () => {
    const before = await reasons();

    expect((await post(system, `${await link('unsubscribe')}/reason`, { reason: 'other' })).status).toBe(200);
    expect((await post(system, '/unsubscribe/nonsense/reason', { reason: 'other' })).status).toBe(200);
    expect((await post(system, '/unsubscribe/nonsense/reason', { reason: 'because' })).status).toBe(422);

    expect(await reasons()).toEqual(before);
  });

  it('is fine twice at the same moment', async () => {
    const path = await link('unsubscribe');
    await post(system, path);

    const answers = await Promise.all(['other', 'other'].map((reason) => post(system, `${path}/reason`, { reason })));

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  });
});

describe('the preference page', () => {
  it('shows a masked address and every subscription, and changes nothing when it is opened', async () => {
    const html = await (await get(system, await preferences())).text();

    expect(html).toContain('r•••@example.org');
    expect(html).not.toContain(address);
    expect(html.match(/aria-label="Leave The (?:Daily|Weekly)"/g)).toHaveLength(2);
    expect(await recorded()).toEqual([]);
  });

  it('ends one subscription or all of them, and records it', async () => {
    const { newsletterId } = await subscriptionOf(system.deps, address, 'the-daily');

    await post(system, await preferences(), { newsletterId: String(newsletterId) });
    expect(await statuses()).toEqual(['the-daily:unsubscribed', 'the-weekly:active']);
    await post(system, await preferences(), { scope: 'all' });

    expect(await statuses()).toEqual(['the-daily:unsubscribed', 'the-weekly:unsubscribed']);
    expect(await recorded()).toEqual(['withdrawn', 'withdrawn']);
  });

  it('can only take away', async () => {
    const { newsletterId } = await subscriptionOf(system.deps, address, 'the-daily');
    await post(system, await preferences(), { scope: 'all' });

    await post(system, await preferences(), { newsletterId: String(newsletterId), status: 'active', subscribe: '1' });
    await post(system, await preferences(), {});

    expect(await statuses()).toEqual(['the-daily:unsubscribed', 'the-weekly:unsubscribed']);
    expect((await post(system, await preferences(), { newsletterId: 'x' })).status).toBe(422);
  });

  it('answers 404 to a token that nobody made', async () => {
    expect((await get(system, '/preferences/nonsense')).status).toBe(404);
    expect((await post(system, '/preferences/nonsense', { scope: 'all' })).status).toBe(404);
  });
});

function multipart(): FormData {
  const form = new FormData();
  form.set('List-Unsubscribe', 'One-Click');
  return form;
}
