import { sql } from 'kysely';
import type { Db, DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { ConsentRecordId } from '../shared/ids.ts';
import { signSeal } from '../shared/keyring.ts';
import type { Keyring } from '../shared/keyring.ts';
import { FIRST_PREVIOUS_HASH, hashRecord, hashRoot, hashSeal } from './chain.ts';
import type { ChainedRecord } from './chain.ts';

/** 'Seal' in ASCII. */
const SEALER_LOCK = 0x53_65_61_6c;
const BATCH = 5000;
/**
 * How far behind the newest seal records may still come in whose ids are lower than its own: as long as a transaction stays open.
 * Nearly all are over within the short time; none may take the long one.
 */
const SHORT_LOOK_BACK_MINUTES = 2;
const LOOK_BACK_MINUTES = 60;

/** A record as it is hashed. For queries that name the record `r` and have `CHAINED_JOINS`. */
export const CHAINED_COLUMNS = sql`
  r.id, r.action, r.purpose, r.subscriber_id as "subscriberId", r.newsletter_id as "newsletterId",
  r.signup_request_id as "signupRequestId", r.delivery_id as "deliveryId", encode(r.consent_text, 'hex') as "consentText",
  encode(r.terms_text, 'hex') as "termsText", encode(r.privacy_text, 'hex') as "privacyText",
  encode(td.hash, 'hex') as "termsDocument", encode(pd.hash, 'hex') as "privacyDocument",
  r.is_asserted_by_caller as "isAssertedByCaller", r.method, r.form_id as "formId", r.form_version as "formVersion", r.locale,
  r.page_url as "pageUrl", r.actor,
  to_char(r.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "occurredAt",
  encode(r.address_digest, 'hex') as "addressDigest", encode(r.ip_digest, 'hex') as "ipDigest",
  encode(r.agent_digest, 'hex') as "agentDigest", r.details::text as details,
  td.kind || '/' || td.locale || '/' || td.version as "termsVersion",
  pd.kind || '/' || pd.locale || '/' || pd.version as "privacyVersion"`;

export const CHAINED_JOINS = sql`
  left join legal_documents td on td.id = r.terms_document_id
  left join legal_documents pd on pd.id = r.privacy_document_id`;

interface SealerDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly keyring: Keyring;
}

export interface SealReport {
  readonly sealed: number;
}

/**
 * Chains all committed records that no seal holds yet, a transaction for each batch. One sealer at a time (advisory lock); a
 * second one finds the lock taken and leaves. Never by "id > last": commit order is not id order, so it looks back past what
 * was sealed lately.
 */
export async function sealConsentRecords(
  deps: SealerDeps,
  { batchSize = BATCH }: { readonly batchSize?: number } = {},
): Promise<SealReport> {
  let sealed = 0;
  let lastId: number | undefined;
  for (;;) {
    const ids = await deps.db.transaction().execute((tx) => sealBatch(tx, deps, batchSize, lastId));
    sealed += ids.length;
    lastId = ids.at(-1);
    if (ids.length < batchSize) {
      return { sealed };
    }
  }
}

/** Goes on after `lastId`, or looks back when there is none. */
async function sealBatch(
  tx: Tx,
  deps: SealerDeps,
  batchSize: number,
  lastId: number | undefined,
): Promise<readonly ConsentRecordId[]> {
  const lock = await sql<{ taken: boolean }>`select pg_try_advisory_xact_lock(${SEALER_LOCK}) as taken`.execute(tx);
  if (lock.rows[0]?.taken !== true) {
    return [];
  }
  const newest = await readNewestSeal(tx);
  const sealedAt = deps.clock.now();
  const records = await readUnsealed(tx, lastId ?? (await readFloor(tx, newest, sealedAt)), batchSize);
  if (records.length > 0) {
    await insertSeal(tx, deps.keyring, {
      previousHash: newest?.hash ?? FIRST_PREVIOUS_HASH,
      maxRecordId: records.reduce((max, record) => Math.max(max, record.id), newest?.maxRecordId ?? 0),
      sealedAt,
      records,
    });
  }
  return records.map(({ id }) => id);
}

interface NewestSeal {
  readonly hash: string;
  readonly maxRecordId: number;
  readonly sealedAt: Date;
}

async function readNewestSeal(tx: Tx): Promise<NewestSeal | undefined> {
  const { rows } = await sql<NewestSeal>`
    select encode(hash, 'hex') as hash, max_record_id as "maxRecordId", sealed_at as "sealedAt"
    from consent_seals order by id desc limit 1`.execute(tx);
  return rows[0];
}

/**
 * The long look back once a minute, the short one in between: after hours of many sign-ups a second the long one is millions
 * of records. Both are before the newest seal and not before now, or a record that was committed right after that seal
 * would be passed over when no sealer ran for a while.
 */
function readFloor(tx: Tx, newest: NewestSeal | undefined, now: Date): Promise<number> {
  const minuteOf = (instant: Date): number => Math.floor(instant.getTime() / 60_000);
  const isFirstOfMinute = newest === undefined || minuteOf(newest.sealedAt) !== minuteOf(now);
  return readSealedFloor(tx, isFirstOfMinute ? LOOK_BACK_MINUTES : SHORT_LOOK_BACK_MINUTES);
}

/** No record with this id or a lower one will be sealed any more. */
export async function readSealedFloor(db: DbOrTx, lookBackMinutes = LOOK_BACK_MINUTES): Promise<number> {
  const { rows } = await sql<{ floor: number }>`
    select coalesce((select max_record_id from consent_seals
      where sealed_at < (select sealed_at from consent_seals order by id desc limit 1) - make_interval(mins => ${lookBackMinutes})
      order by id desc limit 1), 0) as floor`.execute(db);
  return rows[0]?.floor ?? 0;
}

async function readUnsealed(tx: Tx, afterId: number, limit: number): Promise<readonly ChainedRecord[]> {
  const { rows } = await sql<ChainedRecord>`
    select ${CHAINED_COLUMNS} from consent_records r ${CHAINED_JOINS}
    where r.id > ${afterId}
      and not exists (select 1 from consent_seal_entries e where e.record_id = r.id and e.record_id > ${afterId})
    order by r.id limit ${limit}`.execute(tx);
  return rows;
}

async function insertSeal(
  tx: Tx,
  keyring: Keyring,
  content: {
    readonly previousHash: string;
    readonly maxRecordId: number;
    readonly sealedAt: Date;
    readonly records: readonly ChainedRecord[];
  },
): Promise<void> {
  const { previousHash, maxRecordId, sealedAt } = content;
  const recordIds = content.records.map(({ id }) => id);
  const recordHashes = content.records.map(hashRecord);
  const root = hashRoot(recordHashes);
  const hash = Buffer.from(
    hashSeal({ previousHash, root, maxRecordId, sealedAt, recordIds: recordIds.join(' ') }),
    'hex',
  );
  await sql`
    with seal as (
      insert into consent_seals (previous_hash, root, record_count, max_record_id, sealed_at, hash, record_ids, mac, mac_key_id)
      values (decode(${previousHash}, 'hex'), decode(${root}, 'hex'), ${recordIds.length}, ${maxRecordId}, ${sealedAt}, ${hash},
        ${recordIds}::bigint[], ${signSeal(keyring, hash)}, ${keyring.signingKeyId})
      returning id
    )
    insert into consent_seal_entries (record_id, seal_id, position, record_hash)
    select t.id, seal.id, t.position - 1, decode(t.hash, 'hex')
    from seal cross join unnest(${recordIds}::bigint[], ${recordHashes}::text[]) with ordinality as t(id, hash, position)`.execute(
    tx,
  );
}

/** Cheap enough for each second: two index look-ups. A late record with a lower id waits for the sweep. */
export async function hasNewRecords(db: DbOrTx): Promise<boolean> {
  const { rows } = await sql<{ hasNew: boolean }>`
    select coalesce((select max(id) from consent_records), 0)
      > coalesce((select max_record_id from consent_seals order by id desc limit 1), 0) as "hasNew"`.execute(db);
  return rows[0]?.hasNew ?? false;
}
