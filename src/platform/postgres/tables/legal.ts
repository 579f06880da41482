import type { Generated } from 'kysely';
import type { ConsentRecordId, IssueId, LegalDocumentId, NewsletterId, SubscriberId } from '../../../shared/ids.ts';

export interface LegalTables {
  legal_withdrawals: { document_id: LegalDocumentId; withdrawn_at: Date; withdrawn_by: string };
  legal_drafts: {
    kind: 'terms' | 'privacy';
    locale: string;
    title: string;
    markdown: string;
    revision: Generated<number>;
    created_at: Date;
    updated_at: Date;
    updated_by: string;
  };
  legal_notices: { document_id: LegalDocumentId; newsletter_id: NewsletterId; issue_id: IssueId };
  legal_acceptances: {
    subscriber_id: SubscriberId;
    document_id: LegalDocumentId;
    record_id: ConsentRecordId;
    accepted_at: Date;
  };
}
