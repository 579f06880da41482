import { noteOutcomes } from '../campaigns/index.ts';
import type { HaltVerdict } from '../campaigns/index.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { Keyring } from '../shared/keyring.ts';
import { recordSettledConfirmations } from './record-confirmations.ts';
import { meaningOf } from './replies/reasons.ts';
import { suppressAfterRejections } from './replies/suppress-after-rejections.ts';
import type { SettledAttempt } from './settled-attempt.ts';

/**
 * What follows from outcomes, in their transaction: the consent record of a confirmation mail, the suppression after a hard bounce, the count
 * against the campaign. Returns the campaigns that are to be halted once it is committed.
 */
export async function recordFollowUps(
  deps: { readonly db: DbOrTx; readonly keyring: Keyring },
  settled: readonly SettledAttempt[],
  now: Date,
): Promise<readonly HaltVerdict[]> {
  await recordSettledConfirmations(
    deps,
    settled.filter(({ delivery }) => delivery.kind === 'confirm').map(({ delivery }) => delivery.id),
    now,
  );
  const rejections = settled.flatMap(({ delivery: { subscriberId }, outcome }) =>
    outcome.state === 'rejected' ? { subscriberId, reason: outcome.reason } : [],
  );
  await suppressAfterRejections(deps.db, rejections, now);
  const outcomes = settled.flatMap(({ delivery: { campaignId }, outcome }) =>
    outcome.state === 'accepted' || outcome.state === 'rejected'
      ? { campaignId, class: outcome.state === 'rejected' ? meaningOf(outcome.reason)?.class : undefined }
      : [],
  );
  return noteOutcomes(deps.db, outcomes);
}
