import { z } from 'zod';
import type { Db } from '../platform/postgres/index.ts';

const KEY_CHECKS = 'key_checks';
const checksSchema = z.record(z.string(), z.string());

export async function readKeyChecks(db: Db): Promise<Readonly<Record<string, string>>> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', KEY_CHECKS).executeTakeFirst();
  return row === undefined ? {} : checksSchema.parse(row.value);
}

export async function writeKeyChecks(db: Db, checks: Readonly<Record<string, string>>, now: Date): Promise<void> {
  const value = JSON.stringify(checks);
  await db
    .insertInto('settings')
    .values({ key: KEY_CHECKS, value, updated_at: now })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value, updated_at: now }))
    .execute();
}
