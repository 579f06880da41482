import { sql } from 'kysely';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { ConsentRecordId, LegalDocumentId, SubscriberId } from '../shared/ids.ts';
import type { ChainedRecord, SealStatement } from './chain.ts';
import { readErasureScope } from './erasure-scope.ts';
import type { ErasureScope } from './erasure-scope.ts';
import { PERSONAL_FIELDS } from './personal-value.ts';
import type { PersonalField } from './personal-value.ts';
import { CHAINED_COLUMNS, CHAINED_JOINS } from './seals.repository.ts';

/** Entries read at once: more would fill the socket, and the server would stand still while they are hashed (measured). */
const ENTRIES_AT_ONCE = 2000;
/** More than entries, so that only seals that were robbed of their entries ever need a second page. */
const SEALS_AT_ONCE = 3000;
const TEXTS_AT_ONCE = 200;
const IDS_AT_ONCE = 500_000;
const NOBODY: readonly SubscriberId[] = [];

export interface StoredSeal extends SealStatement {
  readonly id: number;
  readonly count: number;
  readonly hash: string;
  readonly mac: Buffer;
  readonly macKeyId: number;
}

/** One entry with the record as it is now, and what stands behind its digests. */
export interface LedgerEntry extends ChainedRecord {
  readonly sealId: number;
  readonly position: number;
  readonly recordId: ConsentRecordId;
  readonly storedHash: string;
  /** Then everything of the record below is null. */
  readonly isMissing: boolean;
  readonly termsDocumentId: LegalDocumentId | null;
  readonly privacyDocumentId: LegalDocumentId | null;
  readonly address: string | null;
  readonly addressSalt: Buffer | null;
  readonly ip: string | null;
  readonly ipSalt: Buffer | null;
  readonly agent: string | null;
  readonly agentSalt: Buffer | null;
  /** What an import says that the consent rests on. */
  readonly evidence: string | null;
  readonly evidenceSalt: Buffer | null;
  /** In hex; stands in `details`. */
  readonly evidenceDigest: string | null;
}

export interface SealWithEntries {
  readonly id: number;
  /** Undefined when entries name a seal that does not exist. */
  readonly seal: StoredSeal | undefined;
  readonly entries: readonly LedgerEntry[];
}

export interface LedgerPage {
  readonly seals: readonly SealWithEntries[];
  /** Of the persons of whom a value is gone on this page. */
  readonly erasures: ReadonlyMap<SubscriberId, readonly ErasureScope[]>;
  /** Values that are gone although a digest is there: erased, or removed. */
  readonly missingValues: number;
}

/**
 * The whole chain in order, some seals at a time. The next page is on its way while the caller works on this one; memory holds
 * two pages and one seal. Call it in a transaction that sees one state of the database.
 */
export async function* readLedger(db: DbOrTx): AsyncGenerator<LedgerPage> {
  let waiting: LedgerEntry[] = [];
  let lastSealId = 0;
  let reading = readEntries(db, { sealId: 0, position: -1 });
  try {
    for (;;) {
      const page = await reading;
      const last = page.length < ENTRIES_AT_ONCE ? undefined : page.at(-1);
      waiting.push(...page);
      // The last seal of a full page may go on in the next one.
      const upTo = last === undefined ? Number.MAX_SAFE_INTEGER : last.sealId - 1;
      for (let isAll = false; !isAll;) {
        const seals = await readSeals(db, lastSealId, upTo);
        isAll = seals.length < SEALS_AT_ONCE;
        const end = isAll ? upTo : (seals.at(-1)?.id ?? upTo);
        const entries = waiting.filter(({ sealId }) => sealId <= end);
        const missing = entries.flatMap(missingValuesOf);
        const erasures = missing.length === 0 ? new Map() : await readErasures(db, missing);
        if (isAll && last !== undefined) {
          reading = readEntries(db, last);
          reading.catch(() => undefined);
          // The statement leaves before the caller takes the processor.
          await new Promise((resolve) => setImmediate(resolve));
        }
        yield { seals: groupBySeal(seals, entries), erasures, missingValues: missing.length };
        waiting = waiting.filter(({ sealId }) => sealId > end);
        lastSealId = end;
      }
      if (last === undefined) {
        return;
      }
    }
  } finally {
    // Two statements must not meet on one connection.
    await reading.catch(() => undefined);
  }
}

function groupBySeal(seals: readonly StoredSeal[], entries: readonly LedgerEntry[]): readonly SealWithEntries[] {
  const sealsById = new Map(seals.map((seal) => [seal.id, seal]));
  const entriesById = Map.groupBy(entries, ({ sealId }) => sealId);
  const ids = [...new Set([...sealsById.keys(), ...entriesById.keys()])].sort((a, b) => a - b);
  return ids.map((id) => ({ id, seal: sealsById.get(id), entries: entriesById.get(id) ?? [] }));
}

async function readEntries(
  db: DbOrTx,
  after: { readonly sealId: number; readonly position: number },
): Promise<readonly LedgerEntry[]> {
  const { rows } = await sql<LedgerEntry>`
    select e.seal_id as "sealId", e.position, e.record_id as "recordId", encode(e.record_hash, 'hex') as "storedHash",
      r.id is null as "isMissing", ${CHAINED_COLUMNS},
      r.terms_document_id as "termsDocumentId", r.privacy_document_id as "privacyDocumentId",
      p.address, p.address_salt as "addressSalt", p.ip, p.ip_salt as "ipSalt", p.agent, p.agent_salt as "agentSalt",
      p.evidence, p.evidence_salt as "evidenceSalt", r.details ->> 'evidenceDigest' as "evidenceDigest"
    from consent_seal_entries e
    left join consent_records r on r.id = e.record_id
    left join consent_personal p on p.record_id = e.record_id ${CHAINED_JOINS}
    where (e.seal_id, e.position) > (${after.sealId}, ${after.position})
    order by e.seal_id, e.position limit ${ENTRIES_AT_ONCE}`.execute(db);
  return rows;
}

async function readSeals(db: DbOrTx, afterId: number, upToId: number): Promise<readonly StoredSeal[]> {
  const { rows } = await sql<StoredSeal>`
    select id, record_count as count, encode(previous_hash, 'hex') as "previousHash", encode(root, 'hex') as root, max_record_id as "maxRecordId",
      sealed_at as "sealedAt", array_to_string(record_ids, ' ') as "recordIds", encode(hash, 'hex') as hash, mac,
      mac_key_id as "macKeyId"
    from consent_seals where id > ${afterId} and id <= ${upToId} order by id limit ${SEALS_AT_ONCE}`.execute(db);
  return rows;
}

/** For progress; what an attacker writes here only moves the bar. */
export async function countEntries(db: DbOrTx): Promise<number> {
  const { rows } = await sql<{
    count: number;
  }>`select coalesce(sum(record_count), 0)::bigint as count from consent_seals`.execute(db);
  return rows[0]?.count ?? 0;
}

/** The subscriber, once for each value that is gone. */
function missingValuesOf(entry: LedgerEntry): readonly SubscriberId[] {
  const isMissing = (field: PersonalField): boolean => entry[field] === null && entry[`${field}Digest`] !== null;
  return PERSONAL_FIELDS.some(isMissing) ? PERSONAL_FIELDS.filter(isMissing).map(() => entry.subscriberId) : NOBODY;
}

/** What all `erased` records of these persons cover. */
async function readErasures(
  db: DbOrTx,
  subscriberIds: readonly SubscriberId[],
): Promise<ReadonlyMap<SubscriberId, readonly ErasureScope[]>> {
  const { rows } = await sql<{ subscriberId: SubscriberId; details: unknown }>`
    select subscriber_id as "subscriberId", details from consent_records
    where action = 'erased' and subscriber_id = any(${[...new Set(subscriberIds)]}::bigint[])`.execute(db);
  const scopes = rows.flatMap(({ subscriberId, details }) => {
    const scope = readErasureScope(details);
    return scope === undefined ? [] : [{ subscriberId, ...scope }];
  });
  return Map.groupBy(scopes, ({ subscriberId }) => subscriberId);
}

/** Every wording, by its name in consent records. */
export async function* readTexts(db: DbOrTx): AsyncGenerator<{ readonly hash: string; readonly text: string }> {
  for (let after: Buffer = Buffer.alloc(0); ;) {
    const { rows } = await sql<{ key: Buffer; hash: string; text: string }>`
      select hash as key, encode(hash, 'hex') as hash, text from consent_texts where hash > ${after}
      order by consent_texts.hash limit ${TEXTS_AT_ONCE}`.execute(db);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined) {
      return;
    }
    after = last.key;
  }
}

/** Every published version of the legal texts. */
export async function* readDocuments(
  db: DbOrTx,
): AsyncGenerator<{ readonly id: LegalDocumentId; readonly hash: string; readonly markdown: string }> {
  for (let after = 0; ;) {
    const { rows } = await sql<{ id: LegalDocumentId; hash: string; markdown: string }>`
      select id, encode(hash, 'hex') as hash, markdown from legal_documents where id > ${after}
      order by id limit ${TEXTS_AT_ONCE}`.execute(db);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined) {
      return;
    }
    after = last.id;
  }
}

/** The first record up to `floor` that no seal holds. In steps, so that no statement takes long however many there are. */
export async function findNeverSealed(db: DbOrTx, floor: number): Promise<ConsentRecordId | undefined> {
  for (let from = 0; from < floor; from += IDS_AT_ONCE) {
    const { rows } = await sql<{ id: ConsentRecordId }>`
      select r.id from consent_records r
      where r.id > ${from} and r.id <= ${Math.min(from + IDS_AT_ONCE, floor)}
        and not exists (select 1 from consent_seal_entries e
          where e.record_id = r.id and e.record_id > ${from} and e.record_id <= ${Math.min(from + IDS_AT_ONCE, floor)})
      order by r.id limit 1`.execute(db);
    if (rows[0] !== undefined) {
      return rows[0].id;
    }
  }
  return undefined;
}

export async function countUnsealed(db: DbOrTx, floor: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from consent_records r
    where r.id > ${floor} and not exists (select 1 from consent_seal_entries e where e.record_id = r.id and e.record_id > ${floor})`.execute(
    db,
  );
  return rows[0]?.count ?? 0;
}

/** True when another seal holds the record now, or was made with it. */
export async function isInAnotherSeal(db: DbOrTx, recordId: number, sealId: number): Promise<boolean> {
  const { rows } = await sql<{ isThere: boolean }>`
    select exists (select 1 from consent_seal_entries where record_id = ${recordId} and seal_id <> ${sealId})
      or exists (select 1 from consent_seals where id <> ${sealId} and record_ids @> array[${recordId}]::bigint[]) as "isThere"`.execute(
    db,
  );
  return rows[0]?.isThere ?? false;
}
