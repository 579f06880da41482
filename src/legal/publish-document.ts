import { recordAudit } from '../audit/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import { conflict } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import { hashMarkdown } from './legal-document.ts';
import type { LegalDocument, LegalKind } from './legal-document.ts';
import { insertDocument, selectNewestDocuments } from './legal.repository.ts';
import { isShippedSample } from './sample-documents.ts';

/**
 * Puts a new version in place of the current one; earlier versions stay, because consent records name them.
 * @throws AppError `version_taken` when somebody published at the same moment, `document_unchanged`.
 */
export async function publishDocument(
  deps: { readonly db: Db; readonly clock: Clock },
  input: {
    readonly kind: LegalKind;
    readonly locale: string;
    readonly title: string;
    readonly markdown: string;
    readonly actor: Actor;
  },
): Promise<LegalDocument> {
  const { kind, locale, title, markdown, actor } = input;
  const hash = hashMarkdown(markdown);
  const isSample = await isShippedSample(markdown);
  return deps.db.transaction().execute(async (tx) => {
    const newest = (await selectNewestDocuments(tx)).find(
      (document) => document.kind === kind && document.locale === locale,
    );
    if (newest?.hash === hash.toString('hex') && newest.title === title) {
      throw conflict('document_unchanged', `Version ${newest.version} has exactly this text already.`);
    }
    const version = (newest?.version ?? 0) + 1;
    const row = { kind, locale, version, title, markdown, hash, is_sample: isSample, published_at: deps.clock.now() };
    const document = await insertDocument(tx, row);
    if (document === undefined) {
      throw conflict('version_taken', 'Another version was published at this moment. Look at it, then publish again.');
    }
    await recordAudit(tx, {
      actor,
      action: 'legal_document.published',
      subjectKind: 'legal_document',
      subjectId: document.id,
      details: { kind, locale, version, hash: document.hash },
    });
    return document;
  });
}
