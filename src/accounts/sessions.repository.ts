import type { AdminId } from '../shared/ids.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';

interface LiveSession {
  readonly adminId: AdminId;
  readonly lastSeenAt: Date;
}

export async function insertSession(
  db: DbOrTx,
  row: { readonly hash: Buffer; readonly adminId: AdminId; readonly now: Date; readonly expiresAt: Date },
): Promise<void> {
  await db
    .insertInto('admin_sessions')
    .values({
      token_hash: row.hash,
      admin_id: row.adminId,
      created_at: row.now,
      last_seen_at: row.now,
      expires_at: row.expiresAt,
    })
    .execute();
}

export async function findSession(
  db: DbOrTx,
  hash: Buffer,
  now: Date,
  seenAfter: Date,
): Promise<LiveSession | undefined> {
  return db
    .selectFrom('admin_sessions')
    .select(['admin_id as adminId', 'last_seen_at as lastSeenAt'])
    .where('token_hash', '=', hash)
    .where('expires_at', '>', now)
    .where('last_seen_at', '>', seenAfter)
    .executeTakeFirst();
}

export async function touchSession(db: DbOrTx, hash: Buffer, now: Date): Promise<void> {
  await db.updateTable('admin_sessions').set({ last_seen_at: now }).where('token_hash', '=', hash).execute();
}

export async function deleteSession(db: DbOrTx, hash: Buffer): Promise<void> {
  await db.deleteFrom('admin_sessions').where('token_hash', '=', hash).execute();
}

export async function deleteSessionsOf(db: DbOrTx, adminId: AdminId): Promise<void> {
  await db.deleteFrom('admin_sessions').where('admin_id', '=', adminId).execute();
}

export async function deleteEndedSessions(db: DbOrTx, now: Date, seenBefore: Date): Promise<void> {
  await db
    .deleteFrom('admin_sessions')
    .where((eb) => eb.or([eb('expires_at', '<=', now), eb('last_seen_at', '<=', seenBefore)]))
    .execute();
}
