import type { Db } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import { insertAlerts } from './alerts.repository.ts';
import { findReasons } from './find-reasons.ts';

/** Writes down what is the matter, each thing once, for admins to be told of it. */
export async function raiseAlerts(deps: { readonly db: Db; readonly clock: Clock }): Promise<void> {
  const now = deps.clock.now();
  await insertAlerts(deps.db, await findReasons(deps.db, now), now);
}
