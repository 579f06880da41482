import { sql } from 'kysely';
import type { Insertable, Selectable } from 'kysely';
import type { Database, DbOrTx, Tx } from '../platform/postgres/index.ts';
import type { LegalDocumentId } from '../shared/ids.ts';
import { documentUrl } from './legal-document.ts';
import type { LegalDocument, LegalKind } from './legal-document.ts';

const COLUMNS = ['id', 'kind', 'locale', 'version', 'title', 'hash', 'is_sample', 'change', 'published_at'] as const;

type Row = Pick<Selectable<Database['legal_documents']>, (typeof COLUMNS)[number]> & {
  readonly withdrawn_at: Date | null;
};

function selectDocuments(db: DbOrTx) {
  return db
    .selectFrom('legal_documents as d')
    .leftJoin('legal_withdrawals as w', 'w.document_id', 'd.id')
    .select(COLUMNS.map((column) => `d.${column}` as const))
    .select('w.withdrawn_at');
}

/** The version of each kind and locale that is in effect. */
export async function selectNewestDocuments(db: DbOrTx, now: Date): Promise<readonly LegalDocument[]> {
  const rows = await selectDocuments(db)
    .where('d.published_at', '<=', now)
    .where('w.withdrawn_at', 'is', null)
    .distinctOn(['d.kind', 'd.locale'])
    .orderBy('d.kind')
    .orderBy('d.locale')
    .orderBy('d.version', 'desc')
    .execute();
  return rows.map(toDocument);
}

/** Every version, newest first. */
export async function selectAllDocuments(db: DbOrTx): Promise<readonly LegalDocument[]> {
  return (await selectDocuments(db).orderBy('d.id', 'desc').execute()).map(toDocument);
}

/** Every version of one text in one language, newest first. */
export async function selectVersions(
  db: DbOrTx,
  text: Pick<LegalDocument, 'kind' | 'locale'>,
): Promise<readonly LegalDocument[]> {
  const rows = await selectDocuments(db)
    .where('d.kind', '=', text.kind)
    .where('d.locale', '=', text.locale)
    .orderBy('d.version', 'desc')
    .execute();
  return rows.map(toDocument);
}

export async function selectDocument(db: DbOrTx, id: LegalDocumentId): Promise<LegalDocument | undefined> {
  const row = await selectDocuments(db).where('d.id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : toDocument(row);
}

export async function selectMarkdown(db: DbOrTx, id: LegalDocument['id']): Promise<string> {
  return (await db.selectFrom('legal_documents').select('markdown').where('id', '=', id).executeTakeFirstOrThrow())
    .markdown;
}

/**
 * Until the transaction ends nobody else publishes or withdraws this text in this language. False when somebody does so
 * right now (`wait`: then it is waited for).
 */
export async function lockText(
  tx: Tx,
  text: { readonly kind: LegalKind; readonly locale: string },
  whenTaken: 'skip' | 'wait',
): Promise<boolean> {
  const key = sql<number>`hashtextextended(${`legal:${text.kind}:${text.locale}`}, 0)`;
  if (whenTaken === 'wait') {
    await sql`select pg_advisory_xact_lock(${key})`.execute(tx);
    return true;
  }
  const { rows } = await sql<{ isMine: boolean }>`select pg_try_advisory_xact_lock(${key}) as "isMine"`.execute(tx);
  return rows[0]?.isMine ?? false;
}

/** Undefined when this version exists. */
export async function insertDocument(
  db: DbOrTx,
  row: Insertable<Database['legal_documents']>,
): Promise<LegalDocument | undefined> {
  const inserted = await db
    .insertInto('legal_documents')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning(COLUMNS)
    .executeTakeFirst();
  return inserted === undefined ? undefined : toDocument({ ...inserted, withdrawn_at: null });
}

export async function insertWithdrawal(tx: Tx, id: LegalDocumentId, by: string, now: Date): Promise<void> {
  await tx.insertInto('legal_withdrawals').values({ document_id: id, withdrawn_at: now, withdrawn_by: by }).execute();
}

function toDocument(row: Row): LegalDocument {
  return {
    id: row.id,
    kind: row.kind,
    locale: row.locale,
    version: row.version,
    title: row.title,
    hash: row.hash.toString('hex'),
    isSample: row.is_sample,
    change: row.change,
    publishedAt: row.published_at,
    isWithdrawn: row.withdrawn_at !== null,
    url: documentUrl(row),
  };
}
