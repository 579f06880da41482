import type { DbOrTx, Tx } from '../platform/postgres/index.ts';
import { sql } from 'kysely';

export interface SignupOrigin {
  readonly origin: string;
  readonly createdAt: Date;
  readonly createdBy: string;
}

export async function selectOrigins(db: DbOrTx): Promise<readonly SignupOrigin[]> {
  return db
    .selectFrom('signup_origins')
    .select(['origin', 'created_at as createdAt', 'created_by as createdBy'])
    .orderBy('origin')
    .execute();
}

/** One admin at a time replaces the list; readers go on. */
export async function lockOrigins(tx: Tx): Promise<void> {
  await sql`lock table signup_origins in share row exclusive mode`.execute(tx);
}

export async function insertOrigins(tx: Tx, origins: readonly string[], by: string, now: Date): Promise<void> {
  if (origins.length > 0) {
    await tx
      .insertInto('signup_origins')
      .values(origins.map((origin) => ({ origin, created_at: now, created_by: by })))
      .execute();
  }
}

export async function deleteOrigins(tx: Tx, origins: readonly string[]): Promise<void> {
  if (origins.length > 0) {
    await tx.deleteFrom('signup_origins').where('origin', 'in', origins).execute();
  }
}
