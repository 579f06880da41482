import { recordOutcomes } from '../deliveries/index.ts';
import type { AttemptOutcome, ClaimedDelivery, DeliveryOutcome } from '../deliveries/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { isDatabaseUnavailable, isRolledBack } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { DeliveryId, WorkerId } from '../shared/ids.ts';
import { suppressHardBounces } from '../suppressions/index.ts';
import type { Keyring } from '../shared/keyring.ts';
import { createBatcher } from '../shared/batcher.ts';
import type { Batcher } from '../shared/batcher.ts';
import { recordSettledConfirmations } from './record-confirmations.ts';

export interface SettledAttempt {
  readonly delivery: ClaimedDelivery;
  readonly workerId: WorkerId;
  readonly outcome: DeliveryOutcome;
}

interface SettleDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly keyring: Keyring;
  /** Aborted when the process must end even though outcomes could not be written. */
  readonly giveUp: AbortSignal;
}

/**
 * Writes outcomes in batches, and with them what follows: the consent record of a confirmation mail, the
 * suppression after a hard bounce. While the database is away it keeps the outcomes and tries again: they are known, and
 * losing them would make a mail ambiguous that is not.
 */
export function createSettler(deps: SettleDeps): Batcher<SettledAttempt, void> {
  return createBatcher(async (attempts) => {
    for (let waitMs = 100; ; waitMs = Math.min(waitMs * 2, 2000)) {
      try {
        await settle(deps, attempts);
        return attempts.map(() => undefined);
      } catch (error) {
        if (!(isDatabaseUnavailable(error) || isRolledBack(error)) || deps.giveUp.aborted) {
          throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  });
}

async function settle(deps: SettleDeps, attempts: readonly SettledAttempt[]): Promise<void> {
  const now = deps.clock.now();
  await deps.db.transaction().execute(async (tx) => {
    const settled = new Set<DeliveryId>();
    for (const [workerId, ofWorker] of Map.groupBy(attempts, (attempt) => attempt.workerId)) {
      const outcomes: AttemptOutcome[] = ofWorker.map(({ delivery, outcome }) => ({
        id: delivery.id,
        attempt: delivery.attempt,
        outcome,
      }));
      for (const id of await recordOutcomes(tx, { outcomes, workerId, now })) {
        settled.add(id);
      }
    }
    const changed = attempts.filter(({ delivery }) => settled.has(delivery.id));
    await recordSettledConfirmations(
      { db: tx, keyring: deps.keyring },
      changed.filter(({ delivery }) => delivery.kind === 'confirm').map(({ delivery }) => delivery.id),
      now,
    );
    const bounced = changed.filter(({ outcome }) => outcome.state === 'rejected' && outcome.suppress);
    await suppressHardBounces(
      tx,
      bounced.flatMap(({ delivery }) => delivery.subscriberId ?? []),
      now,
    );
  });
}
