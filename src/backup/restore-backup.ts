import { RELEASE_HOLD } from '../holds/index.ts';
import type { BulkSession } from '../platform/postgres/index.ts';
import { listMigrations, migrateWithin, openBulkSession } from '../platform/postgres/index.ts';
import { AppError, conflict } from '../shared/app-error.ts';
import type { OpenBackup } from './backup-file.ts';
import type { BackupHeader } from './backup-header.ts';
import { MAILED_SEQUENCES, RESTORE_LEAP } from './backup-scope.ts';
import { readConsentHead } from './catalog.repository.ts';
import { explainRestoreFailure } from './explain-restore-failure.ts';
import { countRowsIn, notABackup } from './frames.ts';
import type { Frame } from './frames.ts';
import {
  copyInStatement,
  emptyTables,
  fenceWorkers,
  findTable,
  listInsertTriggers,
  noteRestore,
  setSequences,
  switchTriggers,
} from './restore.repository.ts';

export interface RestoreOptions {
  /** The last thing before the commit: what has to be there once the data are. */
  readonly beforeCommit?: (() => Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((rows: number, total: number) => void) | undefined;
}

export interface RestoreReport {
  readonly createdAt: string;
  readonly tables: number;
  readonly rows: number;
  /** Of the backup; the database has the newest now. */
  readonly schemaVersion: number;
}

/**
 * Loads a backup into an empty database in one transaction: the schema of then, the rows, the checks, the migrations since.
 * Whatever goes wrong, the database stays as empty as it was. Campaigns and issues are held until somebody releases them.
 * @throws AppError `backup_newer_than_code`, `database_not_empty`, `restore_incomplete`, `disk_full`, `cancelled`
 */
export async function restoreBackup(
  databaseUrl: string,
  backup: OpenBackup,
  options: RestoreOptions,
): Promise<RestoreReport> {
  const { header } = backup;
  await refuseForeignSchema(header);
  let session: BulkSession | undefined;
  try {
    session = await openBulkSession(databaseUrl, 'restore');
    await session.query('begin');
    await restoreWithin(session, backup, options);
    await options.beforeCommit?.();
    await session.query('commit');
  } catch (error) {
    throw explainRestoreFailure(error, options.signal);
  } finally {
    await session?.close();
  }
  return {
    createdAt: header.createdAt,
    tables: header.tables.length,
    rows: rowsOf(header),
    schemaVersion: schemaVersionOf(header),
  };
}

async function restoreWithin(session: BulkSession, backup: OpenBackup, options: RestoreOptions): Promise<void> {
  const { header } = backup;
  const version = schemaVersionOf(header);
  await refuseFull(session, header);
  await migrateWithin(session, { from: 0, to: version });
  await emptyTables(session, header.tables);
  const triggers = await listInsertTriggers(session);
  await switchTriggers(session, triggers, 'disable');
  await loadTables(session, backup, options);
  await switchTriggers(session, triggers, 'enable');
  await setSequences(session, header.sequences, { leaping: MAILED_SEQUENCES, leap: RESTORE_LEAP });
  if ((await readConsentHead(session)) !== header.consentHead) {
    throw incomplete('the chain of consent records does not end where the backup says');
  }
  await migrateWithin(session, { from: version });
  await fenceWorkers(session);
  await noteRestore(session, {
    holdKey: RELEASE_HOLD,
    backupAt: header.createdAt,
    rows: rowsOf(header),
    schemaVersion: version,
  });
}

async function loadTables(
  session: BulkSession,
  { header, frames }: OpenBackup,
  options: RestoreOptions,
): Promise<void> {
  const total = rowsOf(header);
  let before = 0;
  for (const table of header.tables) {
    const begin = await frames.next();
    if (begin.done === true || begin.value.type !== 'table' || begin.value.payload.toString() !== table.name) {
      throw notABackup();
    }
    let seen = before;
    const rows = rowsOfTable(frames, options.signal, (count) => {
      seen += count;
      options.onProgress?.(seen, total);
    });
    const loaded = await session.copyIn(copyInStatement(table), rows);
    if (loaded !== table.rows) {
      throw incomplete(`${table.name} has ${loaded} rows, the backup says ${table.rows}`);
    }
    before += loaded;
  }
  options.onProgress?.(total, total);
}

/** Up to the end of its table and not a frame further. */
async function* rowsOfTable(
  frames: AsyncGenerator<Frame>,
  signal: AbortSignal | undefined,
  onRows: (count: number) => void,
): AsyncGenerator<Buffer> {
  for (;;) {
    signal?.throwIfAborted();
    const next = await frames.next();
    if (next.done === true) {
      throw notABackup();
    }
    const { type, payload } = next.value;
    if (type !== 'rows') {
      return;
    }
    yield payload;
    onRows(countRowsIn(payload));
  }
}

async function refuseForeignSchema(header: BackupHeader): Promise<void> {
  const known = await listMigrations();
  for (const [index, { version, checksum }] of header.migrations.entries()) {
    const ours = known[index];
    if (ours === undefined || ours.version !== version) {
      throw conflict(
        'backup_newer_than_code',
        `the backup was made by Courant ${header.version} with a newer schema (${schemaVersionOf(header)}); restore it with that version`,
      );
    }
    if (ours.checksum !== checksum) {
      throw conflict(
        'migration_edited',
        `migration ${version} differs from the one the backup was made with; install the released files`,
      );
    }
  }
}

async function refuseFull(session: BulkSession, header: BackupHeader): Promise<void> {
  const found = await findTable(session, ['schema_migrations', ...header.tables.map(({ name }) => name)]);
  if (found !== undefined) {
    throw new AppError(
      'conflict',
      'database_not_empty',
      `the database has a table "${found}" already and a backup goes into an empty one only; name another database in DATABASE_URL ` +
        '(or another folder in DATA_DIR), or empty this one yourself: drop schema public cascade; create schema public;',
    );
  }
}

function incomplete(what: string): AppError {
  return new AppError('conflict', 'restore_incomplete', `${what}; nothing was restored`);
}

function rowsOf(header: BackupHeader): number {
  return header.tables.reduce((sum, { rows }) => sum + rows, 0);
}

function schemaVersionOf(header: BackupHeader): number {
  return header.migrations.at(-1)?.version ?? 0;
}
