import { recordAudit } from '../audit/index.ts';
import { bringForward } from '../deliveries/index.ts';
import type { Doorbell } from '../jobs/index.ts';
import { SENDING_LANES } from '../jobs/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import { notFound } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { LimitScope, SendingLimit } from './limit.ts';
import { deleteLimit, upsertLimit } from './limits.repository.ts';

interface Deps {
  readonly db: Db;
  readonly clock: Clock;
  readonly doorbell: Doorbell;
}

/** Workers hear of it within two seconds. What the limit before had put off is looked at again. */
export async function setLimit(
  deps: Deps,
  order: { readonly scope: LimitScope; readonly limit: SendingLimit; readonly actor: Actor },
): Promise<void> {
  const { scope, limit, actor } = order;
  const now = deps.clock.now();
  await deps.db.transaction().execute(async (tx) => {
    const before = await upsertLimit(tx, { scope, ...limit }, now);
    await bringForward(tx, now);
    const details = { before: before ?? null, after: limit };
    await recordAudit(tx, { actor, action: 'limit.set', subjectKind: 'limit', subjectId: scope, details });
  });
  ringLanes(deps.doorbell);
}

/** @throws AppError `limit_not_found`. */
export async function clearLimit(
  deps: Deps,
  order: { readonly scope: LimitScope; readonly actor: Actor },
): Promise<void> {
  const { scope, actor } = order;
  const now = deps.clock.now();
  await deps.db.transaction().execute(async (tx) => {
    const before = await deleteLimit(tx, scope);
    if (before === undefined) {
      throw notFound('limit_not_found', `No limit is set for ${scope}.`);
    }
    await bringForward(tx, now);
    await recordAudit(tx, {
      actor,
      action: 'limit.cleared',
      subjectKind: 'limit',
      subjectId: scope,
      details: { before },
    });
  });
  ringLanes(deps.doorbell);
}

function ringLanes(doorbell: Doorbell): void {
  SENDING_LANES.forEach((lane) => doorbell.ring(`send-${lane}`, {}));
}
