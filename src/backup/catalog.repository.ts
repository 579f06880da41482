import type { BulkSession, MigrationMark } from '../platform/postgres/index.ts';
import type { BackupHeader, BackupTable } from './backup-header.ts';
import type { Reference } from './order-tables.ts';

type Session = Pick<BulkSession, 'query'>;

/** From now until the session ends it sees one moment of the database, whatever is written meanwhile. */
export async function beginSnapshot(session: Session): Promise<void> {
  await session.query('begin isolation level repeatable read read only');
}

/** Every table of our schema and the columns that can be written; a partitioned one counts as one. */
export async function readTables(session: Session): Promise<readonly Omit<BackupTable, 'rows'>[]> {
  const rows = await session.query<{ name: string; columns: string[] }>(`
    select c.relname::text as name, array_agg(a.attname::text order by a.attnum) as columns
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and not exists (select 1 from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
    group by c.relname`);
  return rows;
}

export async function readReferences(session: Session): Promise<readonly Reference[]> {
  return session.query<Reference>(`
    select f.relname::text as "from", t.relname::text as "to"
    from pg_constraint k join pg_class f on f.oid = k.conrelid join pg_class t on t.oid = k.confrelid
    where k.contype = 'f' and f.relnamespace = current_schema()::regnamespace`);
}

export async function countRows(session: Session, table: string): Promise<number> {
  const [row] = await session.query<{ count: string }>(`select count(*) as count from ${quote(table)}`);
  return Number(row?.count ?? 0);
}

/** Asked after the snapshot was taken, so none of them is behind a row of it. */
export async function readSequences(session: Session): Promise<BackupHeader['sequences']> {
  const rows = await session.query<{ name: string; lastValue: string | null }>(`
    select sequencename::text as name, last_value as "lastValue" from pg_sequences
    where schemaname = current_schema() order by sequencename`);
  return rows.map(({ name, lastValue }) => ({ name, lastValue: lastValue === null ? null : Number(lastValue) }));
}

export async function readMigrationMarks(session: Session): Promise<MigrationMark[]> {
  const rows = await session.query<MigrationMark>('select version, checksum from schema_migrations order by version');
  return [...rows];
}

export async function readConsentHead(session: Session): Promise<string | null> {
  const [row] = await session.query<{ hash: string }>(
    `select encode(hash, 'hex') as hash from consent_seals order by id desc limit 1`,
  );
  return row?.hash ?? null;
}

export async function readKeyChecksRow(session: Session): Promise<Record<string, string>> {
  const [row] = await session.query<{ value: Record<string, string> }>(
    `select value from settings where key = 'key_checks'`,
  );
  return row?.value ?? {};
}

/** Its rows as text, a line each: the form of COPY that every version and machine reads. */
export function copyOutStatement({ name, columns }: Omit<BackupTable, 'rows'>): string {
  // Selected, since COPY by itself does not read partitioned tables.
  return `copy (select ${columns.map(quote).join(', ')} from ${quote(name)}) to stdout`;
}

export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
