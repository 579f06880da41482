import { recordAudit } from '../audit/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import { conflict, notFound } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { LegalDocumentId } from '../shared/ids.ts';
import type { LegalDocument } from './legal-document.ts';
import { insertWithdrawal, lockText, selectDocument } from './legal.repository.ts';

/** A reader may be shown a version in the moment that it takes effect, while a withdrawal still commits. */
const LAST_CHANCE_MS = 10_000;

/**
 * Takes a scheduled version back: it never takes effect, its number stays used.
 * @throws AppError `document_not_found`, `version_in_effect`, `version_withdrawn`.
 */
export async function withdrawDocument(
  deps: { readonly db: Db; readonly clock: Clock },
  input: { readonly id: LegalDocumentId; readonly actor: Actor },
): Promise<LegalDocument> {
  return deps.db.transaction().execute(async (tx) => {
    const found = await selectDocument(tx, input.id);
    if (found === undefined) {
      throw notFound('document_not_found', 'There is no such version.');
    }
    await lockText(tx, found, 'wait');
    const document = (await selectDocument(tx, input.id)) ?? found;
    const now = deps.clock.now();
    if (document.isWithdrawn) {
      throw conflict('version_withdrawn', `Version ${document.version} was withdrawn already.`);
    }
    if (document.publishedAt.getTime() - now.getTime() <= LAST_CHANCE_MS) {
      throw conflict(
        'version_in_effect',
        `Version ${document.version} is in effect, or will be in a moment, and stays. Publish another one instead.`,
      );
    }
    await insertWithdrawal(tx, document.id, input.actor.label, now);
    const { kind, locale, version } = document;
    await recordAudit(tx, {
      actor: input.actor,
      action: 'legal_document.withdrawn',
      subjectKind: 'legal_document',
      subjectId: document.id,
      details: { kind, locale, version },
    });
    return { ...document, isWithdrawn: true };
  });
}
