import { sql } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';

/**
 * Counts one failure, unless the last one is too recent: then nothing changes and the answer is false. One statement, so
 * that of many tries at the same moment one gets through. `delaysSeconds[n - 1]` is the wait after n failures.
 */
export async function reserveFailure(
  db: DbOrTx,
  keyHash: Buffer,
  delaysSeconds: readonly number[],
  now: Date,
  forgetBefore: Date,
): Promise<boolean> {
  const { rows } = await sql`
    insert into login_failures (key_hash, failures, last_failure_at) values (${keyHash}, 1, ${now})
    on conflict (key_hash) do update set
      failures = case when login_failures.last_failure_at < ${forgetBefore} then 1 else login_failures.failures + 1 end,
      last_failure_at = ${now}
    where login_failures.last_failure_at + make_interval(secs =>
      (${delaysSeconds}::int[])[least(login_failures.failures, ${delaysSeconds.length})]) <= ${now}
    returning 1 as counted`.execute(db);
  return rows.length === 1;
}

export async function readFailures(
  db: DbOrTx,
  keyHash: Buffer,
): Promise<{ readonly failures: number; readonly lastFailureAt: Date } | undefined> {
  return db
    .selectFrom('login_failures')
    .select(['failures', 'last_failure_at as lastFailureAt'])
    .where('key_hash', '=', keyHash)
    .executeTakeFirst();
}

export async function forgetFailures(db: DbOrTx, keyHash: Buffer): Promise<void> {
  await db.deleteFrom('login_failures').where('key_hash', '=', keyHash).execute();
}

export async function forgetFailuresBefore(db: DbOrTx, instant: Date): Promise<void> {
  await db.deleteFrom('login_failures').where('last_failure_at', '<', instant).execute();
}

export async function returnFailure(db: DbOrTx, keyHash: Buffer): Promise<void> {
  await db
    .updateTable('login_failures')
    .set((eb) => ({ failures: eb('failures', '-', 1) }))
    .where('key_hash', '=', keyHash)
    .where('failures', '>', 0)
    .execute();
}
