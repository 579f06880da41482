import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { AppError, conflict } from '../shared/app-error.ts';
import type { BulkSession } from '../platform/postgres/index.ts';
import { openBulkSession } from '../platform/postgres/index.ts';
import { BACKUP_FORMAT } from './backup-header.ts';
import type { BackupHeader } from './backup-header.ts';
import { LEFT_OUT } from './backup-scope.ts';
import { MAGIC } from './backup-file.ts';
import {
  beginSnapshot,
  copyOutStatement,
  countRows,
  readConsentHead,
  readKeyChecksRow,
  readMigrationMarks,
  readReferences,
  readSequences,
  readTables,
} from './catalog.repository.ts';
import { countRowsIn, encodeFrame } from './frames.ts';
import { orderTables } from './order-tables.ts';

export interface BackupOrder {
  readonly file: string;
  /** Replaces a file of that name. */
  readonly force: boolean;
  /** SECRET_KEY, to be kept with the data; null leaves it out. */
  readonly keys: readonly string[] | null;
  /** The Courant that writes it. */
  readonly version: string;
  readonly now: Date;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((rows: number, total: number) => void) | undefined;
}

export interface BackupReport {
  readonly file: string;
  readonly bytes: number;
  readonly tables: number;
  readonly rows: number;
  readonly schemaVersion: number;
  readonly hasKeys: boolean;
}

/**
 * Writes the whole database, as it is at one moment, into one file, while everything goes on. The file appears under its name
 * when it is whole and on disk; until then it is FILE.partial. Holds a few hundred kilobytes at a time, however many rows there are.
 * @throws AppError `backup_exists`, `disk_full`, `cancelled`
 */
export async function writeBackup(databaseUrl: string, order: BackupOrder): Promise<BackupReport> {
  if (!order.force && (await exists(order.file))) {
    throw conflict('backup_exists', `${order.file} exists; choose another name, or replace it with --force`);
  }
  const partial = `${order.file}.partial`;
  const session = await openBulkSession(databaseUrl, 'backup');
  try {
    const header = await describeDatabase(session, order);
    await rm(partial, { force: true });
    await pipeline(
      writeFrames(session, header, order),
      createZstdCompress(),
      sealed,
      createWriteStream(partial, { flags: 'wx', mode: 0o600, flush: true }),
      ...(order.signal === undefined ? [] : [{ signal: order.signal }]),
    );
    const { size } = await stat(partial);
    await rename(partial, order.file);
    await syncFolder(dirname(order.file));
    return {
      file: order.file,
      bytes: size,
      tables: header.tables.length,
      rows: countAll(header),
      schemaVersion: header.migrations.at(-1)?.version ?? 0,
      hasKeys: header.keys !== null,
    };
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw explain(error, order);
  } finally {
    await session.close();
  }
}

async function describeDatabase(session: BulkSession, order: BackupOrder): Promise<BackupHeader> {
  await beginSnapshot(session);
  const found = (await readTables(session)).filter(({ name }) => !LEFT_OUT.has(name));
  const tables = [];
  for (const table of orderTables(found, await readReferences(session))) {
    tables.push({ ...table, rows: await countRows(session, table.name) });
  }
  return {
    format: BACKUP_FORMAT,
    version: order.version,
    createdAt: order.now.toISOString(),
    migrations: await readMigrationMarks(session),
    tables,
    sequences: await readSequences(session),
    consentHead: await readConsentHead(session),
    keyChecks: await readKeyChecksRow(session),
    keys: order.keys === null ? null : [...order.keys],
  };
}

async function* writeFrames(session: BulkSession, header: BackupHeader, order: BackupOrder): AsyncGenerator<Buffer> {
  const total = countAll(header);
  let before = 0;
  yield* encodeFrame('header', JSON.stringify(header));
  for (const table of header.tables) {
    yield* encodeFrame('table', table.name);
    let seen = 0;
    for await (const chunk of session.copyOut(copyOutStatement(table))) {
      seen += countRowsIn(chunk);
      order.onProgress?.(before + seen, total);
      yield* encodeFrame('rows', chunk);
    }
    if (seen !== table.rows) {
      throw new Error(`${table.name}: ${seen} rows were copied, ${table.rows} were counted`);
    }
    before += seen;
    yield* encodeFrame('end', '');
  }
}

/** The file's first bytes, the compressed part, and SHA-256 over both: a file that was cut or changed is refused. */
async function* sealed(compressed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const hash = createHash('sha256').update(MAGIC);
  yield MAGIC;
  for await (const chunk of compressed) {
    hash.update(chunk);
    yield chunk;
  }
  yield hash.digest();
}

function countAll(header: BackupHeader): number {
  return header.tables.reduce((sum, { rows }) => sum + rows, 0);
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/** Makes the new name survive a power cut. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function explain(error: unknown, { file, signal }: BackupOrder): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (signal?.aborted === true) {
    return new AppError('conflict', 'cancelled', 'no backup was written', { cause: error });
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AppError('unavailable', 'disk_full', `there is no room for ${file}; no backup was written`, {
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') {
    return new AppError('input', 'file_unwritable', `${file} cannot be written (${code})`, { cause: error });
  }
  return error;
}
