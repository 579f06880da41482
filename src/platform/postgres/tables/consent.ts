import type { ColumnType, Generated } from 'kysely';
import type {
  ConsentRecordId,
  DeliveryId,
  LegalDocumentId,
  NewsletterId,
  SignupRequestId,
  SubscriberId,
} from '../../../shared/ids.ts';
import type { Id } from './columns.ts';

export interface ConsentTables {
  consent_texts: { hash: Buffer; text: string; locale: string; created_at: Date };
  legal_documents: {
    id: Id<LegalDocumentId>;
    kind: 'terms' | 'privacy';
    locale: string;
    version: number;
    title: string;
    markdown: string;
    hash: Buffer;
    is_sample: boolean;
    published_at: Date;
    change: Generated<'editorial' | 'notice' | 'acceptance'>;
  };
  consent_records: {
    id: Id<ConsentRecordId>;
    action: string;
    purpose: string;
    subscriber_id: SubscriberId;
    newsletter_id: NewsletterId | null;
    signup_request_id: SignupRequestId | null;
    delivery_id: DeliveryId | null;
    consent_text: Buffer | null;
    terms_text: Buffer | null;
    privacy_text: Buffer | null;
    terms_document_id: LegalDocumentId | null;
    privacy_document_id: LegalDocumentId | null;
    is_asserted_by_caller: Generated<boolean>;
    method: string;
    form_id: string | null;
    form_version: string | null;
    locale: string | null;
    page_url: string | null;
    actor: string;
    occurred_at: Date;
    address_digest: Buffer | null;
    ip_digest: Buffer | null;
    agent_digest: Buffer | null;
    details: ColumnType<Record<string, unknown>, string | undefined, never>;
  };
  consent_personal: {
    record_id: ConsentRecordId;
    address: string | null;
    address_salt: Buffer | null;
    ip: string | null;
    ip_salt: Buffer | null;
    agent: string | null;
    agent_salt: Buffer | null;
    evidence: string | null;
    evidence_salt: Buffer | null;
    restricted_at: Date | null;
  };
  erasures: {
    subscriber_id: SubscriberId;
    address_hash: Buffer;
    address_hash_key_id: number;
    erased_at: Date;
    evidence_until: Date;
  };
  consent_seals: {
    id: Generated<number>;
    previous_hash: Buffer;
    root: Buffer;
    record_count: number;
    max_record_id: ConsentRecordId;
    sealed_at: Date;
    hash: Buffer;
    record_ids: readonly ConsentRecordId[];
    mac: Buffer;
    mac_key_id: number;
  };
  consent_seal_entries: { record_id: ConsentRecordId; seal_id: number; position: number; record_hash: Buffer };
}
