import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { AppError } from '../../shared/app-error.ts';
import type { Logger } from '../logging/index.ts';
import type { BulkSession } from './bulk-session.ts';

const MIGRATIONS = new URL('migrations/', import.meta.url);
/** 'Cour' in ASCII; one migrating process at a time, the others wait and then find nothing to do. */
const LOCK_KEY = 0x43_6f_75_72;

const CREATE_MIGRATIONS = `create table if not exists schema_migrations (
  version integer primary key, name text not null, checksum text not null, applied_at timestamptz not null default now())`;

export interface MigrationMark {
  readonly version: number;
  readonly checksum: string;
}

interface Migration extends MigrationMark {
  readonly name: string;
  readonly sql: string;
}

async function readMigrations(): Promise<readonly Migration[]> {
  const names = (await readdir(MIGRATIONS)).filter((name) => /^\d{4}_[\da-z_]+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(new URL(name, MIGRATIONS), 'utf8');
      return { version: Number(name.slice(0, 4)), name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/**
 * Brings the schema up to this code, each file in a transaction of its own, under an advisory lock. Safe to call from
 * several processes at once and again when nothing is due.
 * @throws AppError kind `setting` when the schema is newer than the code, or a landed migration was edited.
 */
export async function migrate(databaseUrl: string, log: Logger): Promise<void> {
  const migrations = await readMigrations();
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'courant-migrate' });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK_KEY]);
    await client.query(CREATE_MIGRATIONS);
    const { rows } = await client.query<{ version: number; checksum: string }>(
      'select version, checksum from schema_migrations order by version',
    );
    refuseForeignSchema(rows, migrations);
    for (const migration of migrations.slice(rows.length)) {
      await apply(client, migration);
      log.info({ migration: migration.name }, 'migration applied');
    }
  } finally {
    await client.end();
  }
}

function refuseForeignSchema(
  applied: readonly { version: number; checksum: string }[],
  known: readonly Migration[],
): void {
  for (const [index, row] of applied.entries()) {
    const migration = known[index];
    if (migration === undefined || migration.version !== row.version) {
      throw new AppError(
        'setting',
        'schema_newer_than_code',
        'DATABASE_URL: the database was migrated by a newer Courant; start that version, or restore an older backup',
      );
    }
    if (migration.checksum !== row.checksum) {
      throw new AppError(
        'setting',
        'migration_edited',
        `DATABASE_URL: migration ${migration.name} differs from the one this database was made with; install the released files`,
      );
    }
  }
}

/** The schema of this code, oldest first. */
export async function listMigrations(): Promise<readonly MigrationMark[]> {
  const migrations = await readMigrations();
  return migrations.map(({ version, checksum }) => ({ version, checksum }));
}

/**
 * Makes an empty schema what it was after so many migrations, or brings it from there to the newest, all within the
 * caller's transaction: for restoring a backup into exactly the schema that it was taken from. Other processes wait.
 */
export async function migrateWithin(
  session: Pick<BulkSession, 'query'>,
  { from, to = Infinity }: { readonly from: number; readonly to?: number },
): Promise<void> {
  await session.query('select pg_advisory_xact_lock($1)', [LOCK_KEY]);
  await session.query(CREATE_MIGRATIONS);
  const migrations = await readMigrations();
  for (const migration of migrations.filter(({ version }) => version > from && version <= to)) {
    await runAndNote(session, migration);
  }
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('begin');
  try {
    await runAndNote(client, migration);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new Error(`migration ${migration.name} failed`, { cause: error });
  }
}

async function runAndNote(
  client: { query(text: string, values?: unknown[]): Promise<unknown> },
  migration: Migration,
): Promise<void> {
  await client.query(migration.sql);
  await client.query('insert into schema_migrations (version, name, checksum) values ($1, $2, $3)', [
    migration.version,
    migration.name,
    migration.checksum,
  ]);
}
