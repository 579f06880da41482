import { SCOPES } from '../shared/actor.ts';
import type { Scope } from '../shared/actor.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';

export interface ApiToken {
  readonly id: number;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: readonly Scope[];
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

const COLUMNS = [
  'id',
  'name',
  'prefix',
  'scopes',
  'created_by as createdBy',
  'created_at as createdAt',
  'expires_at as expiresAt',
  'last_used_at as lastUsedAt',
  'revoked_at as revokedAt',
] as const;

export async function insertApiToken(
  db: DbOrTx,
  row: {
    readonly name: string;
    readonly prefix: string;
    readonly hash: Buffer;
    readonly scopes: readonly Scope[];
    readonly createdBy: string;
    readonly now: Date;
    readonly expiresAt: Date;
  },
): Promise<ApiToken> {
  const inserted = await db
    .insertInto('api_tokens')
    .values({
      name: row.name,
      prefix: row.prefix,
      token_hash: row.hash,
      scopes: [...row.scopes],
      created_by: row.createdBy,
      created_at: row.now,
      expires_at: row.expiresAt,
    })
    .returning(COLUMNS)
    .executeTakeFirstOrThrow();
  return { ...inserted, scopes: knownScopes(inserted.scopes) };
}

/** Newest first, with those that no longer work. */
export async function listApiTokens(db: DbOrTx): Promise<readonly ApiToken[]> {
  const rows = await db.selectFrom('api_tokens').select(COLUMNS).orderBy('id', 'desc').limit(500).execute();
  return rows.map((row) => ({ ...row, scopes: knownScopes(row.scopes) }));
}

export async function findLiveToken(
  db: DbOrTx,
  hash: Buffer,
  now: Date,
): Promise<Pick<ApiToken, 'id' | 'scopes' | 'lastUsedAt'> | undefined> {
  const row = await db
    .selectFrom('api_tokens')
    .select(['id', 'scopes', 'last_used_at as lastUsedAt'])
    .where('token_hash', '=', hash)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return row === undefined ? undefined : { ...row, scopes: knownScopes(row.scopes) };
}

export async function touchToken(db: DbOrTx, id: number, now: Date): Promise<void> {
  await db.updateTable('api_tokens').set({ last_used_at: now }).where('id', '=', id).execute();
}

/** False when there is no such token, or it was revoked before. */
export async function revokeToken(db: DbOrTx, id: number, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('api_tokens')
    .set({ revoked_at: now })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** A scope that a later version dropped gives nothing. */
function knownScopes(stored: readonly string[]): readonly Scope[] {
  return SCOPES.filter((scope) => stored.includes(scope));
}
