import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import type { Database, DbOrTx } from '../platform/postgres/index.ts';
import type { LegalKind } from './legal-document.ts';

/** What somebody is writing; at most one for each text and language. */
export interface LegalDraft {
  readonly kind: LegalKind;
  readonly locale: string;
  readonly title: string;
  readonly markdown: string;
  /** Another one after each save, and never one that was there before. */
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** 'admin:<id>', 'token:<id>', 'cli' */
  readonly updatedBy: string;
}

export type DraftKey = Pick<LegalDraft, 'kind' | 'locale'>;

export async function selectDrafts(db: DbOrTx): Promise<readonly LegalDraft[]> {
  const rows = await db.selectFrom('legal_drafts').selectAll().orderBy('kind').orderBy('locale').execute();
  return rows.map(toDraft);
}

type DraftChange = DraftKey & Pick<LegalDraft, 'title' | 'markdown' | 'updatedBy'> & { readonly now: Date };

/** Undefined when there is one already. */
export async function insertDraft(db: DbOrTx, draft: DraftChange): Promise<LegalDraft | undefined> {
  const row = await db
    .insertInto('legal_drafts')
    .values({
      kind: draft.kind,
      locale: draft.locale,
      title: draft.title,
      markdown: draft.markdown,
      created_at: draft.now,
      updated_at: draft.now,
      updated_by: draft.updatedBy,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? undefined : toDraft(row);
}

/** Undefined when it is not at this revision any more. */
export async function updateDraft(db: DbOrTx, draft: DraftChange, revision: number): Promise<LegalDraft | undefined> {
  const row = await db
    .updateTable('legal_drafts')
    .set({
      title: draft.title,
      markdown: draft.markdown,
      revision: sql<number>`nextval('legal_draft_revisions')`,
      updated_at: draft.now,
      updated_by: draft.updatedBy,
    })
    .where('kind', '=', draft.kind)
    .where('locale', '=', draft.locale)
    .where('revision', '=', revision)
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? undefined : toDraft(row);
}

/** What was deleted; undefined when it is not at this revision any more. */
export async function deleteDraft(db: DbOrTx, key: DraftKey, revision: number): Promise<LegalDraft | undefined> {
  const row = await db
    .deleteFrom('legal_drafts')
    .where('kind', '=', key.kind)
    .where('locale', '=', key.locale)
    .where('revision', '=', revision)
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? undefined : toDraft(row);
}

function toDraft(row: Selectable<Database['legal_drafts']>): LegalDraft {
  return {
    kind: row.kind,
    locale: row.locale,
    title: row.title,
    markdown: row.markdown,
    revision: row.revision,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    updatedBy: row.updated_by,
  };
}
