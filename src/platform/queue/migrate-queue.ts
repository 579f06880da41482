import { PostgresConnection, SchemaVersionMismatchError, UnsupportedPostgresVersionError } from 'bullmq';
import { settingError } from '../../shared/app-error.ts';
import { queuePoolConfig } from './postgres-link.ts';

/**
 * Brings BullMQ's own schema up to date; several processes may do it at once. Nothing else ever changes it.
 * @throws AppError `setting_invalid` when the database was migrated by a newer version, or is too old a PostgreSQL.
 */
export async function migrateQueue(databaseUrl: string): Promise<void> {
  // No time limit on statements here: a migration may take its time.
  const { query_timeout: _, ...config } = queuePoolConfig(databaseUrl, 'producer');
  const connection = new PostgresConnection({ ...config, migrate: true });
  try {
    await connection.waitUntilReady();
  } catch (error) {
    if (error instanceof SchemaVersionMismatchError) {
      throw settingError('DATABASE_URL', 'its queue belongs to a newer version of Courant; start that version');
    }
    if (error instanceof UnsupportedPostgresVersionError) {
      throw settingError('DATABASE_URL', `needs PostgreSQL ${error.minimumVersion} or newer`);
    }
    throw error;
  } finally {
    await connection.close();
  }
}
