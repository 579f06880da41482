import { recordConsent } from '../consent/index.ts';
import { planDeliveries } from '../deliveries/index.ts';
import type { PlannedMail } from '../deliveries/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import type { Tx } from '../platform/postgres/index.ts';
import type { NewsletterId, SignupRequestId, SubscriberId } from '../shared/ids.ts';
import { hashAddress } from '../shared/keyring.ts';
import { hashesOf, retryAt } from './decide-run.ts';
import type { BatchResult, DecideRun } from './decide-run.ts';
import { countSince, decideSignup } from './decide-signup.ts';
import type { SignupVerdict } from './decide-signup.ts';
import {
  countConfirmationMails,
  insertConfirmationMails,
  lockUndecidedRequests,
  nextCauseId,
  writeDecisions,
} from './decisions.repository.ts';
import type { UndecidedRequest } from './decisions.repository.ts';
import { adoptRequestDetails, postponeRequests } from './signups.repository.ts';

interface Decided extends SignupVerdict {
  readonly id: SignupRequestId;
  readonly request: UndecidedRequest;
  readonly newsletters: readonly Newsletter[];
}

/** Decides waiting requests; decisions, what follows from them and the mails commit together. */
export async function decideBatch(run: DecideRun, tx: Tx, limit: number): Promise<BatchResult> {
  const now = run.clock.now();
  const locked = await lockUndecidedRequests(tx, now, limit);
  const requests = locked.filter(({ isBehind }) => !isBehind);
  const counts = await countConfirmationMails(
    tx,
    requests.map((request) => hashesOf(run, request)),
    countSince(now),
  );
  const { plans, planned, failed } = await planMails(run, decideInTurn(run, requests, counts));
  await writeDecisions(tx, planned, now);
  await grantSingle(run, tx, planned, now);
  plans.push(...(await welcomeSingle(run, tx, planned)));
  await planDeliveries({ ...run, db: tx }, plans);
  const confirmed = planned.filter(({ decision }) => decision === 'confirmation');
  await insertConfirmationMails(
    tx,
    confirmed.map(({ request }) => hashAddress(run.keyring, request.addressKey)),
    now,
  );
  await postponeRequests(tx, failed, retryAt(now));
  return { settled: requests.length, isFull: locked.length === limit || requests.length < locked.length };
}

/** What earlier requests of the batch change for the later ones of the same person: a burst must not pass as one (R38). */
interface Standing {
  readonly activeIds: Set<NewsletterId>;
  hasOpenConfirmation: boolean;
  hasOlderUnconfirmed: boolean;
  wasToldThisWeek: boolean;
}

function decideInTurn(
  run: DecideRun,
  requests: readonly UndecidedRequest[],
  counts: readonly number[],
): readonly Decided[] {
  const standings = new Map<SubscriberId, Standing>();
  return requests.map((request, index) => {
    const standing = standings.get(request.subscriberId) ?? {
      activeIds: new Set(),
      hasOpenConfirmation: false,
      hasOlderUnconfirmed: false,
      wasToldThisWeek: false,
    };
    const newsletters = request.newsletterIds.flatMap((id) => run.newsletters.get(id) ?? []);
    const verdict = decideSignup({
      newsletters,
      activeIds: new Set([...request.activeIds, ...standing.activeIds]),
      leftIds: new Set(request.leftIds),
      suppressions: request.suppressions,
      hasOpenConfirmation: request.hasOpenConfirmation || standing.hasOpenConfirmation,
      hasOlderUnconfirmed: request.hasOlderUnconfirmed || standing.hasOlderUnconfirmed,
      wasToldThisWeek: request.wasToldThisWeek || standing.wasToldThisWeek,
      confirmationCount: counts[index] ?? 0,
    });
    verdict.grantedIds.forEach((id) => standing.activeIds.add(id));
    standing.hasOpenConfirmation ||= verdict.decision === 'confirmation';
    standing.hasOlderUnconfirmed ||= verdict.pendingIds.length > 0;
    standing.wasToldThisWeek ||= verdict.decision === 'already-subscribed' || verdict.decision === 'single';
    standings.set(request.subscriberId, standing);
    return { ...verdict, id: request.id, request, newsletters };
  });
}

/** One mail that cannot be made holds nobody but itself: its request stays undecided until later. */
async function planMails(
  run: DecideRun,
  decided: readonly Decided[],
): Promise<{
  readonly plans: PlannedMail[];
  readonly planned: readonly Decided[];
  readonly failed: readonly SignupRequestId[];
}> {
  const plans: PlannedMail[] = [];
  const planned: Decided[] = [];
  const failed: SignupRequestId[] = [];
  for (const one of decided) {
    const { decision, request, newsletters } = one;
    if (decision !== 'confirmation' && decision !== 'already-subscribed') {
      planned.push(one);
      continue;
    }
    const compiledMailId = await run.tryMailId(request.id, decision, newsletters, request.locale);
    if (compiledMailId === undefined) {
      failed.push(request.id);
      continue;
    }
    planned.push(one);
    plans.push({
      kind: decision === 'confirmation' ? 'confirm' : 'system',
      causeId: request.id,
      address: request.address,
      subscriberId: request.subscriberId,
      newsletterId: null,
      compiledMailId,
    });
  }
  return { plans, planned, failed };
}

/** Single opt-in: the grant names the setting as its ground, and nobody as who declared it. */
async function grantSingle(run: DecideRun, tx: Tx, decided: readonly Decided[], now: Date): Promise<void> {
  const granted = decided.filter(({ grantedIds }) => grantedIds.length > 0);
  for (const { request, grantedIds } of granted) {
    for (const newsletterId of grantedIds) {
      await recordConsent(
        { db: tx, random: run.random },
        {
          action: 'granted',
          subscriberId: request.subscriberId,
          signupRequestId: request.id,
          newsletterIds: [newsletterId],
          address: request.address,
          at: now,
          method: 'system',
          actor: 'system',
          ip: null,
          agent: null,
          details: { optIn: 'single', reason: run.newsletters.get(newsletterId)?.optInReason ?? '' },
        },
      );
    }
  }
  // Of somebody who is a reader already a stranger's form changes nothing.
  const first = granted.filter(({ request }) => request.isFirst).map(({ id }) => id);
  if (first.length > 0) {
    await adoptRequestDetails(tx, first);
  }
}

/** Where the rest of the request waits for its confirmation: its own welcome comes after that, so this one has its own cause. */
async function welcomeSingle(run: DecideRun, tx: Tx, decided: readonly Decided[]): Promise<readonly PlannedMail[]> {
  const plans: PlannedMail[] = [];
  for (const { decision, request, newsletters, grantedIds } of decided) {
    const newsletter = newsletters.find(({ id }) => grantedIds.includes(id));
    if (decision === 'single' || newsletter === undefined) {
      continue;
    }
    const compiledMailId = await run.tryMailId(request.id, 'welcome', [newsletter], request.locale);
    if (compiledMailId !== undefined) {
      const { address, subscriberId } = request;
      const causeId = await nextCauseId(tx);
      plans.push({ kind: 'welcome', causeId, address, subscriberId, newsletterId: newsletter.id, compiledMailId });
    }
  }
  return plans;
}
