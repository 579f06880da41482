import type { DbOrTx } from '../platform/postgres/index.ts';
import type { AlertReason } from './alert.ts';
import { selectRaised } from './alerts.repository.ts';
import { findReasons } from './find-reasons.ts';

/** Something that an admin should look at. */
export interface Alert extends AlertReason {
  /** Null: found just now, and not raised yet because no worker runs. Nothing to dismiss so far. */
  readonly id: number | null;
}

/** What is the matter now, less what admins have dismissed. */
export async function readAlerts(db: DbOrTx, now: Date): Promise<readonly Alert[]> {
  const reasons = (await findReasons(db, now)).filter(({ isOver }) => !isOver);
  const raised = await selectRaised(db, reasons);
  return reasons.flatMap((reason) => {
    const row = raised.find(
      ({ newsletterId, kind, periodAt }) =>
        newsletterId === reason.newsletterId &&
        kind === reason.kind &&
        periodAt.getTime() === reason.periodAt.getTime(),
    );
    return row?.isDismissed === true ? [] : [{ ...reason, id: row?.id ?? null }];
  });
}

/** For those who watch from outside: how many alerts of each kind, and how late the latest issue is. */
export async function countAlerts(
  db: DbOrTx,
  now: Date,
): Promise<readonly { readonly newsletter: string; readonly kind: string; readonly lateSeconds: number }[]> {
  const alerts = await readAlerts(db, now);
  return alerts.map(({ newsletterSlug, kind, periodAt }) => ({
    newsletter: newsletterSlug,
    kind,
    lateSeconds: kind === 'late' ? Math.round((now.getTime() - periodAt.getTime()) / 1000) : 0,
  }));
}
