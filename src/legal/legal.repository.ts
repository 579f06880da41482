import type { Insertable, Selectable } from 'kysely';
import type { Database, DbOrTx } from '../platform/postgres/index.ts';
import type { LegalDocument, LegalKind } from './legal-document.ts';

type Row = Omit<Selectable<Database['legal_documents']>, 'markdown'>;
const COLUMNS = ['id', 'kind', 'locale', 'version', 'title', 'hash', 'is_sample', 'published_at'] as const;

/** The newest version of each kind and locale. */
export async function selectNewestDocuments(db: DbOrTx): Promise<readonly LegalDocument[]> {
  const rows = await db
    .selectFrom('legal_documents')
    .select(COLUMNS)
    .distinctOn(['kind', 'locale'])
    .orderBy('kind')
    .orderBy('locale')
    .orderBy('version', 'desc')
    .execute();
  return rows.map(toDocument);
}

/** Every version, newest first. */
export async function selectAllDocuments(db: DbOrTx): Promise<readonly LegalDocument[]> {
  const rows = await db.selectFrom('legal_documents').select(COLUMNS).orderBy('id', 'desc').execute();
  return rows.map(toDocument);
}

export async function selectVersion(
  db: DbOrTx,
  key: { readonly kind: LegalKind; readonly locale: string; readonly version: number },
): Promise<LegalDocument | undefined> {
  const row = await db
    .selectFrom('legal_documents')
    .select(COLUMNS)
    .where('kind', '=', key.kind)
    .where('locale', '=', key.locale)
    .where('version', '=', key.version)
    .executeTakeFirst();
  return row === undefined ? undefined : toDocument(row);
}

export async function selectMarkdown(db: DbOrTx, id: LegalDocument['id']): Promise<string> {
  return (await db.selectFrom('legal_documents').select('markdown').where('id', '=', id).executeTakeFirstOrThrow())
    .markdown;
}

/** Undefined when somebody else inserted this version first. */
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
  return inserted === undefined ? undefined : toDocument(inserted);
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
    publishedAt: row.published_at,
    url: `/${row.kind}`,
  };
}
