import { recordAudit } from '../audit/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import { conflict } from '../shared/app-error.ts';
import type { AppError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import { deleteDraft, insertDraft, updateDraft } from './drafts.repository.ts';
import type { DraftKey, LegalDraft } from './drafts.repository.ts';

interface DraftDeps {
  readonly db: Db;
  readonly clock: Clock;
}

/**
 * Keeps what was written. `revision` is the one that the writer saw, null for a new draft: whoever saves second learns that
 * somebody was faster, and loses no words.
 * @throws AppError `draft_changed`.
 */
export async function saveDraft(
  deps: DraftDeps,
  input: DraftKey & {
    readonly title: string;
    readonly markdown: string;
    readonly revision: number | null;
    readonly actor: Actor;
  },
): Promise<LegalDraft> {
  const { revision, actor, ...text } = input;
  return deps.db.transaction().execute(async (tx) => {
    const change = { ...text, updatedBy: actor.label, now: deps.clock.now() };
    const draft = revision === null ? await insertDraft(tx, change) : await updateDraft(tx, change, revision);
    if (draft === undefined) {
      throw draftChanged();
    }
    await recordAudit(tx, { actor, action: 'legal_draft.saved', ...subjectOf(draft) });
    return draft;
  });
}

/** @throws AppError `draft_changed`. */
export async function discardDraft(
  deps: Pick<DraftDeps, 'db'>,
  input: DraftKey & { readonly revision: number; readonly actor: Actor },
): Promise<void> {
  await deps.db.transaction().execute(async (tx) => {
    const draft = await deleteDraft(tx, input, input.revision);
    if (draft === undefined) {
      throw draftChanged();
    }
    await recordAudit(tx, { actor: input.actor, action: 'legal_draft.deleted', ...subjectOf(draft) });
  });
}

export function draftChanged(): AppError {
  return conflict(
    'draft_changed',
    'Somebody has saved, published or deleted this draft since you opened it. Load it again and compare.',
  );
}

function subjectOf(draft: LegalDraft) {
  return {
    subjectKind: 'legal_draft',
    subjectId: `${draft.kind}/${draft.locale}`,
    details: { revision: draft.revision },
  };
}
