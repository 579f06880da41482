import type { Newsletter } from '../newsletters/index.ts';
import type { NewsletterId } from '../shared/ids.ts';
import type { SuppressionReason } from '../suppressions/index.ts';

/**
 * What the transactional lane makes of a request.
 *
 * | decision           | what is mailed                                                                                |
 * |--------------------|-----------------------------------------------------------------------------------------------|
 * | confirmation       | the confirmation mail of this request                                                         |
 * | single             | the welcome: every newsletter of it was granted at once                                       |
 * | waiting            | nothing: another mail of today is open, and the page after its click lists this one unticked  |
 * | already-subscribed | a note, once a week                                                                           |
 * | nothing            | nothing                                                                                       |
 */
export type SignupDecision = 'confirmation' | 'single' | 'waiting' | 'already-subscribed' | 'nothing';

/** Confirmation mails that an address gets, resends included, whoever types it (R38). */
export const CONFIRMATIONS_AT_MOST = 5;
const CONFIRMATIONS_WITHIN_DAYS = 90;

export interface SignupFacts {
  readonly newsletters: readonly Pick<Newsletter, 'id' | 'optIn'>[];
  readonly activeIds: ReadonlySet<NewsletterId>;
  /** All that they left and do not read again: whoever left anything is asked by a confirmation only. */
  readonly leftIds: ReadonlySet<NewsletterId>;
  /** The reasons for which the address is suppressed now. */
  readonly suppressions: readonly SuppressionReason[];
  /** A confirmation mailed in the last 24 hours waits for its click. */
  readonly hasOpenConfirmation: boolean;
  /** An earlier request that nobody has confirmed: whoever owns the address has not said yes so far. */
  readonly hasOlderUnconfirmed: boolean;
  /** Of being subscribed: by that note, or by a welcome without confirmation. */
  readonly wasToldThisWeek: boolean;
  readonly confirmationCount: number;
}

export interface SignupVerdict {
  readonly decision: SignupDecision;
  /** Granted without a confirmation, because their publisher chose so. */
  readonly grantedIds: readonly NewsletterId[];
  readonly pendingIds: readonly NewsletterId[];
}

const NOTHING: SignupVerdict = { decision: 'nothing', grantedIds: [], pendingIds: [] };

/** Each newsletter its own way: single opt-in only where nothing at all speaks against it. */
export function decideSignup(facts: SignupFacts): SignupVerdict {
  const isShut = facts.suppressions.some((reason) => reason === 'manual' || reason === 'complaint');
  if (isShut || facts.newsletters.length === 0) {
    return NOTHING;
  }
  const wanted = facts.newsletters.filter(({ id }) => !facts.activeIds.has(id));
  if (wanted.length === 0) {
    return facts.wasToldThisWeek ? NOTHING : { ...NOTHING, decision: 'already-subscribed' };
  }
  const isUnknown = facts.suppressions.length === 0 && !facts.hasOlderUnconfirmed && facts.leftIds.size === 0;
  const isGranted = ({ optIn }: (typeof wanted)[number]): boolean => isUnknown && optIn === 'single';
  const grantedIds = wanted.filter(isGranted).map(({ id }) => id);
  const pendingIds = wanted.filter((newsletter) => !isGranted(newsletter)).map(({ id }) => id);
  if (pendingIds.length === 0) {
    return { decision: 'single', grantedIds, pendingIds };
  }
  if (facts.hasOpenConfirmation) {
    return { decision: 'waiting', grantedIds, pendingIds };
  }
  return facts.confirmationCount >= CONFIRMATIONS_AT_MOST
    ? { decision: 'nothing', grantedIds, pendingIds: [] }
    : { decision: 'confirmation', grantedIds, pendingIds };
}

/** Mails before this are forgotten. */
export function countSince(now: Date): Date {
  return new Date(now.getTime() - CONFIRMATIONS_WITHIN_DAYS * 86_400_000);
}
