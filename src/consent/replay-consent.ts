import type { NewsletterId, SignupRequestId } from '../shared/ids.ts';

/** What the records alone say about a person and a newsletter. `asked`: a request is open that nobody has answered. */
export type ReplayedStatus = 'asked' | 'active' | 'ended';

export interface ReplayedRecord {
  readonly action: string;
  readonly purpose: string;
  readonly newsletterId: NewsletterId | null;
  readonly signupRequestId: SignupRequestId | null;
}

interface Replay {
  isActive: boolean;
  /** Requests of one import have no id. */
  readonly open: Set<SignupRequestId | null>;
}

/**
 * The subscriptions of one person, derived from their records in the order of their ids. The table `subscriptions` is kept beside
 * the ledger because sending reads it; it never says anything else.
 */
export function replayConsent(records: readonly ReplayedRecord[]): ReadonlyMap<NewsletterId, ReplayedStatus> {
  const replays = new Map<NewsletterId, Replay>();
  for (const record of records) {
    const { newsletterId } = record;
    if (record.purpose === 'newsletter' && newsletterId !== null) {
      const replay = replays.get(newsletterId) ?? { isActive: false, open: new Set() };
      follow(replay, record);
      replays.set(newsletterId, replay);
    }
  }
  return new Map([...replays].map(([newsletterId, replay]) => [newsletterId, statusOf(replay)]));
}

/** Leaving ends what was granted; a request that was made before and is still undecided stays one, and still needs its click. */
function follow(replay: Replay, { action, signupRequestId }: ReplayedRecord): void {
  switch (action) {
    case 'requested':
      replay.open.add(signupRequestId);
      return;
    case 'granted':
    case 'renewed':
      replay.isActive = true;
      replay.open.delete(signupRequestId);
      return;
    case 'withdrawn':
      replay.isActive = false;
      replay.open.delete(signupRequestId);
      return;
    case 'expired':
      // Recorded when nothing newer is open, so older ones are over too.
      for (const id of replay.open) {
        if (id !== null && signupRequestId !== null && id <= signupRequestId) {
          replay.open.delete(id);
        }
      }
      return;
    default:
  }
}

function statusOf({ isActive, open }: Replay): ReplayedStatus {
  if (isActive) {
    return 'active';
  }
  return open.size > 0 ? 'asked' : 'ended';
}

/** Which rows fit. Whether a request led to a confirmation mail, and so to a pending row, is no matter of consent. */
const FITTING: Readonly<Record<ReplayedStatus, readonly (string | undefined)[]>> = {
  active: ['active'],
  asked: ['pending', 'unsubscribed', undefined],
  ended: ['unsubscribed', undefined],
};

/** True when a subscription (undefined: there is none) says nothing else than the records. */
export function fitsReplay(replayed: ReplayedStatus | undefined, status: string | undefined): boolean {
  return replayed === undefined ? status === undefined : FITTING[replayed].includes(status);
}
