import type { PersonalField } from '../consent/index.ts';
import type { Declaration, EvidenceDocumentRef, EvidenceValue } from './evidence.ts';
import type { RecordRow } from './evidence.repository.ts';

/** A record as it is told to others. `all`: the records of the same person, which say what was erased. */
export function toDeclaration(
  record: RecordRow,
  all: readonly RecordRow[],
  documents: ReadonlyMap<number, EvidenceDocumentRef>,
): Declaration {
  const documentOf = (id: number | null): EvidenceDocumentRef | null =>
    id === null ? null : (documents.get(id) ?? null);
  return {
    recordId: record.recordId,
    subscriberId: record.subscriberId,
    action: record.action,
    purpose: record.purpose,
    newsletterId: record.newsletterId,
    newsletter: record.newsletter,
    occurredAt: record.occurredAt,
    method: record.method,
    actor: record.actor,
    isAssertedByCaller: record.isAssertedByCaller,
    consentText: record.consentText,
    termsText: record.termsText,
    privacyText: record.privacyText,
    locale: record.locale,
    terms: documentOf(record.termsDocumentId),
    privacy: documentOf(record.privacyDocumentId),
    formId: record.formId,
    formVersion: record.formVersion,
    pageUrl: record.pageUrl,
    signupRequestId: record.signupRequestId,
    deliveryId: record.deliveryId,
    details: record.details,
    address: describeValue(record, 'address', all),
    ip: describeValue(record, 'ip', all),
    agent: describeValue(record, 'agent', all),
    evidence: describeValue(record, 'evidence', all),
  };
}

/** What a record says about the values behind it, with the `erased` records of the same person for those that are gone. */
function describeValue(record: RecordRow, field: PersonalField, erasures: readonly RecordRow[]): EvidenceValue {
  const digest = record[`${field}Digest`];
  const value = record[field];
  const salt = record[`${field}Salt`];
  if (digest === null) {
    return { state: 'none' };
  }
  if (value !== null && salt !== null) {
    return { state: 'kept', value, salt, digest, restrictedAt: record.restrictedAt };
  }
  const erasure = erasures.find((candidate) => covers(candidate, record, field));
  return erasure === undefined
    ? { state: 'missing', digest }
    : {
        state: 'erased',
        digest,
        at: erasure.occurredAt,
        reason: typeof erasure.details['reason'] === 'string' ? erasure.details['reason'] : 'unknown',
        recordId: erasure.recordId,
      };
}

/** As `recordErased` writes it: the fields of every record up to an id, and before a moment where one is named. */
function covers(erasure: RecordRow, record: RecordRow, field: PersonalField): boolean {
  const { fields, upTo, before } = erasure.details;
  return (
    erasure.action === 'erased' &&
    erasure.subscriberId === record.subscriberId &&
    Array.isArray(fields) &&
    fields.includes(field) &&
    typeof upTo === 'number' &&
    record.recordId <= upTo &&
    (typeof before !== 'string' || record.occurredAt < new Date(before))
  );
}
