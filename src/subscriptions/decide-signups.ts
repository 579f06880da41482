import { planDelivery } from '../deliveries/index.ts';
import type { Doorbell } from '../jobs/index.ts';
import { issueUrl, listPublishedIssues } from '../digests/index.ts';
import { listNewsletters } from '../newsletters/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import type { Db, Tx } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { NewsletterId } from '../shared/ids.ts';
import type { Keyring } from '../shared/keyring.ts';
import { alreadySubscribedMail, confirmationMail, welcomeMail } from './signup-mails.ts';
import type { SignupMailDeps } from './signup-mails.ts';
import {
  lockUndecidedRequests,
  lockUnwelcomedRequests,
  markDecided,
  markWelcomed,
  upsertPending,
} from './signups.repository.ts';
import type { UndecidedRequest } from './signups.repository.ts';

const AT_ONCE = 50;
/** A stranger's form must not become a weapon against a mailbox (R38). */
const CONFIRMATIONS_PER_DAY = 5;

export interface DecideDeps extends SignupMailDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly doorbell: Doorbell;
}

export type SignupDecision = 'confirmation' | 'already-subscribed' | 'nothing';

/**
 * What a request leads to. New or pending: a confirmation for exactly its newsletters. All active: a note, once a week. Nothing
 * while the address is shut, after a double click, or when the day's confirmations are used up.
 */
export function decideSignup(
  request: Pick<
    UndecidedRequest,
    'newsletterIds' | 'activeIds' | 'isShut' | 'isRepeat' | 'confirmationsToday' | 'wasToldThisWeek'
  >,
): SignupDecision {
  if (request.isShut) {
    return 'nothing';
  }
  if (request.newsletterIds.every((id) => request.activeIds.includes(id))) {
    return request.wasToldThisWeek ? 'nothing' : 'already-subscribed';
  }
  return request.isRepeat || request.confirmationsToday >= CONFIRMATIONS_PER_DAY ? 'nothing' : 'confirmation';
}

/**
 * The job `decide-signups`: decides every waiting request and plans the welcome of every confirmed one. Safe to run twice and at
 * the same time: rows are locked, decision and delivery commit together.
 */
export async function decideSignups(deps: DecideDeps): Promise<void> {
  const newsletters = new Map((await listNewsletters(deps.db)).map((newsletter) => [newsletter.id, newsletter]));
  let planned = 0;
  for (let count = AT_ONCE; count === AT_ONCE;) {
    count = await deps.db.transaction().execute((tx) => decideBatch(deps, tx, newsletters));
    planned += count;
  }
  for (let count = AT_ONCE; count === AT_ONCE;) {
    count = await deps.db.transaction().execute((tx) => welcomeBatch(deps, tx, newsletters));
    planned += count;
  }
  if (planned > 0) {
    deps.doorbell.ring('send-transactional', {});
  }
}

async function decideBatch(
  deps: DecideDeps,
  tx: Tx,
  newsletters: ReadonlyMap<NewsletterId, Newsletter>,
): Promise<number> {
  const now = deps.clock.now();
  const requests = await lockUndecidedRequests(tx, now, AT_ONCE);
  for (const request of requests) {
    const wanted = request.newsletterIds.flatMap((id) => newsletters.get(id) ?? []);
    const decision = wanted.length === 0 ? 'nothing' : decideSignup(request);
    await markDecided(tx, request.id, decision, now);
    if (decision === 'nothing') {
      continue;
    }
    if (decision === 'confirmation') {
      await upsertPending(tx, request.subscriberId, request.newsletterIds, now);
    }
    const isConfirmation = decision === 'confirmation';
    await planDelivery(
      { ...deps, db: tx },
      {
        kind: isConfirmation ? 'confirm' : 'system',
        causeId: request.id,
        address: request.address,
        subscriberId: request.subscriberId,
        newsletterId: null,
        mail: await (isConfirmation ? confirmationMail(deps, wanted) : alreadySubscribedMail(deps, wanted)),
      },
    );
  }
  return requests.length;
}

async function welcomeBatch(
  deps: DecideDeps,
  tx: Tx,
  newsletters: ReadonlyMap<NewsletterId, Newsletter>,
): Promise<number> {
  const requests = await lockUnwelcomedRequests(tx, AT_ONCE);
  for (const request of requests) {
    const newsletter = request.newsletterIds.map((id) => newsletters.get(id)).find((one) => one !== undefined);
    if (newsletter !== undefined) {
      await planDelivery(
        { ...deps, db: tx },
        {
          kind: 'welcome',
          causeId: request.id,
          address: request.address,
          subscriberId: request.subscriberId,
          newsletterId: newsletter.id,
          mail: await welcomeMail(deps, newsletter, await findLatestIssue(deps, tx, newsletter)),
        },
      );
    }
    await markWelcomed(tx, request.id, deps.clock.now());
  }
  return requests.length;
}

async function findLatestIssue(
  deps: DecideDeps,
  tx: Tx,
  newsletter: Newsletter,
): Promise<{ readonly title: string; readonly url: string } | undefined> {
  const [latest] = await listPublishedIssues(tx, newsletter.id, 1);
  return latest === undefined
    ? undefined
    : { title: latest.title, url: issueUrl(deps.config.publicUrl, newsletter.slug, latest.number) };
}
