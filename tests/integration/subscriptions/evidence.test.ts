import { afterAll, beforeAll, expect, it } from 'vitest';
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
  lastRequestOf,
  post,
  press,
  rejoinPath,
  requestsOf,
  signUp,
  submitForm,
  subscriptionOf,
  tokenPath,
} from './reader.ts';

const clock = createFakeClock();
let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false, clock });
  await createNewsletter(system.deps, { name: 'The Daily', slug: 'the-daily' }, CLI_ACTOR);
});
afterAll(() => system.stop());

it('names every newsletter in the words that take back leaving all of them', async () => {
  const address = 'all@example.org';
  await becomeReader(system, address, ['the-daily', 'the-weekly']);
  const { id, subscriberId } = await subscriptionOf(system.deps, address);

  const page = await (
    await post(system, `${tokenPath(system.deps, 'unsubscribe', 'unsubscribe', id)}?scope=all`)
  ).text();
  await post(system, await rejoinPath(system.deps, id));

  const rows = await system.deps.db
    .selectFrom('consent_records as r')
    .innerJoin('consent_texts as t', 't.hash', 'r.consent_text')
    .select(['t.text'])
    .where('r.subscriber_id', '=', subscriberId)
    .where('r.action', '=', 'renewed')
    .execute();
  expect(rows).toHaveLength(2);
  for (const { text } of rows) {
    expect(text).toContain('The Daily and The Weekly');
    expect(page).toContain(text);
  }
});

it('tells both clicks of a double click that they are subscribed again', async () => {
  const address = 'double@example.org';
  await becomeReader(system, address);
  const { id, subscriberId } = await subscriptionOf(system.deps, address);
  await post(system, tokenPath(system.deps, 'unsubscribe', 'unsubscribe', id));
  const rejoin = await rejoinPath(system.deps, id);

  const answers = await Promise.all([post(system, rejoin), post(system, rejoin), post(system, rejoin)]);

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect((await actionsOf(system.deps, subscriberId)).filter((action) => action === 'renewed')).toHaveLength(1);
});

it('keeps the proof of a consent that mails went out on when its owner refuses a later request of a stranger', async () => {
  const address = 'former@example.org';
  await becomeReader(system, address);
  const { id, subscriberId } = await subscriptionOf(system.deps, address);
  await post(system, tokenPath(system.deps, 'unsubscribe', 'unsubscribe', id));
  clock.advance(86_400_000);
  await signUp(system, address);
  await decideSignups(system.deps);

  const { id: requestId } = await lastRequestOf(system.deps, address);
  await press(system, tokenPath(system.deps, 'not-me', 'not-me', requestId));

  const proofs = await system.deps.db
    .selectFrom('consent_personal as p')
    .innerJoin('consent_records as r', 'r.id', 'p.record_id')
    .select(['r.action', 'p.address'])
    .where('r.subscriber_id', '=', subscriberId)
    .where('r.action', '=', 'granted')
    .execute();
  expect(proofs).toEqual([{ action: 'granted', address }]);
  await signUp(system, address);
  await decideSignups(system.deps);
  expect((await lastRequestOf(system.deps, address)).decision).toBe('nothing');
});

it('records no other wording than the one that was on the page', async () => {
  const fields = { email: 'slow@example.org', newsletters: 'the-weekly', terms: 'true' };
  const versionOf = (html: string): string => /name="formVersion" value="(\w+)"/.exec(html)?.[1] ?? '';
  const opened = versionOf(await (await get(system, '/')).text());
  await system.deps.db.updateTable('newsletters').set({ cron: '0 8 * * 5' }).where('slug', '=', 'the-weekly').execute();
  clock.advance(2000);

  const outdated = await submitForm(system, { ...fields, formVersion: opened });

  expect(outdated.status).toBe(422);
  const page = await outdated.text();
  expect(page).toContain('has changed since you opened it');
  expect(page).toContain('value="slow@example.org"');
  expect(await requestsOf(system.deps, 'slow@example.org')).toEqual([]);
  expect((await submitForm(system, { ...fields, formVersion: versionOf(page) })).status).toBe(303);
});
