import { sql } from 'kysely';
import type { DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { AddressKey } from '../shared/email-address.ts';
import type { SubscriberId } from '../shared/ids.ts';
import type { Suppression, SuppressionReason } from './suppression.ts';

export interface SuppressionFilter {
  readonly reason?: SuppressionReason | undefined;
  /** Of one address, under every key. */
  readonly hashes?: readonly Buffer[] | undefined;
  readonly subscriberId?: SubscriberId | undefined;
  /** Without it lifted ones are left out. */
  readonly withLifted?: boolean | undefined;
  /** Only ids below it: pages go from the newest to the oldest. */
  readonly cursor?: number | undefined;
}

const COLUMNS = sql`x.id, x.reason, x.source, x.created_at as "createdAt", x.lifted_at as "liftedAt",
  s.id as "subscriberId", s.address`;

export async function selectSuppressions(
  db: DbOrTx,
  filter: SuppressionFilter,
  limit: number,
): Promise<readonly Suppression[]> {
  const { reason = null, hashes = null, subscriberId = null, withLifted = false, cursor = null } = filter;
  const { rows } = await sql<Suppression>`
    select ${COLUMNS} from suppressions x left join subscribers s on s.address_hash = x.address_hash
    where (${reason}::text is null or x.reason = ${reason})
      and (${hashes}::bytea[] is null or x.address_hash = any(${hashes}::bytea[]))
      and (${subscriberId}::bigint is null or s.id = ${subscriberId})
      and (${withLifted}::boolean or x.lifted_at is null)
      and (${cursor}::bigint is null or x.id < ${cursor})
    order by x.id desc limit ${limit}`.execute(db);
  return rows;
}

/** Locked, so that two admins cannot lift it twice. */
export async function lockSuppression(tx: Tx, id: number): Promise<Suppression | undefined> {
  const { rows } = await sql<Suppression>`
    select ${COLUMNS} from suppressions x left join subscribers s on s.address_hash = x.address_hash
    where x.id = ${id} for update of x`.execute(tx);
  return rows[0];
}

export async function markLifted(tx: Tx, id: number, now: Date): Promise<void> {
  await tx.updateTable('suppressions').set({ lifted_at: now }).where('id', '=', id).execute();
}

export interface KnownHash {
  readonly hash: Buffer;
  readonly keyId: number;
  readonly subscriberId: SubscriberId | null;
}

/** The hash an address goes by already: its subscriber's, or that of a suppression under an older key. */
export async function findKnownHash(
  db: DbOrTx,
  key: AddressKey,
  hashes: readonly Buffer[],
): Promise<KnownHash | undefined> {
  const { rows } = await sql<KnownHash>`
    select address_hash as hash, address_hash_key_id as "keyId", id as "subscriberId" from subscribers where address_key = ${key}
    union all
    select address_hash, address_hash_key_id, null from suppressions
      where address_hash = any(${hashes}::bytea[]) and lifted_at is null
    limit 1`.execute(db);
  return rows[0];
}

/** False when such a suppression was open already. */
export async function insertSuppression(
  db: DbOrTx,
  suppression: {
    readonly hash: Buffer;
    readonly keyId: number;
    readonly reason: SuppressionReason;
    readonly source: string;
    readonly now: Date;
  },
): Promise<boolean> {
  const { hash, keyId, reason, source, now } = suppression;
  const inserted = await sql`
    insert into suppressions (address_hash, address_hash_key_id, reason, source, created_at)
    values (${hash}, ${keyId}, ${reason}, ${source}, ${now})
    on conflict (address_hash, reason) where lifted_at is null do nothing`.execute(db);
  return (inserted.numAffectedRows ?? 0n) > 0n;
}
