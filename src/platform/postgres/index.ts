export { openBulkSession } from './bulk-session.ts';
export type { BulkSession } from './bulk-session.ts';
export type { Database, Db, DbOrTx, Tx } from './database.ts';
export { GuardedClient } from './guarded-client.ts';
export { listMigrations, migrate, migrateWithin } from './migrate.ts';
export type { MigrationMark } from './migrate.ts';
export {
  isDatabaseUnavailable,
  isForeignKeyViolation,
  isNotNullViolation,
  isRolledBack,
  isUniqueViolation,
  isUnstorableText,
  openDatabase,
  pingDatabase,
} from './pool.ts';
export type { OpenDatabase } from './pool.ts';
