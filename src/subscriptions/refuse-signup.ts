import { hasEverConsented, recordConsent } from '../consent/index.ts';
import type { Circumstances } from '../consent/index.ts';
import { forgetPerson } from '../erasure/index.ts';
import type { Tx } from '../platform/postgres/index.ts';
import type { NewsletterId } from '../shared/ids.ts';
import { readToken } from '../shared/keyring.ts';
import { suppressSubscribers } from '../suppressions/index.ts';
import type { ReaderDeps } from './confirm-signup.ts';
import { closeRequest, findRequest } from './signups.repository.ts';
import type { SignupRequestState } from './signups.repository.ts';
import { deactivate, dropPending, hasActiveSubscription } from './subscriptions.repository.ts';

/** The address behind a "This was not me" link until somebody has answered it; undefined otherwise. Changes nothing. */
export async function inspectRefusal(
  deps: Pick<ReaderDeps, 'db' | 'keyring'>,
  token: string,
): Promise<{ readonly address: string; readonly locale: string | null } | undefined> {
  const id = readToken(deps.keyring, 'not-me', token);
  const request = id === undefined ? undefined : await findRequest(deps.db, id);
  return request !== undefined && request.status !== 'refused'
    ? { address: request.address, locale: request.locale }
    : undefined;
}

/**
 * "This was not me": closes the request, also one whose time is over, and forgets the person unless they read something of ours
 * or once did: then the consent of that time must stay provable. Their address stays as a keyed hash among the manual suppressions, so that nobody can have us write to it again. Once
 * the request was confirmed (a scanner may have pressed the button) it ends what that request had granted.
 * Idempotent; the answer is the same whatever the token.
 */
export async function refuseSignup(
  deps: ReaderDeps,
  token: string,
  circumstances: Pick<Circumstances, 'ip' | 'agent'>,
): Promise<void> {
  const id = readToken(deps.keyring, 'not-me', token);
  if (id === undefined) {
    return;
  }
  const now = deps.clock.now();
  await deps.db.transaction().execute(async (tx) => {
    const closed = await closeRequest(tx, id, 'refused', now);
    const request = closed ?? (await findRequest(tx, id));
    if (request === undefined || request.status === 'open') {
      return;
    }
    const { subscriberId } = request;
    const isReader = await hasActiveSubscription(tx, subscriberId);
    const ended =
      closed === undefined
        ? await endGranted(tx, request, now)
        : await dropPending(tx, subscriberId, request.newsletterIds, now);
    const isForgotten = closed !== undefined && !isReader;
    await recordConsent(
      { db: tx, random: deps.random },
      {
        action: 'withdrawn',
        subscriberId,
        signupRequestId: request.id,
        newsletterIds: isForgotten ? request.newsletterIds : ended,
        address: request.address,
        at: now,
        method: 'button',
        actor: 'subscriber',
        ...circumstances,
      },
    );
    if (isForgotten) {
      await suppressSubscribers(tx, { subscriberIds: [subscriberId], reason: 'manual', source: 'not-me', now });
      if (!(await hasEverConsented(tx, subscriberId))) {
        await forgetPerson(
          { db: tx, random: deps.random },
          { subscriberId, reason: 'not-me', method: 'link', actor: 'subscriber', at: now },
        );
      }
    }
  });
}

function endGranted(tx: Tx, request: SignupRequestState, now: Date): Promise<readonly NewsletterId[]> {
  return request.status === 'confirmed'
    ? deactivate(tx, request.subscriberId, request.newsletterIds, now)
    : Promise.resolve([]);
}
