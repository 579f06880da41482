import { signSeal } from '../shared/keyring.ts';
import type { Keyring } from '../shared/keyring.ts';
import type { LegalDocumentId, SubscriberId } from '../shared/ids.ts';
import type { Finding } from './chain-problem.ts';
import { hashRecord, hashRoot, hashSeal } from './chain.ts';
import { isErased } from './erasure-scope.ts';
import type { ErasureScope } from './erasure-scope.ts';
import type { LedgerEntry, SealWithEntries, StoredSeal } from './ledger.repository.ts';
import { PERSONAL_FIELDS, digestValue } from './personal-value.ts';

/** What records refer to, checked before. True: as it was; false: changed; absent: gone. */
export interface References {
  readonly keyring: Keyring;
  readonly texts: ReadonlyMap<string, boolean>;
  readonly documents: ReadonlyMap<LegalDocumentId, boolean>;
}

type Erasures = ReadonlyMap<SubscriberId, readonly ErasureScope[]>;

/** The first thing that does not fit in one seal and its records, computed from the rows alone. */
export function checkSeal(
  references: References,
  { seal, entries }: SealWithEntries,
  previousHash: string,
  erasures: Erasures,
): Finding | undefined {
  const firstId = entries[0]?.recordId ?? null;
  if (seal === undefined) {
    return { problem: 'seal_removed', recordId: firstId };
  }
  const problem = checkStatement(references.keyring, seal, previousHash);
  if (problem !== undefined) {
    return { problem, recordId: firstId };
  }
  const misplaced = findMisplaced(seal, entries);
  if (misplaced !== undefined) {
    return misplaced;
  }
  if (entries.length !== seal.count) {
    return { problem: 'seal_changed', recordId: firstId };
  }
  const hashes = entries.map(hashRecord);
  for (const [index, entry] of entries.entries()) {
    const found = checkEntry(references, entry, hashes[index], erasures);
    if (found === 'record_changed') {
      return { problem: explainChange(seal, entries, hashes, entry), recordId: entry.recordId };
    }
    if (found !== undefined) {
      return { problem: found, recordId: entry.recordId };
    }
  }
  return hashRoot(hashes) === seal.root
    ? undefined
    : { problem: entries.length === 1 ? 'record_changed' : 'root_differs', recordId: firstId };
}

/** Its own hash first: what the rest of the check relies on is in it. */
function checkStatement(keyring: Keyring, seal: StoredSeal, previousHash: string): Finding['problem'] | undefined {
  if (hashSeal(seal) !== seal.hash) {
    return 'seal_changed';
  }
  if (!keyring.keys.has(seal.macKeyId)) {
    return 'seal_key_unknown';
  }
  if (!signSeal(keyring, Buffer.from(seal.hash, 'hex'), seal.macKeyId).equals(seal.mac)) {
    return 'seal_forged';
  }
  return seal.previousHash === previousHash ? undefined : 'chain_broken';
}

/** Compares the records that stand in the seal with those it was made of, up to the first difference. */
function findMisplaced(seal: StoredSeal, entries: readonly LedgerEntry[]): Finding | undefined {
  const present = entries.map(({ recordId }) => Number(recordId));
  if (present.join(' ') === seal.recordIds) {
    return undefined;
  }
  const sealed = seal.recordIds.split(' ').map(Number);
  const index = Array.from({ length: Math.max(sealed.length, present.length) }).findIndex(
    (_, position) => sealed[position] !== present[position],
  );
  const [wanted, there] = [sealed[index], present[index]];
  if (wanted !== undefined && !present.includes(wanted)) {
    return { problem: 'record_removed', recordId: wanted };
  }
  return there === undefined || sealed.includes(there)
    ? { problem: 'record_reordered', recordId: wanted ?? there ?? null }
    : { problem: 'record_inserted', recordId: there };
}

function checkEntry(
  references: References,
  entry: LedgerEntry,
  hash: string | undefined,
  erasures: Erasures,
): Finding['problem'] | undefined {
  if (entry.isMissing) {
    return 'record_removed';
  }
  const documents = [entry.termsDocumentId, entry.privacyDocumentId].filter((id) => id !== null);
  if (documents.some((id) => !references.documents.has(id))) {
    return 'document_removed';
  }
  if (hash !== entry.storedHash) {
    return 'record_changed';
  }
  if (documents.some((id) => references.documents.get(id) === false)) {
    return 'document_changed';
  }
  const texts = [entry.consentText, entry.termsText, entry.privacyText].filter((text) => text !== null);
  const bad = texts.find((text) => references.texts.get(text) !== true);
  if (bad !== undefined) {
    return references.texts.has(bad) ? 'text_changed' : 'text_removed';
  }
  return checkValues(entry, erasures.get(entry.subscriberId) ?? []);
}

function checkValues(entry: LedgerEntry, erasures: readonly ErasureScope[]): Finding['problem'] | undefined {
  for (const field of PERSONAL_FIELDS) {
    const [value, salt, digest] = [entry[field], entry[`${field}Salt`], entry[`${field}Digest`]];
    if (value === null) {
      if (digest !== null && !isErased(erasures, { field, recordId: entry.id, occurredAt: entry.occurredAt })) {
        return 'value_removed';
      }
    } else if (salt === null || digestValue(salt, value) !== digest) {
      return 'value_changed';
    }
  }
  return undefined;
}

/** The record or only its stored hash? Two records that changed places? */
function explainChange(
  seal: StoredSeal,
  entries: readonly LedgerEntry[],
  hashes: readonly string[],
  entry: LedgerEntry,
): Finding['problem'] {
  if (hashRoot(hashes) === seal.root) {
    return 'entry_changed';
  }
  const isElsewhere = entries.some(
    ({ recordId, storedHash }) => recordId !== entry.recordId && hashRecord({ ...entry, id: recordId }) === storedHash,
  );
  return isElsewhere ? 'record_reordered' : 'record_changed';
}
