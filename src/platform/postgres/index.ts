export type { Database, Db, DbOrTx, Tx } from './database.ts';
export { GuardedClient } from './guarded-client.ts';
export { migrate } from './migrate.ts';
export {
  isDatabaseUnavailable,
  isRolledBack,
  isUniqueViolation,
  isUnstorableText,
  openDatabase,
  pingDatabase,
} from './pool.ts';
export type { OpenDatabase } from './pool.ts';
