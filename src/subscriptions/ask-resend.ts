import { readToken } from '../shared/keyring.ts';
import type { ReaderDeps } from './confirm-signup.ts';
import { insertResend, listResendTimes, RESEND_AFTER_MINUTES, RESENDS_PER_DAY } from './resends.repository.ts';
import { findRequest } from './signups.repository.ts';
import type { SignupRequestState } from './signups.repository.ts';

/** For how long the page after the form knows whom it is about. */
const STATUS_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** What the page after the form knows: from the request and the presses alone, never from the state of the address (S23). */
export interface SignupStatus {
  readonly request: SignupRequestState;
  /** When "send it again" works; null when it has been pressed as often as it can. */
  readonly resendAt: Date | null;
  /** It was pressed just now. */
  readonly isAskedAgain: boolean;
}

/** Undefined for an unknown token, and a day after the form. */
export async function inspectSignup(
  deps: Pick<ReaderDeps, 'db' | 'clock' | 'keyring'>,
  token: string,
): Promise<SignupStatus | undefined> {
  const id = readToken(deps.keyring, 'signup-status', token);
  const request = id === undefined ? undefined : await findRequest(deps.db, id);
  const now = deps.clock.now();
  if (request === undefined || now.getTime() - request.requestedAt.getTime() >= STATUS_MS) {
    return undefined;
  }
  const presses = await listResendTimes(deps.db, request.id, now);
  const last = presses.at(-1) ?? request.requestedAt;
  const resendAt = new Date(last.getTime() + RESEND_AFTER_MINUTES * MINUTE_MS);
  return {
    request,
    resendAt: presses.length < RESENDS_PER_DAY ? resendAt : null,
    isAskedAgain: presses.length > 0 && now < resendAt,
  };
}

/** Records the press when it is time for it; what it leads to is decided by the transactional lane. */
export async function askResend(deps: ReaderDeps, token: string): Promise<void> {
  const id = readToken(deps.keyring, 'signup-status', token);
  if (id !== undefined && (await insertResend(deps.db, id, deps.clock.now()))) {
    deps.doorbell.ring('decide-signups', {});
  }
}
