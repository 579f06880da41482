import { useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { api } from '../../api/api.ts';
import type { LegalDraft, LegalText } from '../../api/types.ts';
import { PageMissing } from '../../parts/page-missing.tsx';
import { Loaded, Room } from '../../parts/room.tsx';
import { LegalEditor } from './legal-editor.tsx';
import { isKind, KIND_NAMES, nameLanguage } from './legal-words.ts';

/** The draft of a text in a language. A new one begins with the words that are in effect. */
export function LegalDraftRoom() {
  const { kind, locale = '' } = useParams();
  const query = useQuery({
    queryKey: ['legal', 'draft', kind, locale],
    queryFn: () => (isKind(kind) ? readStart({ kind, locale, title: '', markdown: '' }) : Promise.resolve(undefined)),
    // What was typed must not be replaced under the fingers when the window comes back.
    refetchOnWindowFocus: false,
  });
  if (!isKind(kind)) {
    return <PageMissing />;
  }
  return (
    <Room title={`${KIND_NAMES[kind]}, ${nameLanguage(locale)}`} back={{ to: '/settings/legal', label: 'Legal texts' }}>
      <Loaded query={query}>
        {(start) =>
          start !== undefined && <LegalEditor key={`${kind} ${locale}`} stored={start.draft} start={start.text} />
        }
      </Loaded>
    </Room>
  );
}

interface Start {
  readonly draft: LegalDraft | undefined;
  readonly text: LegalText;
}

async function readStart(empty: LegalText): Promise<Start> {
  const isThis = ({ kind, locale }: { kind: string; locale: string }): boolean =>
    kind === empty.kind && locale === empty.locale;
  const [documents, drafts] = await Promise.all([api.legalDocuments(), api.legalDrafts()]);
  const draft = drafts.find(isThis);
  if (draft !== undefined) {
    return { draft, text: draft };
  }
  const newest = documents.find((document) => isThis(document));
  const words = newest === undefined ? empty : await api.legalDocument(newest.id);
  return { draft, text: { ...empty, title: words.title, markdown: words.markdown } };
}
