import { sql } from 'kysely';
import type { Db, DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { ConsentRecordId } from '../shared/ids.ts';
import { FIRST_PREVIOUS_HASH, hashRecord, hashRoot, hashSeal } from './chain.ts';
import type { ChainedRecord } from './chain.ts';

/** 'Seal' in ASCII. */
const SEALER_LOCK = 0x53_65_61_6c;
const BATCH = 5000;

const CHAINED_COLUMNS = sql`
  r.id, r.action, r.purpose, r.subscriber_id as "subscriberId", r.newsletter_id as "newsletterId",
  r.signup_request_id as "signupRequestId", r.delivery_id as "deliveryId", encode(r.consent_text, 'hex') as "consentText",
  encode(r.terms_text, 'hex') as "termsText", encode(r.privacy_text, 'hex') as "privacyText",
  encode(td.hash, 'hex') as "termsDocument", encode(pd.hash, 'hex') as "privacyDocument",
  r.is_asserted_by_caller as "isAssertedByCaller", r.method, r.form_id as "formId", r.form_version as "formVersion", r.locale,
  r.page_url as "pageUrl", r.actor,
  to_char(r.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "occurredAt",
  encode(r.address_digest, 'hex') as "addressDigest", encode(r.ip_digest, 'hex') as "ipDigest",
  encode(r.agent_digest, 'hex') as "agentDigest", r.details::text as details`;

const CHAINED_JOINS = sql`
  left join legal_documents td on td.id = r.terms_document_id
  left join legal_documents pd on pd.id = r.privacy_document_id`;

export interface SealReport {
  readonly sealed: number;
}

/**
 * Chains all committed records that no seal holds yet. One sealer at a time (advisory lock); a second one finds the lock
 * taken and leaves. Never by "id > last": commit order is not id order. It looks back past everything that was sealed in
 * the hour before the newest seal, which is longer than any of our transactions may stay open: not before now, or a record
 * that was committed right after a seal would be passed over when no sealer ran for an hour.
 */
export async function sealConsentRecords(db: Db, now: Date): Promise<SealReport> {
  let sealed = 0;
  for (;;) {
    const count = await db.transaction().execute((tx) => sealBatch(tx, now));
    sealed += count;
    if (count < BATCH) {
      return { sealed };
    }
  }
}

async function sealBatch(tx: Tx, now: Date): Promise<number> {
  const lock = await sql<{ taken: boolean }>`select pg_try_advisory_xact_lock(${SEALER_LOCK}) as taken`.execute(tx);
  if (lock.rows[0]?.taken !== true) {
    return 0;
  }
  const { rows: records } = await sql<ChainedRecord>`
    select ${CHAINED_COLUMNS} from consent_records r ${CHAINED_JOINS}
    where r.id > coalesce((select max_record_id from consent_seals
        where sealed_at < (select sealed_at from consent_seals order by id desc limit 1) - interval '1 hour'
        order by id desc limit 1), 0)
      and not exists (select 1 from consent_seal_entries e where e.record_id = r.id)
    order by r.id limit ${BATCH}`.execute(tx);
  if (records.length === 0) {
    return 0;
  }
  const previous = await tx
    .selectFrom('consent_seals')
    .select(['hash', 'max_record_id'])
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  const hashes = records.map(hashRecord);
  const previousHash = previous?.hash ?? FIRST_PREVIOUS_HASH;
  const root = hashRoot(hashes);
  const newest = records.reduce((max, record) => Math.max(max, record.id), previous?.max_record_id ?? 0);
  const seal = await tx
    .insertInto('consent_seals')
    .values({
      previous_hash: previousHash,
      root,
      record_count: records.length,
      max_record_id: newest as ConsentRecordId,
      sealed_at: now,
      hash: hashSeal({ previousHash, root, count: records.length, sealedAt: now.toISOString() }),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await sql`
    insert into consent_seal_entries (record_id, seal_id, position, record_hash)
    select t.id, ${seal.id}, t.position - 1, t.hash
    from unnest(${records.map((record) => record.id)}::bigint[], ${hashes}::bytea[]) with ordinality as t(id, hash, position)`.execute(
    tx,
  );
  return records.length;
}

export interface StoredSeal {
  readonly id: number;
  readonly previousHash: Buffer;
  readonly root: Buffer;
  readonly count: number;
  readonly sealedAt: Date;
  readonly hash: Buffer;
}

export async function readSealsAfter(db: DbOrTx, afterId: number, limit: number): Promise<readonly StoredSeal[]> {
  const { rows } = await sql<StoredSeal>`
    select id, previous_hash as "previousHash", root, record_count as count, sealed_at as "sealedAt", hash
    from consent_seals where id > ${afterId} order by id limit ${limit}`.execute(db);
  return rows;
}

export interface SealedRecord extends ChainedRecord {
  readonly recordId: ConsentRecordId;
  readonly isMissing: boolean;
  readonly storedHash: Buffer;
}

/** The entries of one seal in order, each with the record as it is now. */
export async function readSealedRecords(db: DbOrTx, sealId: number): Promise<readonly SealedRecord[]> {
  const { rows } = await sql<SealedRecord>`
    select e.record_id as "recordId", e.record_hash as "storedHash", r.id is null as "isMissing", ${CHAINED_COLUMNS}
    from consent_seal_entries e left join consent_records r on r.id = e.record_id ${CHAINED_JOINS}
    where e.seal_id = ${sealId} order by e.position`.execute(db);
  return rows;
}

export async function countUnsealedRecords(db: DbOrTx): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from consent_records r
    where not exists (select 1 from consent_seal_entries e where e.record_id = r.id)`.execute(db);
  return rows[0]?.count ?? 0;
}
