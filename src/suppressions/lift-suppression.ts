import { recordAudit } from '../audit/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import { conflict, notFound } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import { lockSuppression, markLifted } from './suppression-list.repository.ts';
import { mayAdminLift } from './suppression.ts';

/**
 * Opens an address again by hand. It brings no subscription back: whoever had left stays away until they sign up themselves.
 * @throws AppError `suppression_not_found`, `suppression_not_liftable` for complaints and erasures, `suppression_lifted` when
 * it is open no more.
 */
export async function liftSuppression(
  deps: { readonly db: Db; readonly clock: Clock },
  lift: { readonly id: number; readonly why: string; readonly actor: Actor },
): Promise<void> {
  const { id, why, actor } = lift;
  await deps.db.transaction().execute(async (tx) => {
    const suppression = await lockSuppression(tx, id);
    if (suppression === undefined) {
      throw notFound('suppression_not_found', 'There is no such suppression.');
    }
    const { reason } = suppression;
    if (!mayAdminLift(reason)) {
      throw conflict(
        'suppression_not_liftable',
        reason === 'erasure'
          ? 'This person asked to be forgotten. Only they can come back, by signing up and confirming.'
          : 'This reader reported a mail as spam. It stays closed.',
      );
    }
    if (suppression.liftedAt !== null) {
      throw conflict('suppression_lifted', 'This suppression was lifted before.');
    }
    await markLifted(tx, id, deps.clock.now());
    await recordAudit(tx, {
      actor,
      action: 'suppression.lifted',
      subjectKind: 'suppression',
      subjectId: id,
      details: { reason, why, subscriberId: suppression.subscriberId },
    });
  });
}
