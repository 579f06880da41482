import { sql } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { ConsentRecordId, SubscriberId } from '../shared/ids.ts';
import { canonicalRecord, hashRecord } from './chain.ts';
import type { ChainedRecord } from './chain.ts';
import { CHAINED_COLUMNS, CHAINED_JOINS } from './seals.repository.ts';

/** What somebody without our database needs to compute that a record is in the chain. Hashes are hex. */
export interface RecordProof {
  readonly recordId: ConsentRecordId;
  /** The text that was hashed. */
  readonly canonical: string;
  /** Of the text above, computed now. */
  readonly hash: string;
  /** Null until the sealer has come by. */
  readonly sealId: number | null;
  /** Its place among the hashes of that seal, from 0. */
  readonly position: number | null;
}

export interface SealProof {
  readonly id: number;
  readonly previousHash: string;
  readonly root: string;
  readonly maxRecordId: number;
  readonly sealedAt: Date;
  readonly hash: string;
  /** HMAC of the hash under a key of the publisher's; says nothing to a third party. */
  readonly mac: string;
  readonly macKeyId: number;
  readonly recordIds: readonly number[];
  /** Of all its records, in order: those of other people are nothing but hashes. */
  readonly recordHashes: readonly string[];
}

export interface ChainProof {
  readonly records: readonly RecordProof[];
  readonly seals: readonly SealProof[];
  /** The newest seal there is. */
  readonly head: { readonly sealId: number; readonly hash: string; readonly sealedAt: Date } | null;
}

export async function readChainProof(db: DbOrTx, subscriberIds: readonly SubscriberId[]): Promise<ChainProof> {
  const { rows } = await sql<ChainedRecord & { readonly sealId: number | null; readonly position: number | null }>`
    select ${CHAINED_COLUMNS}, e.seal_id as "sealId", e.position
    from consent_records r ${CHAINED_JOINS} left join consent_seal_entries e on e.record_id = r.id
    where r.subscriber_id = any(${subscriberIds}::bigint[]) order by r.id`.execute(db);
  const records = rows.map(({ sealId, position, ...record }) => ({
    recordId: record.id,
    canonical: canonicalRecord(record),
    hash: hashRecord(record),
    sealId,
    position,
  }));
  const sealIds = [...new Set(records.flatMap(({ sealId }) => sealId ?? []))];
  return { records, seals: await readSeals(db, sealIds), head: await readHead(db) };
}

async function readSeals(db: DbOrTx, ids: readonly number[]): Promise<readonly SealProof[]> {
  const { rows } = await sql<SealProof>`
    select s.id, encode(s.previous_hash, 'hex') as "previousHash", encode(s.root, 'hex') as root, s.max_record_id as "maxRecordId",
      s.sealed_at as "sealedAt", encode(s.hash, 'hex') as hash, encode(s.mac, 'hex') as mac, s.mac_key_id as "macKeyId",
      s.record_ids as "recordIds",
      array(select encode(e.record_hash, 'hex') from consent_seal_entries e where e.seal_id = s.id order by e.position) as "recordHashes"
    from consent_seals s where s.id = any(${ids}::bigint[]) order by s.id`.execute(db);
  return rows;
}

async function readHead(db: DbOrTx): Promise<ChainProof['head']> {
  const { rows } = await sql<NonNullable<ChainProof['head']>>`
    select id as "sealId", encode(hash, 'hex') as hash, sealed_at as "sealedAt" from consent_seals order by id desc limit 1`.execute(
    db,
  );
  return rows[0] ?? null;
}
