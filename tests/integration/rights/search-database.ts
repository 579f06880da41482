import { sql } from 'kysely';
import type { Db } from '../../../src/platform/postgres/index.ts';

/** The tables that hold a text in any of their columns, as text or as bytes, whatever its case. */
export async function findTablesWith(db: Db, text: string): Promise<readonly string[]> {
  const { rows: tables } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' order by table_name`.execute(db);
  const plain = text.toLowerCase();
  const hex = Buffer.from(text).toString('hex');
  const found: string[] = [];
  for (const { name } of tables) {
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from ${sql.table(name)} t
      where position(${plain} in lower(to_jsonb(t)::text)) > 0 or position(${hex} in to_jsonb(t)::text) > 0`.execute(
      db,
    );
    if ((rows[0]?.count ?? 0) > 0) {
      found.push(name);
    }
  }
  return found;
}
