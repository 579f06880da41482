import { createHash } from 'node:crypto';
import type { ConsentRecordId } from '../shared/ids.ts';

/** A record in the form that is hashed: no personal value, instants as text to the millisecond, digests in hex. */
export interface ChainedRecord {
  readonly id: ConsentRecordId;
  readonly action: string;
  readonly purpose: string;
  readonly subscriberId: number;
  readonly newsletterId: number | null;
  readonly signupRequestId: number | null;
  readonly deliveryId: number | null;
  readonly consentText: string | null;
  readonly termsText: string | null;
  readonly privacyText: string | null;
  readonly termsDocument: string | null;
  readonly privacyDocument: string | null;
  readonly isAssertedByCaller: boolean;
  readonly method: string;
  readonly formId: string | null;
  readonly formVersion: string | null;
  readonly locale: string | null;
  readonly pageUrl: string | null;
  readonly actor: string;
  readonly occurredAt: string;
  readonly addressDigest: string | null;
  readonly ipDigest: string | null;
  readonly agentDigest: string | null;
  readonly details: string;
}

/** Part of what every stored hash was made from: fields may be added at the end of a later version, never moved. */
const HASHED_FIELDS = [
  'id',
  'action',
  'purpose',
  'subscriberId',
  'newsletterId',
  'signupRequestId',
  'deliveryId',
  'consentText',
  'termsText',
  'privacyText',
  'termsDocument',
  'privacyDocument',
  'isAssertedByCaller',
  'method',
  'formId',
  'formVersion',
  'locale',
  'pageUrl',
  'actor',
  'occurredAt',
  'addressDigest',
  'ipDigest',
  'agentDigest',
  'details',
] as const satisfies readonly (keyof ChainedRecord)[];

export const FIRST_PREVIOUS_HASH = createHash('sha256').update('courant consent chain').digest();

export function hashRecord(record: ChainedRecord): Buffer {
  const canonical = JSON.stringify(HASHED_FIELDS.map((field) => record[field]));
  return createHash('sha256').update(canonical, 'utf8').digest();
}

export function hashRoot(recordHashes: readonly Buffer[]): Buffer {
  const root = createHash('sha256');
  for (const hash of recordHashes) {
    root.update(hash);
  }
  return root.digest();
}

export function hashSeal(seal: {
  readonly previousHash: Buffer;
  readonly root: Buffer;
  readonly count: number;
  readonly sealedAt: string;
}): Buffer {
  return createHash('sha256')
    .update(seal.previousHash)
    .update(seal.root)
    .update(`${seal.count} ${seal.sealedAt}`, 'utf8')
    .digest();
}
