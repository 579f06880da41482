import { isDatabaseUnavailable } from '../platform/postgres/index.ts';
import { AppError, asError, settingError, unavailable } from '../shared/app-error.ts';

/** PostgreSQL: disk_full. */
const DISK_FULL = '53100';
/** invalid_password, invalid_authorization_specification, and a database that is not there. */
const NO_ENTRY = new Set(['28P01', '28000', '3D000']);
const INSUFFICIENT_PRIVILEGE = '42501';

/** In the words of somebody who has to do something about it. The transaction was undone, whatever it was. */
export function explainRestoreFailure(thrown: unknown, signal: AbortSignal | undefined): Error {
  const error = asError(thrown);
  const { code } = error as { code?: unknown };
  if (signal?.aborted === true) {
    return new AppError('conflict', 'cancelled', 'nothing was restored; the database is as empty as before', {
      cause: error,
    });
  }
  if (error instanceof AppError) {
    return error;
  }
  if (code === DISK_FULL || code === 'ENOSPC') {
    return unavailable('disk_full', 'the disk of the database is full; nothing was restored', error);
  }
  if (typeof code === 'string' && NO_ENTRY.has(code)) {
    return settingError('DATABASE_URL', `PostgreSQL refuses: ${error.message}`);
  }
  if (code === INSUFFICIENT_PRIVILEGE) {
    return settingError('DATABASE_URL', `its user may not make tables there (${error.message}); nothing was restored`);
  }
  if (isDatabaseUnavailable(error)) {
    return unavailable('database_unavailable', 'PostgreSQL went away or does not answer; nothing was restored', error);
  }
  return new AppError('conflict', 'restore_failed', `nothing was restored: ${reasonOf(error)}`, { cause: error });
}

/** Of a migration that failed, what the database said. Its detail may hold a reader's values and stays away. */
function reasonOf(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
