import { recordAudit } from '../audit/index.ts';
import type { Db, DbOrTx } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import type { Clock } from '../shared/clock.ts';
import { DEFAULT_BOUNCE_LIMITS, bounceLimitChangesSchema } from './bounce-limits.ts';
import type { BounceLimitChanges, BounceLimits } from './bounce-limits.ts';
import { selectLimits, storeLimits } from './bounce-limits.repository.ts';

/** What was stored by another version and is not understood counts as not set: outcomes must be written whatever stands there. */
export async function readBounceLimits(db: DbOrTx): Promise<BounceLimits> {
  const stored = bounceLimitChangesSchema.safeParse((await selectLimits(db)) ?? {});
  return merge(DEFAULT_BOUNCE_LIMITS, stored.data ?? {});
}

function merge(limits: BounceLimits, changes: BounceLimitChanges): BounceLimits {
  return {
    window: changes.window ?? limits.window,
    hardPercent: changes.hardPercent ?? limits.hardPercent,
    hardAtLeast: changes.hardAtLeast ?? limits.hardAtLeast,
    refusedPercent: changes.refusedPercent ?? limits.refusedPercent,
    refusedAtLeast: changes.refusedAtLeast ?? limits.refusedAtLeast,
    softFailures: changes.softFailures ?? limits.softFailures,
    softDays: changes.softDays ?? limits.softDays,
  };
}

/** What is left out stays. Every worker knows with the next refusal. */
export async function changeBounceLimits(
  deps: { readonly db: Db; readonly clock: Clock },
  changes: BounceLimitChanges,
  actor: Actor,
): Promise<BounceLimits> {
  return deps.db.transaction().execute(async (tx) => {
    const before = await readBounceLimits(tx);
    const after = merge(before, changes);
    await storeLimits(tx, after, deps.clock.now());
    await recordAudit(tx, {
      actor,
      action: 'bounce_limits.changed',
      subjectKind: 'setting',
      subjectId: 'bounce_limits',
      details: { before, after },
    });
    return after;
  });
}
