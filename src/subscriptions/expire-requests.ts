import { recordExpired } from '../consent/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { countSince } from './decide-signup.ts';
import { closeExpiredRequests, deleteConfirmationMails } from './expirations.repository.ts';

const AT_ONCE = 500;
/** A job stays far under the lock of the queue; the next sweep goes on. */
const BATCHES_AT_MOST = 20;

/**
 * Closes requests whose link is over, with the records that say so. What waited for them ends: a subscription that was left once
 * is left again, one that never began is gone. The persons themselves are deleted by retention.
 */
export async function expireRequests(db: Db, now: Date): Promise<void> {
  for (let batch = 0, count = AT_ONCE; count === AT_ONCE && batch < BATCHES_AT_MOST; batch += 1) {
    count = await db.transaction().execute(async (tx) => {
      const { closedCount, expirations } = await closeExpiredRequests(tx, now, AT_ONCE);
      await recordExpired(tx, expirations, now);
      return closedCount;
    });
  }
  await deleteConfirmationMails(db, countSince(now));
}
