import { readBounceLimits } from '../../bounce-limits/index.ts';
import { listRepeatedFailures } from '../../deliveries/index.ts';
import type { DbOrTx } from '../../platform/postgres/index.ts';
import type { SubscriberId } from '../../shared/ids.ts';
import { suppressHardBounces } from '../../suppressions/index.ts';
import { meaningOf, reasonsWith } from './reasons.ts';
import type { AddressVerdict } from './reply-table.ts';

const DAY_MS = 86_400_000;
/** A bare 550 is never believed on one event; the second within a year is. */
const UNKNOWN_IN_WORDS = { atLeast: 2, days: 365 };

export interface Rejection {
  readonly subscriberId: SubscriberId | null;
  readonly reason: string;
}

/**
 * Closes the addresses that were refused for good: at once, or because it happened before. Call it in the transaction that wrote the
 * rejections, since it counts them.
 */
export async function suppressAfterRejections(db: DbOrTx, rejections: readonly Rejection[], now: Date): Promise<void> {
  const refused = (verdict: AddressVerdict): SubscriberId[] =>
    rejections
      .filter(({ reason }) => meaningOf(reason)?.address === verdict)
      .flatMap(({ subscriberId }) => subscriberId ?? []);
  const closed = refused('suppress');
  const inWords = refused('suppress-when-repeated');
  if (inWords.length > 0) {
    closed.push(
      ...(await listRepeated(db, {
        subscriberIds: inWords,
        verdict: 'suppress-when-repeated',
        ...UNKNOWN_IN_WORDS,
        now,
      })),
    );
  }
  const soft = refused('count');
  if (soft.length > 0) {
    const { softFailures: atLeast, softDays: days } = await readBounceLimits(db);
    closed.push(...(await listRepeated(db, { subscriberIds: soft, verdict: 'count', atLeast, days, now })));
  }
  await suppressHardBounces(db, closed, now);
}

function listRepeated(
  db: DbOrTx,
  asked: {
    readonly subscriberIds: readonly SubscriberId[];
    readonly verdict: AddressVerdict;
    readonly atLeast: number;
    readonly days: number;
    readonly now: Date;
  },
): Promise<readonly SubscriberId[]> {
  return listRepeatedFailures(db, {
    subscriberIds: asked.subscriberIds,
    reasons: reasonsWith(asked.verdict),
    since: new Date(asked.now.getTime() - asked.days * DAY_MS),
    atLeast: asked.atLeast,
  });
}
