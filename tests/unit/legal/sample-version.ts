import { documentUrl } from '../../../src/legal/legal-document.ts';
import type { LegalDocument } from '../../../src/legal/legal-document.ts';
import type { LegalDocumentId } from '../../../src/shared/ids.ts';

let count = 0;

/** Own terms in English, in effect since long ago, unless said otherwise. */
export function legalDocument(changes: Partial<LegalDocument> = {}): LegalDocument {
  count += 1;
  const document = {
    id: count as LegalDocumentId,
    kind: 'terms' as const,
    locale: 'en',
    version: 1,
    title: 'Terms',
    hash: 'ab'.repeat(32),
    isSample: false,
    change: 'notice' as const,
    publishedAt: new Date('2026-01-01T00:00:00Z'),
    isWithdrawn: false,
    ...changes,
  };
  return { ...document, url: documentUrl(document) };
}
