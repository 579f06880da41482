import { recordConsent } from '../consent/index.ts';
import type { Circumstances, ShownWording } from '../consent/index.ts';
import type { NewsletterId } from '../shared/ids.ts';
import type { PreferenceDeps } from './preference-deps.ts';
import { PAUSE_WEEKS } from './reader.ts';
import type { Reader } from './reader.ts';
import { setPause } from './readers.repository.ts';

const DAY_MS = 86_400_000;

/** What a page offers: whole days from today, so that the same choice on two pages is the same wish. */
export interface PauseChoice {
  readonly weeks: number;
  readonly until: Date;
}

/** A pause ends at the beginning of a day, UTC. */
export function listPauseChoices(now: Date): readonly PauseChoice[] {
  const today = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  return PAUSE_WEEKS.map((weeks) => ({ weeks, until: new Date(today + weeks * 7 * DAY_MS) }));
}

export interface PauseWish {
  /** Null: all of them. */
  readonly newsletterId: NewsletterId | null;
  /** Null: go on now. */
  readonly until: Date | null;
}

/**
 * Pauses active subscriptions until a day; issues of that time are never sent later. The wish is a day and no duration, so that a
 * double click, a second tab or the back button lead to the same. A mail's own link can only make a pause longer.
 */
export async function pauseSubscriptions(
  deps: Pick<PreferenceDeps, 'db' | 'clock' | 'random'>,
  reader: Reader,
  wish: PauseWish,
  options: { readonly mayShorten: boolean } & Pick<Circumstances, 'ip' | 'agent'> & ShownWording,
): Promise<'changed' | 'unchanged' | 'too-long'> {
  const { mayShorten, ...circumstances } = options;
  const now = deps.clock.now();
  const until = wish.until !== null && wish.until > now ? wish.until : null;
  // A page that was opened yesterday offers what ends a day earlier, never later.
  if (until !== null && until > (listPauseChoices(now).at(-1)?.until ?? now)) {
    return 'too-long';
  }
  if (until === null && !mayShorten) {
    return 'unchanged';
  }
  return deps.db.transaction().execute(async (tx) => {
    const { newsletterId } = wish;
    const newsletterIds = await setPause(tx, { subscriberId: reader.id, newsletterId, until, mayShorten, now });
    if (newsletterIds.length === 0) {
      return 'unchanged';
    }
    await recordConsent(
      { db: tx, random: deps.random },
      {
        action: 'changed',
        subscriberId: reader.id,
        newsletterIds,
        address: reader.address,
        at: now,
        method: 'button',
        actor: 'subscriber',
        details: { pausedUntil: until?.toISOString() ?? null },
        ...circumstances,
      },
    );
    return 'changed';
  });
}
