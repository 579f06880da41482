import type { AdminId } from '../shared/ids.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';

export interface SetupToken {
  /** Null: for the first admin, whoever opens it. */
  readonly adminId: AdminId | null;
  readonly address: string | null;
}

/** Replaces the earlier tokens for the same purpose: only the newest link works. */
export async function replaceSetupToken(
  db: DbOrTx,
  row: { readonly hash: Buffer; readonly adminId: AdminId | null; readonly now: Date; readonly expiresAt: Date },
): Promise<void> {
  await deleteSetupTokens(db, row.adminId);
  await db
    .insertInto('setup_tokens')
    .values({ token_hash: row.hash, admin_id: row.adminId, created_at: row.now, expires_at: row.expiresAt })
    .execute();
}

export async function findSetupToken(db: DbOrTx, hash: Buffer, now: Date): Promise<SetupToken | undefined> {
  return db
    .selectFrom('setup_tokens as t')
    .leftJoin('admins as a', 'a.id', 't.admin_id')
    .select(['t.admin_id as adminId', 'a.address'])
    .where('t.token_hash', '=', hash)
    .where('t.expires_at', '>', now)
    .executeTakeFirst();
}

export async function deleteSetupTokens(db: DbOrTx, adminId: AdminId | null): Promise<void> {
  await db.deleteFrom('setup_tokens').where('admin_id', 'is not distinct from', adminId).execute();
}
