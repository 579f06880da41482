import { sql } from 'kysely';
import type { AdminId } from '../shared/ids.ts';
import type { ParsedAddress } from '../shared/email-address.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { Admin } from './account.ts';

const COLUMNS = ['id', 'address', 'name', 'time_zone as timeZone', 'verified_at as verifiedAt'] as const;

export async function findAdmin(db: DbOrTx, id: AdminId): Promise<Admin | undefined> {
  return db.selectFrom('admins').select(COLUMNS).where('id', '=', id).executeTakeFirst();
}

/** For the sign-in: also the hash, undefined while the set-up link was not used. */
export async function findAdminByKey(
  db: DbOrTx,
  addressKey: string,
): Promise<(Admin & { readonly passwordHash: string | undefined }) | undefined> {
  const row = await db
    .selectFrom('admins')
    .select([...COLUMNS, 'password_hash'])
    .where('address_key', '=', addressKey)
    .executeTakeFirst();
  if (row === undefined) {
    return undefined;
  }
  const { password_hash: passwordHash, ...admin } = row;
  return { ...admin, passwordHash: passwordHash ?? undefined };
}

/** True once somebody chose a password: an invitation alone does not end the set-up. */
export async function hasAdmin(db: DbOrTx): Promise<boolean> {
  const row = await db
    .selectFrom('admins')
    .select('id')
    .where('password_hash', 'is not', null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** The row of this address, made if it is new. An existing admin stays as it is. */
export async function ensureAdmin(db: DbOrTx, address: ParsedAddress, now: Date): Promise<AdminId> {
  const row = await db
    .insertInto('admins')
    .values({ address: address.address, address_key: address.key, created_at: now })
    .onConflict((conflict) =>
      conflict.column('address_key').doUpdateSet((eb) => ({ address: eb.ref('admins.address') })),
    )
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

export async function completeAdmin(
  db: DbOrTx,
  id: AdminId,
  chosen: { readonly passwordHash: string; readonly name: string | undefined; readonly timeZone: string },
): Promise<Admin> {
  return db
    .updateTable('admins')
    .set({
      password_hash: chosen.passwordHash,
      time_zone: chosen.timeZone,
      ...(chosen.name === undefined ? {} : { name: chosen.name }),
    })
    .where('id', '=', id)
    .returning(COLUMNS)
    .executeTakeFirstOrThrow();
}

export async function insertVerification(
  db: DbOrTx,
  row: { readonly adminId: AdminId; readonly address: string; readonly now: Date; readonly expiresAt: Date },
): Promise<number> {
  const { id } = await db
    .insertInto('admin_verifications')
    .values({ admin_id: row.adminId, address: row.address, created_at: row.now, expires_at: row.expiresAt })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export async function latestVerificationAt(db: DbOrTx, adminId: AdminId): Promise<Date | undefined> {
  const row = await db
    .selectFrom('admin_verifications')
    .select('created_at')
    .where('admin_id', '=', adminId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.created_at;
}

/** The admin a verification row speaks for, while the row is valid and the address is still theirs. */
export async function findVerification(
  db: DbOrTx,
  id: number,
  now: Date,
): Promise<{ readonly adminId: AdminId; readonly address: string; readonly verifiedAt: Date | null } | undefined> {
  return db
    .selectFrom('admin_verifications as v')
    .innerJoin('admins as a', (join) => join.onRef('a.id', '=', 'v.admin_id').onRef('a.address', '=', 'v.address'))
    .select(['a.id as adminId', 'a.address', 'a.verified_at as verifiedAt'])
    .where('v.id', '=', id)
    .where('v.expires_at', '>', now)
    .executeTakeFirst();
}

/** Keeps the first time; false when it was verified before. */
export async function markVerified(db: DbOrTx, id: AdminId, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('admins')
    .set({ verified_at: now })
    .where('id', '=', id)
    .where('verified_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Whether anybody can be told anything. */
export async function hasVerifiedAdmin(db: DbOrTx): Promise<boolean> {
  const row = await db
    .selectFrom('admins')
    .select('id')
    .where('verified_at', 'is not', null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** A notice to each admin who proved the address; its id is the cause of the mail. */
export async function insertNotices(
  db: DbOrTx,
  now: Date,
): Promise<readonly { readonly id: number; readonly address: string }[]> {
  const { rows } = await sql<{ id: number; address: string }>`
    with made as (
      insert into admin_notices (admin_id, created_at) select id, ${now} from admins where verified_at is not null
      returning id, admin_id
    )
    select made.id, a.address from made join admins a on a.id = made.admin_id order by a.id`.execute(db);
  return rows;
}

/** Mails of so long ago have arrived, or never will. */
export async function deleteNotices(db: DbOrTx, before: Date): Promise<void> {
  await db.deleteFrom('admin_notices').where('created_at', '<', before).execute();
}

/** One set-up at a time: two links used at the same moment must not both make a first admin. */
export async function lockSetUp(db: DbOrTx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('courant/set-up'))`.execute(db);
}
