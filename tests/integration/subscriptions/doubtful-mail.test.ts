import { afterAll, beforeAll, expect, it } from 'vitest';
import { recordForgottenConfirmations } from '../../../src/sending/index.ts';
import type { SignupRequestId } from '../../../src/shared/ids.ts';
import { decideSignups } from '../../../src/subscriptions/index.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { lastRequestOf, press, signUp, tokenPath } from './reader.ts';

const clock = createFakeClock();
let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false, clock });
});
afterAll(() => system.stop());

/** A request whose mail left, but the connection broke before the server answered. */
async function askAndLoseTheReply(address: string): Promise<SignupRequestId> {
  await signUp(system, address);
  await decideSignups(system.deps);
  const { id } = await lastRequestOf(system.deps, address);
  await system.deps.db
    .updateTable('deliveries')
    .set({ state: 'ambiguous', reason: 'reply_never_came', attempt: 1, dot_at: clock.now(), settled_at: clock.now() })
    .where('kind', '=', 'confirm')
    .where('cause_id', '=', id)
    .execute();
  return id;
}

function mailsOf(id: SignupRequestId): Promise<readonly object[]> {
  return system.deps.db
    .selectFrom('deliveries')
    .select(['state', 'reason'])
    .where('kind', '=', 'confirm')
    .where((eb) =>
      eb.or([
        eb('cause_id', '=', id),
        eb('cause_id', 'in', eb.selectFrom('confirmation_resends').select('id').where('mailed_request_id', '=', id)),
      ]),
    )
    .orderBy('id')
    .execute();
}

async function pressFor(id: SignupRequestId): Promise<number> {
  return (await press(system, tokenPath(system.deps, 'confirm', 'confirm', id))).status;
}

it('takes the press as proof that a mail in doubt arrived, and puts that into the ledger of consent', async () => {
  const id = await askAndLoseTheReply('doubt@example.org');

  expect(await pressFor(id)).toBe(200);

  expect(await mailsOf(id)).toEqual([{ state: 'accepted', reason: 'confirmed_by_reader' }]);
  await recordForgottenConfirmations(system.deps);
  await recordForgottenConfirmations(system.deps);
  const records = await system.deps.db
    .selectFrom('consent_records')
    .select('details')
    .where('signup_request_id', '=', id)
    .where('action', '=', 'confirmation_sent')
    .execute();
  expect(records).toMatchObject([{ details: { outcome: 'accepted', reason: 'confirmed_by_reader' } }]);
});

it('concludes nothing while another mail may have brought the link', async () => {
  const id = await askAndLoseTheReply('two@example.org');
  const { db } = system.deps;
  const { id: resend } = await db
    .insertInto('confirmation_resends')
    .values({ request_id: id, asked_at: clock.now(), decided_at: clock.now(), mailed_request_id: id })
    .returning('id')
    .executeTakeFirstOrThrow();
  const { id: _id, ...first } = await db
    .selectFrom('deliveries')
    .selectAll()
    .where('cause_id', '=', id)
    .executeTakeFirstOrThrow();
  await db
    .insertInto('deliveries')
    .values({ ...first, cause_id: resend, state: 'accepted', reason: null })
    .execute();

  expect(await pressFor(id)).toBe(200);

  expect(await mailsOf(id)).toMatchObject([{ state: 'ambiguous' }, { state: 'accepted' }]);
});
