import type { Db } from '../platform/postgres/index.ts';
import { FIRST_PREVIOUS_HASH, hashRecord, hashRoot, hashSeal } from './chain.ts';
import { countUnsealedRecords, readSealedRecords, readSealsAfter } from './seals.repository.ts';
import type { StoredSeal } from './seals.repository.ts';

export type ConsentVerification =
  | {
      readonly kind: 'intact';
      readonly seals: number;
      readonly records: number;
      readonly unsealed: number;
      readonly head: string;
    }
  | {
      readonly kind: 'tampered';
      readonly sealId: number;
      readonly recordId: number | null;
      readonly problem: ChainProblem;
    };

export const CHAIN_PROBLEMS = [
  'seal_broken',
  'chain_broken',
  'record_missing',
  'record_changed',
  'record_count_differs',
] as const;
export type ChainProblem = (typeof CHAIN_PROBLEMS)[number];

const SEALS_AT_ONCE = 500;

/**
 * Recomputes every seal and names the first thing that does not fit. `head` is the hash of the newest seal: kept somewhere
 * else, it shows later whether the end of the chain was cut off.
 */
export async function verifyConsent(
  db: Db,
  onProgress: (records: number) => void = () => {},
): Promise<ConsentVerification> {
  let previousHash: Buffer = FIRST_PREVIOUS_HASH;
  let seals = 0;
  let records = 0;
  for (let lastId = 0; ;) {
    const page = await readSealsAfter(db, lastId, SEALS_AT_ONCE);
    for (const seal of page) {
      const problem = await verifySeal(db, seal, previousHash);
      if (problem !== undefined) {
        return { kind: 'tampered', sealId: seal.id, ...problem };
      }
      previousHash = seal.hash;
      lastId = seal.id;
      seals += 1;
      records += seal.count;
      onProgress(records);
    }
    if (page.length < SEALS_AT_ONCE) {
      return {
        kind: 'intact',
        seals,
        records,
        unsealed: await countUnsealedRecords(db),
        head: previousHash.toString('hex'),
      };
    }
  }
}

async function verifySeal(
  db: Db,
  seal: StoredSeal,
  previousHash: Buffer,
): Promise<{ readonly recordId: number | null; readonly problem: ChainProblem } | undefined> {
  if (!seal.previousHash.equals(previousHash)) {
    return { recordId: null, problem: 'chain_broken' };
  }
  const entries = await readSealedRecords(db, seal.id);
  for (const entry of entries) {
    if (entry.isMissing) {
      return { recordId: entry.recordId, problem: 'record_missing' };
    }
    if (!hashRecord(entry).equals(entry.storedHash)) {
      return { recordId: entry.recordId, problem: 'record_changed' };
    }
  }
  if (entries.length !== seal.count) {
    return { recordId: null, problem: 'record_count_differs' };
  }
  const root = hashRoot(entries.map((entry) => entry.storedHash));
  const hash = hashSeal({ previousHash, root, count: seal.count, sealedAt: seal.sealedAt.toISOString() });
  return root.equals(seal.root) && hash.equals(seal.hash) ? undefined : { recordId: null, problem: 'seal_broken' };
}
