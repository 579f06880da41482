import { documentUrl } from '../legal/index.ts';
import type { EvidenceDocumentRef } from './evidence.ts';
import type { DocumentRow, RecordRow } from './evidence.repository.ts';

/** The versions that records name, each once. */
export function documentIdsOf(records: readonly RecordRow[]): readonly number[] {
  const ids = records.flatMap(({ termsDocumentId, privacyDocumentId }) => [termsDocumentId, privacyDocumentId]);
  return [...new Set(ids.filter((id) => id !== null))];
}

export function toReference(
  deps: { readonly config: { readonly publicUrl: string } },
  { markdown: _markdown, ...document }: DocumentRow,
): EvidenceDocumentRef {
  return { ...document, url: deps.config.publicUrl + documentUrl(document) };
}
