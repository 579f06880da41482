import type { Logger } from '../platform/logging/index.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';
import { insertLongStopped } from './holds.repository.ts';

/** Longer than any restart or upgrade takes. */
const LONG_STOP_HOURS = 1;

/**
 * Before a worker says that it lives: when none has for over an hour, campaigns and issues wait for a person (T14). This may be
 * an old disk image that runs beside its successor, or what was due then may be of no use now. Confirmations go out as ever.
 */
export async function holdIfLongStopped(deps: { readonly db: DbOrTx; readonly log: Logger }): Promise<void> {
  if (await insertLongStopped(deps.db, LONG_STOP_HOURS)) {
    deps.log.warn('no worker ran for over an hour: campaigns and issues are held until somebody runs: courant release');
  }
}
