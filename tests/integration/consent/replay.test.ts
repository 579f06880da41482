import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fitsReplay, replayConsent } from '../../../src/consent/replay-consent.ts';
import type { ReplayedRecord } from '../../../src/consent/replay-consent.ts';
import { createNewsletter } from '../../../src/newsletters/index.ts';
import { eraseSubscriber } from '../../../src/rights/index.ts';
import { sealConsentRecords, verifyConsent } from '../../../src/consent/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { NewsletterId, SignupRequestId, SubscriberId, SubscriptionId } from '../../../src/shared/ids.ts';
import { deriveMomentToken, deriveToken } from '../../../src/shared/keyring.ts';
import type { TokenPurpose } from '../../../src/shared/keyring.ts';
import { confirmSignup } from '../../../src/subscriptions/confirm-signup.ts';
import { grantWaiting, offerWaiting } from '../../../src/subscriptions/grant-waiting.ts';
import { decideSignups, endSubscriptions, expireRequests } from '../../../src/subscriptions/index.ts';
import { leaveNewsletter, rejoinNewsletter } from '../../../src/subscriptions/leave-newsletter.ts';
import { refuseSignup } from '../../../src/subscriptions/refuse-signup.ts';
import { findRequest } from '../../../src/subscriptions/signups.repository.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { TERMS } from '../subscriptions/reader.ts';

const NEWSLETTERS = ['the-weekly', 'the-daily', 'the-open'] as const;
const NOBODY = { ip: null, agent: null };
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const WALKS = 8;
const STEPS = 25;
const DEADLINE_MS = 120_000;

const clock = createFakeClock();
let system: TestSystem;
let visitors = 0;

beforeAll(async () => {
  system = await startTestSystem({
    worker: false,
    clock,
    environment: { TRUST_PROXY: 'loopback', SIGNUP_PROOF_OF_WORK: 'off' },
  });
  await createNewsletter(system.deps, { name: 'The Daily', slug: 'the-daily' }, CLI_ACTOR);
  await createNewsletter(
    system.deps,
    { name: 'The Open', slug: 'the-open', optIn: 'single', optInReason: 'Readers of the print edition only.' },
    CLI_ACTOR,
  );
});
afterAll(() => system.stop());

type Step =
  | { readonly kind: 'ask'; readonly newsletters: readonly string[] }
  | { readonly kind: 'decide' | 'forget' | 'grant-waiting' | 'end-all' }
  | { readonly kind: 'confirm' | 'refuse'; readonly pick: number }
  | { readonly kind: 'leave' | 'leave-all' | 'rejoin'; readonly pick: number }
  | { readonly kind: 'wait'; readonly ms: number };

const pick = fc.nat({ max: 9 });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('ask' as const),
      newsletters: fc.subarray([...NEWSLETTERS], { minLength: 1 }),
    }),
  },
  { weight: 6, arbitrary: fc.constant({ kind: 'decide' as const }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('confirm' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('refuse' as const), pick }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom('leave' as const, 'leave-all' as const, 'rejoin' as const), pick }),
  },
  { weight: 2, arbitrary: fc.constantFrom({ kind: 'grant-waiting' as const }, { kind: 'end-all' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'forget' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(MINUTE, 20 * MINUTE, 1.1 * DAY, 8 * DAY),
    }),
  },
);

interface Person {
  readonly address: string;
}

async function rowsOf<Row>(person: Person, what: ReturnType<typeof sql>): Promise<readonly Row[]> {
  const { rows } =
    await sql<Row>`${what} join subscribers s on s.id = t.subscriber_id where s.address = ${person.address} order by t.id`.execute(
      system.deps.db,
    );
  return rows;
}

const requestsOf = (person: Person): Promise<readonly { id: SignupRequestId }[]> =>
  rowsOf(person, sql`select t.id from signup_requests t`);
const subscriptionsOf = (
  person: Person,
): Promise<readonly { id: SubscriptionId; subscriberId: SubscriberId; newsletterId: NewsletterId; status: string }[]> =>
  rowsOf(
    person,
    sql`select t.id, t.subscriber_id as "subscriberId", t.newsletter_id as "newsletterId", t.status from subscriptions t`,
  );

const tokenOf = (purpose: TokenPurpose, id: number | undefined): string =>
  deriveToken(system.deps.keyring, purpose, id ?? 0);

/** Everything a reader, the clock or an admin may do, through the product. */
async function take(person: Person, step: Step): Promise<void> {
  const { deps } = system;
  const picked = <T>(rows: readonly T[]): T | undefined =>
    rows['pick' in step ? step.pick % Math.max(rows.length, 1) : 0];
  switch (step.kind) {
    case 'ask':
      return ask(person, step.newsletters);
    case 'decide':
      return decideSignups(deps);
    case 'confirm':
      await confirmSignup(deps, tokenOf('confirm', picked(await requestsOf(person))?.id), { ...NOBODY, page: null });
      return;
    case 'refuse':
      return refuseSignup(deps, tokenOf('not-me', picked(await requestsOf(person))?.id), NOBODY);
    case 'leave':
    case 'leave-all': {
      const subscription = picked(await subscriptionsOf(person));
      const circumstances = { ...NOBODY, method: 'link' as const, page: null };
      await leaveNewsletter(
        deps,
        tokenOf('unsubscribe', subscription?.id),
        step.kind === 'leave' ? 'one' : 'all',
        circumstances,
      );
      return;
    }
    case 'rejoin':
      return rejoin(picked(await subscriptionsOf(person))?.id);
    case 'grant-waiting':
      return grantWaitingOf(person);
    case 'end-all': {
      const [first] = await subscriptionsOf(person);
      if (first !== undefined) {
        await endSubscriptions(deps, { ...person, ...first }, null, { ...NOBODY, method: 'admin', actor: 'admin:1' });
      }
      return;
    }
    case 'forget': {
      const [first] = await subscriptionsOf(person);
      if (first !== undefined) {
        await eraseSubscriber(deps, { subscriberId: first.subscriberId, actor: 'subscriber', method: 'button' });
      }
      return;
    }
    case 'wait':
      clock.advance(step.ms);
      return expireRequests(deps.db, clock.now());
    default:
      return step satisfies never;
  }
}

async function ask(person: Person, newsletters: readonly string[]): Promise<void> {
  visitors += 1;
  const response = await fetch(`${system.url}/api/v1/subscriptions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-forwarded-for': `20.${(visitors >> 8) & 255}.${visitors & 255}.1`,
    },
    body: JSON.stringify({ email: person.address, ...TERMS, newsletters }),
  });
  expect([response.status, await response.text()]).toEqual([202, '{"status":"accepted"}']);
}

async function rejoin(id: SubscriptionId | undefined): Promise<void> {
  const row = await system.deps.db
    .selectFrom('subscriptions')
    .select('unsubscribed_at')
    .where('id', '=', id ?? (0 as SubscriptionId))
    .executeTakeFirst();
  if (row !== undefined && row.unsubscribed_at !== null && id !== undefined) {
    const token = deriveMomentToken(system.deps.keyring, 'rejoin', { rowId: id, at: row.unsubscribed_at });
    await rejoinNewsletter(system.deps, token, 'en', NOBODY);
  }
}

/** Ticks everything that the page after the newest click offers. */
async function grantWaitingOf(person: Person): Promise<void> {
  for (const { id } of await requestsOf(person)) {
    const request = await findRequest(system.deps.db, id);
    const offer = request?.status === 'confirmed' ? await offerWaiting(system.deps, request) : undefined;
    if (offer !== undefined) {
      const page = {
        confirmToken: tokenOf('confirm', id),
        token: offer.token,
        choices: offer.newsletters,
        localeFor: () => 'en',
      };
      await grantWaiting(system.deps, page, NOBODY);
    }
  }
}

function keyOf({ subscriberId, newsletterId }: Pick<Declared, 'subscriberId' | 'newsletterId'>): string {
  return `${subscriberId} ${newsletterId ?? ''}`;
}

type Declared = ReplayedRecord & { readonly subscriberId: SubscriberId };

/** For whoever reads a failure. */
function actionsOf(records: readonly Declared[], key: string): readonly string[] {
  return records
    .filter((record) => keyOf(record) === key)
    .map(({ action, signupRequestId }) => `${action} ${signupRequestId ?? ''}`);
}

/** Whatever the table says that the records do not. */
async function findContradictions(): Promise<readonly unknown[]> {
  const { rows: records } = await sql<Declared>`
    select subscriber_id as "subscriberId", newsletter_id as "newsletterId", signup_request_id as "signupRequestId", action, purpose
      from consent_records order by id`.execute(system.deps.db);
  const { rows: subscriptions } = await sql<{ subscriberId: SubscriberId; newsletterId: NewsletterId; status: string }>`
    select subscriber_id as "subscriberId", newsletter_id as "newsletterId", status from subscriptions`.execute(
    system.deps.db,
  );
  const statuses = new Map(subscriptions.map((one) => [keyOf(one), one.status]));
  const replays = Map.groupBy(records, ({ subscriberId }) => subscriberId);
  const replayed = new Map(
    [...replays].flatMap(([subscriberId, ofOne]) =>
      [...replayConsent(ofOne)].map(
        ([newsletterId, status]) => [keyOf({ subscriberId, newsletterId }), status] as const,
      ),
    ),
  );
  return [...new Set([...statuses.keys(), ...replayed.keys()])]
    .map((key) => ({ key, table: statuses.get(key), ledger: replayed.get(key), actions: actionsOf(records, key) }))
    .filter(({ table, ledger }) => !fitsReplay(ledger, table));
}

it(
  'derives every subscription from the ledger, whatever readers, the clock and admins do',
  async () => {
    let walks = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat({ max: 1 }), anyStep), { minLength: STEPS, maxLength: STEPS }),
        async (steps) => {
          walks += 1;
          const people = [0, 1].map((index) => ({ address: `walker-${walks}-${index}@example.org` }));
          for (const [index, one] of steps) {
            await take(people[index] ?? { address: '' }, one);

            const contradictions = await findContradictions();

            expect({ after: one, contradictions }).toEqual({ after: one, contradictions: [] });
          }
        },
      ),
      { numRuns: WALKS, seed: 20_261_122, endOnFailure: true },
    );
    const { rows } = await sql<{ action: string }>`select distinct action from consent_records order by 1`.execute(
      system.deps.db,
    );
    expect(rows.map(({ action }) => action)).toEqual([
      'erased',
      'expired',
      'granted',
      'renewed',
      'requested',
      'withdrawn',
    ]);
    await sealConsentRecords(system.deps);
    expect(await verifyConsent(system.deps)).toMatchObject({ kind: 'intact', unsealed: 0 });
  },
  DEADLINE_MS,
);
