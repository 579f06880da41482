import { hash } from 'node:crypto';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { LegalDocumentId } from '../shared/ids.ts';
import type { Keyring } from '../shared/keyring.ts';
import type { ChainProblem, Finding } from './chain-problem.ts';
import { FIRST_PREVIOUS_HASH } from './chain.ts';
import { checkSeal } from './check-seal.ts';
import type { References } from './check-seal.ts';
import type { ChainHead } from './heads.repository.ts';
import {
  countEntries,
  countUnsealed,
  findNeverSealed,
  isInAnotherSeal,
  readDocuments,
  readLedger,
  readTexts,
} from './ledger.repository.ts';
import { readSealedFloor } from './seals.repository.ts';

export type ConsentVerification =
  | {
      readonly kind: 'intact';
      readonly seals: number;
      readonly records: number;
      /** Values that are gone, each covered by an `erased` record. */
      readonly erasedValues: number;
      readonly unsealed: number;
      /** The hash of the newest seal: kept elsewhere, it shows later whether the end of the chain was cut off. */
      readonly head: string;
      readonly headSealId: number | null;
    }
  | {
      readonly kind: 'tampered';
      readonly problem: ChainProblem;
      /** Null for what no seal holds. */
      readonly sealId: number | null;
      readonly recordId: number | null;
    };

export interface VerifyOptions {
  /** Heads that were exported before, to be found again. */
  readonly heads?: readonly Pick<ChainHead, 'sealId' | 'hash'>[];
  readonly onProgress?: (records: number, total: number) => void;
}

interface VerifyDeps {
  readonly db: DbOrTx;
  readonly keyring: Keyring;
}

/**
 * Computes everything again from the rows and names the first thing that does not fit: hashes of records, roots, chain, MACs,
 * wordings, legal documents, personal values, exported heads. Sees one state of the database, so that signups, the sealer and
 * erasures may go on meanwhile.
 */
export function verifyConsent(deps: VerifyDeps, options: VerifyOptions = {}): Promise<ConsentVerification> {
  return deps.db.isTransaction
    ? verifyLedger(deps, options)
    : deps.db
        .transaction()
        .setIsolationLevel('repeatable read')
        .setAccessMode('read only')
        .execute((tx) => verifyLedger({ ...deps, db: tx }, options));
}

interface Walk {
  seals: number;
  records: number;
  erasedValues: number;
  head: string;
  headSealId: number | null;
  /** Exported heads that were not met yet. */
  readonly heads: Map<number, readonly string[]>;
}

async function verifyLedger(deps: VerifyDeps, options: VerifyOptions): Promise<ConsentVerification> {
  const { db, keyring } = deps;
  const references = { keyring, texts: await checkTexts(db), documents: await checkDocuments(db) };
  const walk: Walk = {
    seals: 0,
    records: 0,
    erasedValues: 0,
    head: FIRST_PREVIOUS_HASH,
    headSealId: null,
    heads: hashesBySeal(options.heads ?? []),
  };
  const found =
    (await walkChain(db, references, walk, options)) ?? (await checkOutside(db, references)) ?? checkHeads(walk);
  if (found !== undefined) {
    return { kind: 'tampered', ...found };
  }
  const { heads: _heads, ...counts } = walk;
  return { kind: 'intact', ...counts, unsealed: await countUnsealed(db, await readSealedFloor(db)) };
}

type PlacedFinding = Finding & { readonly sealId: number | null };

async function walkChain(
  db: DbOrTx,
  references: References,
  walk: Walk,
  options: VerifyOptions,
): Promise<PlacedFinding | undefined> {
  const found = await findFirst(db, references, walk, options);
  // Asked only now: reading has ended, so the connection is free.
  const isMoved =
    found !== undefined &&
    found.recordId !== null &&
    ['record_removed', 'record_inserted'].includes(found.problem) &&
    (await isInAnotherSeal(db, found.recordId, found.sealId));
  return isMoved ? { ...found, problem: 'record_reordered' } : found;
}

async function findFirst(
  db: DbOrTx,
  references: References,
  walk: Walk,
  { onProgress }: VerifyOptions,
): Promise<(PlacedFinding & { readonly sealId: number }) | undefined> {
  const total = onProgress === undefined ? 0 : await countEntries(db);
  for await (const page of readLedger(db)) {
    for (const sealed of page.seals) {
      const finding =
        checkSeal(references, sealed, walk.head, page.erasures) ?? checkHead(walk, sealed.id, sealed.seal?.hash);
      if (finding !== undefined) {
        return { ...finding, sealId: sealed.id };
      }
      walk.head = sealed.seal?.hash ?? walk.head;
      walk.headSealId = sealed.id;
      walk.seals += 1;
      walk.records += sealed.entries.length;
    }
    walk.erasedValues += page.missingValues;
    onProgress?.(walk.records, total);
  }
  return undefined;
}

/** The same seal may have been exported more than once, and not always alike. */
function hashesBySeal(heads: readonly Pick<ChainHead, 'sealId' | 'hash'>[]): Map<number, readonly string[]> {
  const bySeal = Map.groupBy(heads, ({ sealId }) => sealId);
  return new Map([...bySeal].map(([sealId, ofSeal]) => [sealId, ofSeal.map((head) => head.hash)]));
}

function checkHead(walk: Walk, sealId: number, sealHash: string | undefined): Finding | undefined {
  const kept = walk.heads.get(sealId);
  walk.heads.delete(sealId);
  return kept === undefined || kept.every((one) => one === sealHash)
    ? undefined
    : { problem: 'head_differs', recordId: null };
}

/** Exported heads of seals that are not there. */
function checkHeads(walk: Walk): PlacedFinding | undefined {
  const [sealId] = [...walk.heads.keys()].sort((a, b) => a - b);
  return sealId === undefined
    ? undefined
    : { problem: sealId > (walk.headSealId ?? 0) ? 'tail_cut' : 'head_missing', sealId, recordId: null };
}

/** What no sealed record leads to. */
async function checkOutside(db: DbOrTx, references: References): Promise<PlacedFinding | undefined> {
  const recordId = await findNeverSealed(db, await readSealedFloor(db));
  if (recordId !== undefined) {
    return { problem: 'record_inserted', sealId: null, recordId };
  }
  if ([...references.texts.values()].includes(false)) {
    return { problem: 'text_changed', sealId: null, recordId: null };
  }
  return [...references.documents.values()].includes(false)
    ? { problem: 'document_changed', sealId: null, recordId: null }
    : undefined;
}

async function checkTexts(db: DbOrTx): Promise<ReadonlyMap<string, boolean>> {
  const texts = new Map<string, boolean>();
  for await (const text of readTexts(db)) {
    texts.set(text.hash, hash('sha256', text.text, 'hex') === text.hash);
  }
  return texts;
}

async function checkDocuments(db: DbOrTx): Promise<ReadonlyMap<LegalDocumentId, boolean>> {
  const documents = new Map<LegalDocumentId, boolean>();
  for await (const document of readDocuments(db)) {
    documents.set(document.id, hash('sha256', document.markdown, 'hex') === document.hash);
  }
  return documents;
}
