import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNewsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { decideSignups, expireRequests } from '../../../src/subscriptions/index.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import {
  get,
  lastRequestOf,
  mailsPlannedTo,
  post,
  press,
  requestsOf,
  signUp,
  statusesOf,
  submitForm,
  tokenPath,
} from './reader.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const clock = createFakeClock();
let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false, clock });
  await createNewsletter(system.deps, { name: 'The Daily', slug: 'the-daily' }, CLI_ACTOR);
  await createNewsletter(system.deps, { name: 'The Monthly', slug: 'the-monthly' }, CLI_ACTOR);
});
afterAll(() => system.stop());

/** The owner signs up for The Weekly and gets the mail; what is asked for after that waits. Returns the link of the mail. */
async function linkWithWaiting(address: string, ...waiting: readonly (readonly string[])[]): Promise<string> {
  await submitForm(system, { email: address, newsletters: 'the-weekly', terms: 'true' });
  await decideSignups(system.deps);
  const { id } = await lastRequestOf(system.deps, address);
  for (const newsletters of waiting) {
    clock.advance(3 * MINUTE);
    await submitForm(system, { email: address, newsletters, terms: 'true', name: 'Mallory' });
    await decideSignups(system.deps);
  }
  return tokenPath(system.deps, 'confirm', 'confirm', id);
}

interface Offer {
  readonly html: string;
  readonly token: string;
  /** The value of each box, by the name beside it. */
  readonly boxes: Readonly<Record<string, string>>;
}

/** What the page after the click offers. */
async function readOffer(response: Response): Promise<Offer> {
  const html = await response.text();
  const boxes = [
    ...html.matchAll(/name="more" value="([\d.]+)"([^>]*)>\s*<span>\s*<span class="card-title"[^>]*>([^<]+)/g),
  ];
  expect(boxes.every(([, , attributes]) => attributes === '')).toBe(true);
  return {
    html,
    token: /name="token" value="([\w-]+)"/.exec(html)?.[1] ?? '',
    boxes: Object.fromEntries(boxes.map(([, value = '', , name = '']) => [name, value])),
  };
}

describe('what else was asked for in somebody’s name', () => {
  it('is mailed no mail, and is listed unticked after the click', async () => {
    const link = await linkWithWaiting('owner@example.org', ['the-daily'], ['the-monthly']);
    expect(await mailsPlannedTo(system.deps, 'owner@example.org')).toEqual(['confirm:planned']);

    const { html, boxes } = await readOffer(await press(system, link));

    expect(Object.keys(boxes)).toEqual(['The Daily', 'The Monthly']);
    expect(html).toContain('You also asked for');
    expect(html).toContain('I want to be sent The Daily by mail');
    expect(await statusesOf(system.deps, 'owner@example.org')).toEqual([
      'the-daily:pending',
      'the-monthly:pending',
      'the-weekly:active',
    ]);
  });

  it('is granted where it is ticked, on the ground of its own request and wording; the rest expires', async () => {
    const address = 'ticks@example.org';
    const link = await linkWithWaiting(address, ['the-daily', 'the-monthly']);
    const { token, boxes } = await readOffer(await press(system, link));

    const response = await post(system, `${link}/more`, { token, more: boxes['The Daily'] ?? '' });

    expect(response.status).toBe(200);
    expect(await response.text()).toContain('The Daily');
    expect(await statusesOf(system.deps, address)).toEqual([
      'the-daily:active',
      'the-monthly:pending',
      'the-weekly:active',
    ]);
    const [, waiting] = await requestsOf(system.deps, address);
    const granted = await system.deps.db
      .selectFrom('consent_records as r')
      .innerJoin('newsletters as l', 'l.id', 'r.newsletter_id')
      .leftJoin('consent_texts as t', 't.hash', 'r.consent_text')
      .select(['l.slug', 'r.signup_request_id', 'r.method', 'r.actor', 't.text'])
      .where('r.subscriber_id', '=', waiting?.subscriberId ?? (0 as never))
      .where('r.action', '=', 'granted')
      .orderBy('r.id')
      .execute();
    expect(granted).toMatchObject([
      { slug: 'the-weekly' },
      { slug: 'the-daily', signup_request_id: waiting?.id, method: 'unticked-box', actor: 'subscriber' },
    ]);
    expect(granted[1]?.text).toMatch(/^I want to be sent The Daily by mail/);

    clock.advance(8 * DAY);
    await expireRequests(system.deps.db, clock.now());
    expect(await statusesOf(system.deps, address)).toEqual(['the-daily:active', 'the-weekly:active']);
  });

  it('is fine twice, and closes the request when everything of it is granted', async () => {
    const address = 'all-ticked@example.org';
    const link = await linkWithWaiting(address, ['the-daily']);
    const { token, boxes } = await readOffer(await press(system, link));
    const more = boxes['The Daily'] ?? '';

    const answers = await Promise.all([
      post(system, `${link}/more`, { token, more }),
      post(system, `${link}/more`, { token, more }),
    ]);
    answers.push(await post(system, `${link}/more`, { token, more }));

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await requestsOf(system.deps, address)).map(({ status }) => status)).toEqual(['confirmed', 'confirmed']);
    const { subscriberId } = await lastRequestOf(system.deps, address);
    const granted = await system.deps.db
      .selectFrom('consent_records')
      .select('id')
      .where('subscriber_id', '=', subscriberId)
      .where('action', '=', 'granted')
      .execute();
    expect(granted).toHaveLength(2);
    await decideSignups(system.deps);
    expect(await mailsPlannedTo(system.deps, address)).toEqual(['confirm:planned', 'welcome:planned']);
  });

  it('is offered once for each newsletter, and not what was just granted', async () => {
    const link = await linkWithWaiting('doubles@example.org', ['the-weekly', 'the-daily'], ['the-daily']);

    const { boxes } = await readOffer(await press(system, link));

    expect(Object.keys(boxes)).toEqual(['The Daily']);
  });

  it('is offered again to a double click, but never to who opens the link later', async () => {
    const link = await linkWithWaiting('reloads@example.org', ['the-daily']);
    await press(system, link);

    expect(Object.keys((await readOffer(await press(system, link))).boxes)).toEqual(['The Daily']);
    expect((await readOffer(await get(system, link))).boxes).toEqual({});
    expect((await readOffer(await post(system, link))).boxes).toEqual({});

    clock.advance(30 * MINUTE);
    expect((await readOffer(await press(system, link))).boxes).toEqual({});
  });

  it('changes nothing of the person: a stranger may have typed it', async () => {
    const link = await linkWithWaiting('unchanged@example.org', ['the-daily']);
    const { token, boxes } = await readOffer(await press(system, link));

    await post(system, `${link}/more`, { token, more: boxes['The Daily'] ?? '' });

    const person = await system.deps.db
      .selectFrom('subscribers')
      .select('name')
      .where('address', '=', 'unchanged@example.org')
      .executeTakeFirst();
    expect(person).toEqual({ name: null });
  });
});

describe('the page that adds what is ticked', () => {
  it('grants nothing half an hour later', async () => {
    const link = await linkWithWaiting('slow@example.org', ['the-daily']);
    const { token, boxes } = await readOffer(await press(system, link));
    clock.advance(30 * MINUTE);

    const response = await post(system, `${link}/more`, { token, more: boxes['The Daily'] ?? '' });

    expect(response.status).toBe(410);
    expect(await statusesOf(system.deps, 'slow@example.org')).toEqual(['the-daily:pending', 'the-weekly:active']);
  });

  it('grants nothing without its own token: not before the click, not with that of somebody else', async () => {
    const other = await linkWithWaiting('other@example.org', ['the-daily']);
    const { token } = await readOffer(await press(system, other));
    const link = await linkWithWaiting('mine@example.org', ['the-daily']);
    const waiting = await lastRequestOf(system.deps, 'mine@example.org');
    const daily = await dailyId();
    const more = `${waiting.id}.${daily}`;

    const before = await post(system, `${link}/more`, { token, more });
    await press(system, link);
    const answers = [
      before,
      await post(system, `${link}/more`, { token, more }),
      await post(system, `${link}/more`, { token: 'A'.repeat(40), more }),
      await post(system, `${link}/more`, { more }),
      await post(system, '/confirm/nonsense/more', { token, more }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([410, 410, 410, 410, 410]);
    expect(await statusesOf(system.deps, 'mine@example.org')).toEqual(['the-daily:pending', 'the-weekly:active']);
  });

  it('grants only what waited for this person when they clicked', async () => {
    const theirs = await linkWithWaiting('their@example.org', ['the-daily']);
    await readOffer(await press(system, theirs));
    const foreign = await lastRequestOf(system.deps, 'their@example.org');
    const link = await linkWithWaiting('my@example.org', ['the-monthly']);
    const { token } = await readOffer(await press(system, link));
    clock.advance(MINUTE);
    // A stranger adds one while the page lies open: it gets a mail of its own.
    await signUp(system, 'my@example.org', { newsletters: ['the-daily'] });
    await decideSignups(system.deps);
    const late = await lastRequestOf(system.deps, 'my@example.org');
    expect(late.decision).toBe('confirmation');

    for (const id of [late.id, foreign.id, 1, 999_999_999]) {
      const daily = await dailyId();
      const response = await post(system, `${link}/more`, { token, more: `${id}.${daily}` });
      expect(await response.text()).toContain('Nothing was added');
    }
    await post(system, `${link}/more`, { token, more: 'x.y' });

    expect(await statusesOf(system.deps, 'my@example.org')).toEqual([
      'the-daily:pending',
      'the-monthly:pending',
      'the-weekly:active',
    ]);
    expect(await statusesOf(system.deps, 'their@example.org')).toEqual(['the-daily:pending', 'the-weekly:active']);
  });
});

async function dailyId(): Promise<number> {
  const { id } = await system.deps.db
    .selectFrom('newsletters')
    .select('id')
    .where('slug', '=', 'the-daily')
    .executeTakeFirstOrThrow();
  return id;
}
