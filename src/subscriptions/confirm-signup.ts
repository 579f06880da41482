import { recordConsent } from '../consent/index.ts';
import type { Circumstances } from '../consent/index.ts';
import type { Doorbell } from '../jobs/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import { readToken } from '../shared/keyring.ts';
import type { Keyring } from '../shared/keyring.ts';
import type { Random } from '../shared/random.ts';
import { liftByConfirmation } from '../suppressions/index.ts';
import { adoptRequestDetails, closeRequest, findRequest } from './signups.repository.ts';
import type { SignupRequestState } from './signups.repository.ts';
import { activate } from './subscriptions.repository.ts';

export interface ReaderDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly keyring: Keyring;
  readonly doorbell: Doorbell;
}

export type ConfirmOutcome =
  | {
      readonly kind: 'open' | 'confirmed' | 'already-confirmed' | 'expired';
      readonly request: SignupRequestState;
    }
  | { readonly kind: 'invalid' };

/** What the link in the mail stands for now. Changes nothing: scanners open links (R35). */
export async function inspectConfirmation(
  deps: Pick<ReaderDeps, 'db' | 'clock' | 'keyring'>,
  token: string,
): Promise<ConfirmOutcome> {
  const id = readToken(deps.keyring, 'confirm', token);
  const request = id === undefined ? undefined : await findRequest(deps.db, id);
  if (request === undefined || request.status === 'refused') {
    return { kind: 'invalid' };
  }
  if (request.status === 'confirmed') {
    return { kind: 'already-confirmed', request };
  }
  const isOpen = request.status === 'open' && request.expiresAt > deps.clock.now();
  return { kind: isOpen ? 'open' : 'expired', request };
}

/**
 * The button on that page: grants exactly the newsletters of the request the mail was for. Twice is fine: the second time
 * changes nothing and says so. A 2xx means that it is committed.
 */
export async function confirmSignup(
  deps: ReaderDeps,
  token: string,
  circumstances: Pick<Circumstances, 'ip' | 'agent'>,
): Promise<ConfirmOutcome> {
  const id = readToken(deps.keyring, 'confirm', token);
  if (id === undefined) {
    return { kind: 'invalid' };
  }
  const now = deps.clock.now();
  const request = await deps.db.transaction().execute(async (tx) => {
    const closed = await closeRequest(tx, id, 'confirmed', now);
    if (closed !== undefined) {
      await activate(tx, closed.subscriberId, closed.newsletterIds, now);
      await adoptRequestDetails(tx, [closed.id]);
      await liftByConfirmation(tx, closed.subscriberId, now);
      await recordConsent(
        { db: tx, random: deps.random },
        {
          action: 'granted',
          subscriberId: closed.subscriberId,
          signupRequestId: closed.id,
          newsletterIds: closed.newsletterIds,
          address: closed.address,
          at: now,
          method: 'button',
          actor: 'subscriber',
          ...circumstances,
        },
      );
    }
    return closed;
  });
  if (request === undefined) {
    return inspectConfirmation(deps, token);
  }
  deps.doorbell.ring('decide-signups', {});
  return { kind: 'confirmed', request };
}
