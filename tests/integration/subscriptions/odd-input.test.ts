import { afterAll, beforeAll, expect, it } from 'vitest';
import { createNewsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { decideSignups } from '../../../src/subscriptions/index.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { becomeReader, post, requestsOf, signUp, subscriptionOf, tokenPath } from './reader.ts';

const clock = createFakeClock();
let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false, clock });
});
afterAll(() => system.stop());

it('refuses characters that no text may hold before they can spoil the sign-ups of others', async () => {
  const answers = await Promise.all([
    signUp(system, 'nul@example.org', { form: 'a\0b' }),
    signUp(system, 'half@example.org', { form: 'a\uD800b' }),
    signUp(system, 'half@example.org', { name: 'a\uD800b' }),
    signUp(system, 'h\uD800@example.org'),
    signUp(system, 'whole@example.org'),
  ]);

  expect(answers.map(({ status }) => status)).toEqual([422, 422, 422, 422, 202]);
  await becomeReader(system, 'leaver@example.org');
  const { id } = await subscriptionOf(system.deps, 'leaver@example.org');
  const path = tokenPath(system.deps, 'unsubscribe', 'unsubscribe', id);
  await post(system, path);
  const reason = await post(system, `${path}/reason`, { reason: 'other', comment: 'a\0b' });
  expect(reason.status).toBe(400);
});

it('mails one confirmation also to an address that is typed in many times at once (R38)', async () => {
  const slugs = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  for (const slug of slugs) {
    await createNewsletter(system.deps, { name: slug, slug }, CLI_ACTOR);
  }
  // The form is read once a second.
  clock.advance(2000);
  for (const slug of slugs) {
    await signUp(system, 'burst@example.org', { newsletters: [slug] });
  }

  await decideSignups(system.deps);

  const decisions = (await requestsOf(system.deps, 'burst@example.org')).map(({ decision }) => decision);
  expect(decisions.filter((decision) => decision === 'confirmation')).toHaveLength(1);
});
