import type { Db } from '../platform/postgres/index.ts';
import { forgetUnusedLimits } from './limits.repository.ts';
import { forgetEndedProcesses } from './signup-rates.repository.ts';

/** After that many days nothing is left of the average of a process that ended. */
const RATES_KEPT_MS = 7 * 86_400_000;

/** For the sweep: deletes what no longer limits anybody. */
export async function forgetSignupLimits(db: Db, now: Date): Promise<void> {
  await forgetUnusedLimits(db, now);
  await forgetEndedProcesses(db, new Date(now.getTime() - RATES_KEPT_MS));
}
