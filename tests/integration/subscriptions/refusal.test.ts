import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyConsent, sealConsentRecords } from '../../../src/consent/index.ts';
import { createNewsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { decideSignups, expireRequests } from '../../../src/subscriptions/index.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import {
  actionsOf,
  becomeReader,
  get,
  lastRequestOf,
  mailsPlannedTo,
  press,
  requestsOf,
  signUp,
  statusesOf,
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

/** A stranger types the address; the link is in the mail that its owner gets. */
async function notMeLink(address: string, newsletters = ['the-weekly']): Promise<string> {
  await signUp(system, address, { newsletters });
  await decideSignups(system.deps);
  return tokenPath(system.deps, 'not-me', 'not-me', (await lastRequestOf(system.deps, address)).id);
}

/** Every table in which the address still stands. */
async function tracesOf(address: string): Promise<readonly string[]> {
  const { rows } = await sql<{ place: string }>`
    select 'subscribers' as place from subscribers where address = ${address}
    union all select 'consent_personal' from consent_personal where address = ${address}
    union all select 'deliveries' from deliveries where address = ${address}`.execute(system.deps.db);
  return rows.map(({ place }) => place);
}

describe('"This was not me"', () => {
  it('changes nothing when it is opened', async () => {
    const link = await notMeLink('opened@example.org');

    const answers = [await get(system, link), await get(system, link, 'HEAD')];

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await answers[0]?.text()).toContain('o•••@example.org');
    expect(await statusesOf(system.deps, 'opened@example.org')).toEqual(['the-weekly:pending']);
  });

  it('deletes the person and every value of theirs, and the mail that was on its way', async () => {
    const address = 'stranger@example.org';
    const link = await notMeLink(address);
    const { subscriberId } = await lastRequestOf(system.deps, address);
    expect(await tracesOf(address)).toEqual(['subscribers', 'consent_personal', 'deliveries']);

    const response = await press(system, link);

    expect(response.status).toBe(200);
    expect(await response.text()).toContain('Deleted');
    expect(await tracesOf(address)).toEqual([]);
    expect(await actionsOf(system.deps, subscriberId)).toEqual(['requested', 'withdrawn', 'erased']);
    const open = await system.deps.db
      .selectFrom('deliveries')
      .select('state')
      .where('subscriber_id', '=', subscriberId)
      .execute();
    expect(open).toEqual([{ state: 'cancelled' }]);
    await sealConsentRecords(system.deps);
    expect(await verifyConsent(system.deps)).toMatchObject({ kind: 'intact' });
  });

  it('keeps everybody from having us write to the address again, for ever', async () => {
    const address = 'never@example.org';
    await press(system, await notMeLink(address));
    clock.advance(400 * DAY);

    const response = await signUp(system, 'NEVER@example.org');
    await decideSignups(system.deps);

    expect([response.status, await response.text()]).toEqual([202, '{"status":"accepted"}']);
    expect((await requestsOf(system.deps, 'NEVER@example.org')).map(({ decision }) => decision)).toEqual(['nothing']);
    expect(await mailsPlannedTo(system.deps, 'NEVER@example.org')).toEqual([]);
  });

  it('is fine twice, and ends the confirmation link', async () => {
    const link = await notMeLink('twice@example.org');
    const confirm = tokenPath(
      system.deps,
      'confirm',
      'confirm',
      (await lastRequestOf(system.deps, 'twice@example.org')).id,
    );

    const answers = [await press(system, link), await press(system, link), await get(system, link)];

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect([(await get(system, confirm)).status, (await press(system, confirm)).status]).toEqual([404, 404]);
  });

  it('answers the same for a token that nobody made', async () => {
    const known = await (await press(system, await notMeLink('same@example.org'))).text();

    const unknown = await press(system, '/not-me/nonsense');

    expect([unknown.status, await unknown.text()]).toEqual([200, known]);
  });

  it('works after the confirmation link is over, too', async () => {
    const link = await notMeLink('holiday@example.org');
    clock.advance(8 * DAY);
    await expireRequests(system.deps.db, clock.now());

    await press(system, link);

    expect(await tracesOf('holiday@example.org')).toEqual([]);
    await signUp(system, 'holiday@example.org');
    await decideSignups(system.deps);
    expect((await lastRequestOf(system.deps, 'holiday@example.org')).decision).toBe('nothing');
  });

  it('takes from a reader only what was asked for in their name', async () => {
    const address = 'reader@example.org';
    await becomeReader(system, address);
    const link = await notMeLink(address, ['the-daily']);

    await press(system, link);

    expect(await statusesOf(system.deps, address)).toEqual(['the-daily:unsubscribed', 'the-weekly:active']);
    const { subscriberId } = await lastRequestOf(system.deps, address);
    expect(await actionsOf(system.deps, subscriberId)).toEqual(['requested', 'granted', 'requested', 'withdrawn']);
  });

  it('ends what was confirmed, since a scanner may have pressed the button, and records it once', async () => {
    const address = 'confirmed@example.org';
    await becomeReader(system, address);
    const { id, subscriberId } = await lastRequestOf(system.deps, address);
    const link = tokenPath(system.deps, 'not-me', 'not-me', id);

    await press(system, link);
    await press(system, link);

    expect(await statusesOf(system.deps, address)).toEqual(['the-weekly:unsubscribed']);
    expect((await actionsOf(system.deps, subscriberId)).filter((action) => action === 'withdrawn')).toHaveLength(1);
  });
});
