import type { BulkSession } from '../platform/postgres/index.ts';
import type { BackupHeader, BackupTable } from './backup-header.ts';
import { quote } from './catalog.repository.ts';

type Session = Pick<BulkSession, 'query'>;

/** The first of these tables that is there already. */
export async function findTable(session: Session, names: readonly string[]): Promise<string | undefined> {
  const [row] = await session.query<{ name: string }>(
    `select relname::text as name from pg_class
     where relnamespace = current_schema()::regnamespace and relname = any($1) order by 1 limit 1`,
    [names],
  );
  return row?.name;
}

/** What a migration itself puts into an empty table would meet itself in the backup. */
export async function emptyTables(session: Session, tables: readonly BackupTable[]): Promise<void> {
  for (const { name } of tables.toReversed()) {
    await session.query(`delete from ${quote(name)}`);
  }
}

export interface Trigger {
  readonly table: string;
  readonly name: string;
}

/** What our triggers derive from an insert is in the backup as well. Those that refuse changes are not among them. */
export async function listInsertTriggers(session: Session): Promise<readonly Trigger[]> {
  return session.query<Trigger>(`
    select c.relname::text as "table", t.tgname::text as name from pg_trigger t join pg_class c on c.oid = t.tgrelid
    where c.relnamespace = current_schema()::regnamespace and not t.tgisinternal and (t.tgtype & 4) <> 0`);
}

export async function switchTriggers(
  session: Session,
  triggers: readonly Trigger[],
  to: 'enable' | 'disable',
): Promise<void> {
  for (const { table, name } of triggers) {
    await session.query(`alter table ${quote(table)} ${to} trigger ${quote(name)}`);
  }
}

export function copyInStatement({ name, columns }: BackupTable): string {
  return `copy ${quote(name)} (${columns.map(quote).join(', ')}) from stdin`;
}

/** @param leap for those named in `leaping`: how far they go on from where they were */
export async function setSequences(
  session: Session,
  sequences: BackupHeader['sequences'],
  { leaping, leap }: { readonly leaping: ReadonlySet<string>; readonly leap: number },
): Promise<void> {
  for (const { name, lastValue } of sequences) {
    const value = leaping.has(name) ? (lastValue ?? 0) + leap : lastValue;
    if (value !== null) {
      await session.query('select setval($1::regclass, $2)', [quote(name), value]);
    }
  }
}

/** The workers of then hold nothing any more: what waited for a reply becomes ambiguous, the rest is free. */
export async function fenceWorkers(session: Session): Promise<void> {
  await session.query('update workers set fenced_at = clock_timestamp() where fenced_at is null');
}

/** Campaigns and issues wait for a person (T14); says so in the log of what was done. */
export async function noteRestore(
  session: Session,
  note: { readonly holdKey: string; readonly backupAt: string; readonly rows: number; readonly schemaVersion: number },
): Promise<void> {
  await session.query(
    `insert into settings (key, value, updated_at)
     values ($1, jsonb_build_object('reason', 'restored', 'since', clock_timestamp(), 'lastWorkAt', $2::timestamptz), clock_timestamp())
     on conflict (key) do update set value = excluded.value, updated_at = excluded.updated_at`,
    [note.holdKey, note.backupAt],
  );
  await session.query(
    `insert into audit_log (occurred_at, actor, action, subject_kind, subject_id, details)
     values (clock_timestamp(), 'cli', 'system.restored', 'system', null, $1)`,
    [{ backupAt: note.backupAt, rows: note.rows, schemaVersion: note.schemaVersion }],
  );
}
