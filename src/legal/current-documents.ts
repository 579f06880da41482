import type { DbOrTx } from '../platform/postgres/index.ts';
import { unavailable } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import { LEGAL_KINDS, chooseDocument } from './legal-document.ts';
import type { CurrentDocuments, LegalDocument, LegalKind } from './legal-document.ts';
import { selectNewestDocuments } from './legal.repository.ts';

/** Which version is in effect is a question of the moment. */
export interface DocumentDeps {
  readonly db: DbOrTx;
  readonly clock: Clock;
}

/**
 * What a reader is shown now.
 * @throws AppError `legal_documents_missing` when the database was never seeded.
 */
export async function currentDocuments(deps: DocumentDeps, locale: string): Promise<CurrentDocuments> {
  const newest = await selectNewestDocuments(deps.db, deps.clock.now());
  return { terms: choose(newest, 'terms', locale), privacy: choose(newest, 'privacy', locale) };
}

export async function currentDocument(deps: DocumentDeps, kind: LegalKind, locale: string): Promise<LegalDocument> {
  return choose(await selectNewestDocuments(deps.db, deps.clock.now()), kind, locale);
}

/** True while the publisher has not written both texts in at least one language. */
export async function hasSampleDocuments(deps: DocumentDeps): Promise<boolean> {
  const newest = await selectNewestDocuments(deps.db, deps.clock.now());
  return LEGAL_KINDS.some((kind) => newest.every((document) => document.kind !== kind || document.isSample));
}

function choose(newest: readonly LegalDocument[], kind: LegalKind, locale: string): LegalDocument {
  const document = chooseDocument(
    newest.filter((candidate) => candidate.kind === kind),
    locale,
  );
  if (document === undefined) {
    throw unavailable(
      'legal_documents_missing',
      'The legal texts are not there yet. Start Courant once, or run migrate.',
    );
  }
  return document;
}
