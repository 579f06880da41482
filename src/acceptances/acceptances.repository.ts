import type { DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { DeliveryId, LegalDocumentId, SubscriberId } from '../shared/ids.ts';

/** A mail that asked its reader to accept new terms. */
export interface AcceptanceAsk {
  readonly deliveryId: DeliveryId;
  readonly subscriberId: SubscriberId;
  readonly address: string;
  /** Language of the terms that the mail told of. */
  readonly termsLocale: string;
}

/** Undefined for a mail whose issue asked nothing, and when the reader is gone. */
export async function selectAsk(db: DbOrTx, deliveryId: number): Promise<AcceptanceAsk | undefined> {
  return db
    .selectFrom('deliveries as d')
    .innerJoin('campaigns as c', 'c.id', 'd.campaign_id')
    .innerJoin('legal_notices as n', 'n.issue_id', 'c.issue_id')
    .innerJoin('legal_documents as l', 'l.id', 'n.document_id')
    .innerJoin('subscribers as s', 's.id', 'd.subscriber_id')
    .select(['d.id as deliveryId', 's.id as subscriberId', 's.address', 'l.locale as termsLocale'])
    .where('d.id', '=', deliveryId as DeliveryId)
    .where('l.kind', '=', 'terms')
    .where('l.change', '=', 'acceptance')
    .orderBy('l.id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** Whoever accepts twice at once does so one after the other. False when the reader is gone. */
export async function lockReader(tx: Tx, id: SubscriberId): Promise<boolean> {
  const row = await tx.selectFrom('subscribers').select('id').where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
  return row !== undefined;
}

export async function selectAcceptance(
  db: DbOrTx,
  id: SubscriberId,
): Promise<{ readonly documentId: LegalDocumentId; readonly acceptedAt: Date } | undefined> {
  return db
    .selectFrom('legal_acceptances')
    .select(['document_id as documentId', 'accepted_at as acceptedAt'])
    .where('subscriber_id', '=', id)
    .executeTakeFirst();
}

/** How many subscribers accepted each version last. Versions that nobody did are left out. */
export async function countAcceptances(
  db: DbOrTx,
): Promise<readonly { readonly documentId: LegalDocumentId; readonly count: number }[]> {
  return db
    .selectFrom('legal_acceptances')
    .select((eb) => ['document_id as documentId', eb.fn.countAll<number>().as('count')])
    .groupBy('document_id')
    .orderBy('document_id')
    .execute();
}

export async function countAcceptancesOf(db: DbOrTx, documentId: LegalDocumentId): Promise<number> {
  const { count } = await db
    .selectFrom('legal_acceptances')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('document_id', '=', documentId)
    .executeTakeFirstOrThrow();
  return count;
}

export interface AcceptanceRow {
  readonly subscriberId: SubscriberId;
  readonly address: string;
  readonly name: string | null;
  readonly acceptedAt: Date;
}

/** Newest subscribers first; `before` is the id after which the page begins. */
export async function listAcceptances(
  db: DbOrTx,
  documentId: LegalDocumentId,
  page: { readonly before: number | undefined; readonly limit: number },
): Promise<readonly AcceptanceRow[]> {
  let query = db
    .selectFrom('legal_acceptances as a')
    .innerJoin('subscribers as s', 's.id', 'a.subscriber_id')
    .select(['a.subscriber_id as subscriberId', 's.address', 's.name', 'a.accepted_at as acceptedAt'])
    .where('a.document_id', '=', documentId)
    .orderBy('a.subscriber_id', 'desc')
    .limit(page.limit);
  if (page.before !== undefined) {
    query = query.where('a.subscriber_id', '<', page.before as SubscriberId);
  }
  return query.execute();
}
