import { recordAudit } from '../audit/index.ts';
import type { Doorbell } from '../jobs/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import { KILL_SWITCH, RELEASE_HOLD } from './hold.ts';
import { deleteHold, insertStop, readHolds } from './holds.repository.ts';

export interface SteerDeps {
  readonly db: Db;
  readonly doorbell: Doorbell;
}

/**
 * The kill switch: within seconds no worker begins another mail, confirmations included. What is on the line is finished.
 * @returns false when all was stopped already
 */
export async function stopSending({ db }: Pick<SteerDeps, 'db'>, actor: Actor): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const isNew = await insertStop(tx, actor.label);
    if (isNew) {
      await recordAudit(tx, { actor, action: 'sending.stopped', subjectKind: 'system', subjectId: null });
    }
    return isNew;
  });
}

/** @returns false when nothing was stopped */
export function resumeSending(deps: SteerDeps, actor: Actor): Promise<boolean> {
  return endHold(deps, actor, KILL_SWITCH);
}

/**
 * Lets campaigns and issues go again after a restore or a long stop.
 * @returns false when they were not held
 */
export function releaseSending(deps: SteerDeps, actor: Actor): Promise<boolean> {
  return endHold(deps, actor, RELEASE_HOLD);
}

async function endHold(
  { db, doorbell }: SteerDeps,
  actor: Actor,
  key: typeof KILL_SWITCH | typeof RELEASE_HOLD,
): Promise<boolean> {
  const wasHeld = await db.transaction().execute(async (tx) => {
    const { stop, hold } = await readHolds(tx);
    const isOver = await deleteHold(tx, key);
    if (isOver) {
      const action = key === KILL_SWITCH ? 'sending.resumed' : 'sending.released';
      const details = key === KILL_SWITCH ? { since: stop?.since } : { reason: hold?.reason, since: hold?.since };
      await recordAudit(tx, { actor, action, subjectKind: 'system', subjectId: null, details });
    }
    return isOver;
  });
  for (const job of ['send-transactional', 'send-campaigns', 'send-digests', 'sweep'] as const) {
    doorbell.ring(job, {});
  }
  return wasHeld;
}
