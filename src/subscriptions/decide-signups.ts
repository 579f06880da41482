import { planDeliveries, storeCompiledMail } from '../deliveries/index.ts';
import type { PlannedMail, StoredMail } from '../deliveries/index.ts';
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
import { lockUndecidedRequests, lockUnwelcomedRequests, markWelcomed, writeDecisions } from './signups.repository.ts';
import type { SignupDecision, UndecidedRequest } from './signups.repository.ts';

const AT_ONCE = 100;
/** A job stays far under the lock of the queue; what is left then is rung for again. */
const BATCHES_AT_MOST = 50;
/** A stranger's form must not become a weapon against a mailbox (R38). */
const CONFIRMATIONS_PER_DAY = 5;

export interface DecideDeps extends SignupMailDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly doorbell: Doorbell;
}

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

/** What one run of the job needs again and again: newsletters as they are now, and where their mails are stored. */
interface Run extends DecideDeps {
  readonly newsletters: ReadonlyMap<NewsletterId, Newsletter>;
  /** By template and newsletters: compiling and hashing once per variant, not once per reader. */
  readonly mailIds: Map<string, Promise<number>>;
}

/**
 * The job `decide-signups`: decides every waiting request and plans the welcome of every confirmed one. Safe to run twice and at
 * the same time: rows are locked, decision and delivery commit together. The lane is rung after each batch, so that the first
 * of a burst does not wait for the last.
 */
export async function decideSignups(deps: DecideDeps): Promise<void> {
  const newsletters = new Map((await listNewsletters(deps.db)).map((newsletter) => [newsletter.id, newsletter]));
  const run: Run = { ...deps, newsletters, mailIds: new Map() };
  for (const step of [decideBatch, welcomeBatch]) {
    for (let batch = 0, count = AT_ONCE; count === AT_ONCE; batch += 1) {
      if (batch === BATCHES_AT_MOST) {
        deps.doorbell.ring('decide-signups', {});
        break;
      }
      count = await deps.db.transaction().execute((tx) => step(run, tx));
      if (count > 0) {
        deps.doorbell.ring('send-transactional', {});
      }
    }
  }
}

async function decideBatch(run: Run, tx: Tx): Promise<number> {
  const now = run.clock.now();
  const requests = await lockUndecidedRequests(tx, now, AT_ONCE);
  const decided = requests.map((request) => ({
    request,
    wanted: request.newsletterIds.flatMap((id) => run.newsletters.get(id) ?? []),
  }));
  const decisions = decided.map(({ request, wanted }) => ({
    id: request.id,
    decision: wanted.length === 0 ? ('nothing' as const) : decideSignup(request),
  }));
  await writeDecisions(tx, decisions, now);
  const plans: PlannedMail[] = [];
  for (const [index, { request, wanted }] of decided.entries()) {
    const decision = decisions[index]?.decision ?? 'nothing';
    if (decision !== 'nothing') {
      plans.push({
        kind: decision === 'confirmation' ? 'confirm' : 'system',
        causeId: request.id,
        address: request.address,
        subscriberId: request.subscriberId,
        newsletterId: null,
        compiledMailId: await mailIdOf(run, tx, decision, wanted),
      });
    }
  }
  await planDeliveries({ ...run, db: tx }, plans);
  return requests.length;
}

async function welcomeBatch(run: Run, tx: Tx): Promise<number> {
  const requests = await lockUnwelcomedRequests(tx, AT_ONCE);
  const plans: PlannedMail[] = [];
  for (const { id, newsletterIds, address, subscriberId } of requests) {
    const newsletter = newsletterIds.map((one) => run.newsletters.get(one)).find((one) => one !== undefined);
    if (newsletter !== undefined) {
      const compiledMailId = await mailIdOf(run, tx, 'welcome', [newsletter]);
      plans.push({ kind: 'welcome', causeId: id, address, subscriberId, newsletterId: newsletter.id, compiledMailId });
    }
  }
  await planDeliveries({ ...run, db: tx }, plans);
  await markWelcomed(
    tx,
    requests.map(({ id }) => id),
    run.clock.now(),
  );
  return requests.length;
}

/** Stored outside the transaction of the batch: a mail that nobody gets harms nobody, and it may be wanted by the next. */
function mailIdOf(
  run: Run,
  tx: Tx,
  mail: Exclude<SignupDecision, 'nothing'> | 'welcome',
  newsletters: readonly Newsletter[],
): Promise<number> {
  const key = [mail, ...newsletters.map(({ id }) => id)].join(' ');
  const known = run.mailIds.get(key);
  if (known !== undefined) {
    return known;
  }
  const storing = compileFor(run, tx, mail, newsletters).then((stored) =>
    storeCompiledMail(run.db, stored, run.clock.now()),
  );
  run.mailIds.set(key, storing);
  return storing;
}

async function compileFor(
  run: Run,
  tx: Tx,
  mail: Exclude<SignupDecision, 'nothing'> | 'welcome',
  newsletters: readonly Newsletter[],
): Promise<StoredMail> {
  const [first] = newsletters;
  switch (mail) {
    case 'confirmation':
      return confirmationMail(run, newsletters);
    case 'already-subscribed':
      return alreadySubscribedMail(run, newsletters);
    case 'welcome':
      if (first === undefined) {
        throw new Error('a welcome without a newsletter');
      }
      return welcomeMail(run, first, await findLatestIssue(run, tx, first));
    default:
      return mail satisfies never;
  }
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
