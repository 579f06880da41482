import { recordWithdrawn } from '../consent/index.ts';
import type { Circumstances } from '../consent/index.ts';
import { readToken } from '../shared/keyring.ts';
import { suppressSubscribers } from '../suppressions/index.ts';
import type { ReaderDeps } from './confirm-signup.ts';
import { closeRequest, findRequest } from './signups.repository.ts';
import { deleteUnconfirmedSubscriber, dropPending, hasActiveSubscription } from './subscriptions.repository.ts';

/** The address behind a "This was not me" link until somebody has answered it; undefined otherwise. Changes nothing. */
export async function inspectRefusal(
  deps: Pick<ReaderDeps, 'db' | 'keyring'>,
  token: string,
): Promise<{ readonly address: string } | undefined> {
  const id = readToken(deps.keyring, 'not-me', token);
  const request = id === undefined ? undefined : await findRequest(deps.db, id);
  const isUnanswered = request?.status === 'open' || request?.status === 'expired';
  return isUnanswered ? { address: request.address } : undefined;
}

/**
 * "This was not me": closes the request, also one whose time is over, and forgets the person unless they read something else of
 * ours. Their address stays as a keyed hash among the manual suppressions, so that nobody can have us write to it again.
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
    const request = await closeRequest(tx, id, 'refused', now);
    if (request === undefined) {
      return;
    }
    const { subscriberId } = request;
    const isReader = await hasActiveSubscription(tx, subscriberId);
    const dropped = await dropPending(tx, subscriberId, request.newsletterIds, now);
    await recordWithdrawn(
      { db: tx, random: deps.random },
      {
        subscriberId,
        signupRequestId: request.id,
        newsletterIds: isReader ? dropped : request.newsletterIds,
        address: request.address,
        at: now,
        method: 'button',
        actor: 'subscriber',
        ...circumstances,
      },
    );
    if (!isReader) {
      await suppressSubscribers(tx, { subscriberIds: [subscriberId], reason: 'manual', source: 'not-me', now });
      await deleteUnconfirmedSubscriber(tx, subscriberId);
    }
  });
}
