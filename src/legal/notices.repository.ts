import type { DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { IssueId, LegalDocumentId, NewsletterId } from '../shared/ids.ts';
import type { LegalChange, LegalKind } from './legal-document.ts';

/** A version in effect that the newsletter's readers have not been told about. */
export interface UntoldVersion {
  readonly id: LegalDocumentId;
  readonly kind: LegalKind;
  readonly locale: string;
  readonly change: LegalChange;
}

/** Only what changed while the newsletter was there: its readers began with what was in effect before. */
export async function selectUntoldVersions(
  db: DbOrTx,
  newsletterId: NewsletterId,
  now: Date,
): Promise<readonly UntoldVersion[]> {
  return db
    .selectFrom('legal_documents as d')
    .innerJoin('newsletters as n', (join) => join.on('n.id', '=', newsletterId))
    .leftJoin('legal_withdrawals as w', 'w.document_id', 'd.id')
    .leftJoin('legal_notices as t', (join) =>
      join.onRef('t.document_id', '=', 'd.id').onRef('t.newsletter_id', '=', 'n.id'),
    )
    .select(['d.id', 'd.kind', 'd.locale', 'd.change'])
    .where('d.change', '<>', 'editorial')
    .where('d.is_sample', '=', false)
    .where('d.published_at', '<=', now)
    .whereRef('d.published_at', '>', 'n.created_at')
    .where('w.document_id', 'is', null)
    .where('t.document_id', 'is', null)
    .orderBy('d.id')
    .execute();
}

export async function insertNotices(
  tx: Tx,
  notice: {
    readonly documentIds: readonly LegalDocumentId[];
    readonly newsletterId: NewsletterId;
    readonly issueId: IssueId;
  },
): Promise<void> {
  const rows = notice.documentIds.map((documentId) => ({
    document_id: documentId,
    newsletter_id: notice.newsletterId,
    issue_id: notice.issueId,
  }));
  await tx.insertInto('legal_notices').values(rows).execute();
}

export async function deleteNotices(tx: Tx, issueId: IssueId): Promise<void> {
  await tx.deleteFrom('legal_notices').where('issue_id', '=', issueId).execute();
}
