import { PERSONAL_FIELDS, recordErased } from '../consent/index.ts';
import { foldDeliveries, forgetWorkers } from '../deliveries/index.ts';
import { forgetPerson } from '../erasure/index.ts';
import type { ForgetReason } from '../erasure/index.ts';
import type { Db, DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { SubscriberId } from '../shared/ids.ts';
import type { Random } from '../shared/random.ts';
import { suppressSubscribers } from '../suppressions/index.ts';
import { limitsAt } from './retention-rules.ts';
import {
  claimRun,
  deleteErasures,
  deleteOverRequests,
  finishRun,
  listLongGone,
  listUnconfirmed,
  listWithOldNetworks,
  lockEndedEvidence,
  lockSubscriber,
  restrictValuesOfLeavers,
} from './retention.repository.ts';
import type { Whom } from './retention.repository.ts';

const EVERY_HOURS = 24;
/** A run that began longer ago and has not ended was cut off. */
const AT_IT_HOURS = 2;
const AT_ONCE = 500;
const ROWS_AT_ONCE = 10_000;
/** A day's run looks back this much further than the last one's end, for what committed late. */
const LOOK_BACK_MS = 86_400_000;

export interface RetentionDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * The job `apply-retention`: deletes what may not be kept any longer, once a day. Each step takes small batches, each in a
 * transaction of its own, so a run that is cut off has done what it has done and the next one goes on. Two at once do no harm.
 */
export async function applyRetention(deps: RetentionDeps): Promise<void> {
  const now = deps.clock.now();
  const run = await claimRun(deps.db, now, { everyHours: EVERY_HOURS, atItHours: AT_IT_HOURS });
  if (run === undefined) {
    return;
  }
  const limits = limitsAt(now);
  const since = new Date((run.endedBefore ?? new Date(0)).getTime() - LOOK_BACK_MS);
  await restrictValuesOfLeavers(deps.db, since, now);
  await forgetEach(deps, 'never-confirmed', (db, whom) => listUnconfirmed(db, limits.unconfirmed, whom));
  await untilDone(ROWS_AT_ONCE, () => deleteOverRequests(deps.db, limits.unconfirmed, ROWS_AT_ONCE));
  await eraseOldNetworks(deps, limits.networks);
  await forgetEach(deps, 'evidence-over', (db, whom) => listLongGone(db, limits.evidence, whom));
  await eraseEndedEvidence(deps, now);
  await untilDone(ROWS_AT_ONCE, () => foldDeliveries(deps.db, limits.deliveries, ROWS_AT_ONCE));
  await forgetWorkers(deps.db, limits.workers);
  await finishRun(deps.db, deps.clock.now());
}

/**
 * One transaction for each person: a sign-up of the same person waits for one, not for five hundred. Under the lock it is asked
 * again whether they are to go: they may have signed up since.
 */
async function forgetEach(
  deps: RetentionDeps,
  reason: ForgetReason,
  list: (db: DbOrTx, whom: Whom) => Promise<readonly SubscriberId[]>,
): Promise<void> {
  await untilDone(AT_ONCE, async () => {
    const subscriberIds = await list(deps.db, { limit: AT_ONCE });
    for (const subscriberId of subscriberIds) {
      await deps.db.transaction().execute(async (tx) => {
        await lockSubscriber(tx, subscriberId);
        const [still] = await list(tx, { only: subscriberId });
        if (still !== undefined) {
          const forgetting = { subscriberId, reason, method: 'system', actor: 'system', at: deps.clock.now() } as const;
          if (reason === 'evidence-over') {
            // They had left: an old file must not bring them back, only their own click.
            await suppressSubscribers(tx, {
              subscriberIds: [subscriberId],
              reason: 'erasure',
              source: reason,
              now: forgetting.at,
            });
          }
          await forgetPerson({ db: tx, random: deps.random }, forgetting);
        }
      });
    }
    return subscriberIds.length;
  });
}

function eraseOldNetworks(deps: RetentionDeps, before: Date): Promise<void> {
  return untilDone(1, () =>
    deps.db.transaction().execute(async (tx) => {
      const subscriberIds = await listWithOldNetworks(tx, before, AT_ONCE);
      await erase(deps, tx, { subscriberIds, fields: ['ip', 'agent'], before, reason: 'retention' });
      return subscriberIds.length;
    }),
  );
}

/** The records themselves hold no value of a person and stay in the chain. */
function eraseEndedEvidence(deps: RetentionDeps, now: Date): Promise<void> {
  return untilDone(AT_ONCE, () =>
    deps.db.transaction().execute(async (tx) => {
      const subscriberIds = await lockEndedEvidence(tx, now, AT_ONCE);
      await erase(deps, tx, { subscriberIds, fields: PERSONAL_FIELDS, reason: 'evidence-over' });
      await deleteErasures(tx, subscriberIds);
      return subscriberIds.length;
    }),
  );
}

async function erase(
  deps: RetentionDeps,
  tx: Tx,
  erasure: Pick<Parameters<typeof recordErased>[1], 'subscriberIds' | 'fields' | 'before' | 'reason'>,
): Promise<void> {
  await recordErased(tx, { ...erasure, method: 'system', actor: 'system', at: deps.clock.now() });
}

/** Again and again while a step finds as much as it may take at once. */
async function untilDone(most: number, step: () => Promise<number>): Promise<void> {
  while ((await step()) >= most) {
    // The next batch.
  }
}
