import { Button, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../../api/api.ts';
import type { LegalDocument, LegalDraft, LegalKind } from '../../api/types.ts';
import { Loaded } from '../../parts/room.tsx';
import { LegalLanguage } from './legal-language.tsx';
import { KIND_NAMES, nameLanguage } from './legal-words.ts';

const KINDS: readonly LegalKind[] = ['terms', 'privacy'];
const EXPLANATIONS: Readonly<Record<LegalKind, string>> = {
  terms: 'Readers accept them when they subscribe. The consent record names the version that was shown.',
  privacy: 'Readers are shown it; nobody has to accept it. The consent record names the version that was shown.',
};

/** Every version stays as it was and keeps its address; the highest one in effect is what readers are shown. */
export function LegalTab() {
  const query = useQuery({
    queryKey: ['legal'],
    queryFn: async () => {
      const [documents, drafts, counts] = await Promise.all([
        api.legalDocuments(),
        api.legalDrafts(),
        api.legalAcceptanceCounts(),
      ]);
      return { documents, drafts, counts: new Map(counts.map(({ documentId, count }) => [documentId, count])) };
    },
  });
  return (
    <Loaded query={query}>
      {({ documents, drafts, counts }) => (
        <Stack gap="lg">
          {KINDS.map((kind) => (
            <TextSheet
              key={kind}
              kind={kind}
              documents={documents.filter((document) => document.kind === kind)}
              drafts={drafts.filter((draft) => draft.kind === kind)}
              counts={counts}
            />
          ))}
        </Stack>
      )}
    </Loaded>
  );
}

interface TextSheetProps {
  readonly kind: LegalKind;
  readonly documents: readonly LegalDocument[];
  readonly drafts: readonly LegalDraft[];
  readonly counts: ReadonlyMap<number, number>;
}

function TextSheet({ kind, documents, drafts, counts }: TextSheetProps) {
  const locales = [...new Set([...documents, ...drafts].map(({ locale }) => locale))].sort((a, b) =>
    nameLanguage(a).localeCompare(nameLanguage(b)),
  );
  return (
    <section className="sheet" aria-labelledby={`legal-${kind}`}>
      <Title order={2} size="h3" mb={4} id={`legal-${kind}`}>
        {KIND_NAMES[kind]}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {EXPLANATIONS[kind]}
      </Text>
      <div className="list-rows">
        {locales.map((locale) => (
          <LegalLanguage
            key={locale}
            kind={kind}
            locale={locale}
            documents={documents.filter((document) => document.locale === locale)}
            draft={drafts.find((draft) => draft.locale === locale)}
            counts={counts}
            hasOwn={documents.some(({ isSample, state }) => !isSample && state === 'current')}
          />
        ))}
        <AddLanguage kind={kind} />
      </div>
    </section>
  );
}

function AddLanguage({ kind }: { readonly kind: LegalKind }) {
  const navigate = useNavigate();
  const [tag, setTag] = useState('');
  const [error, setError] = useState<string>();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const locale = canonicalTag(tag);
    if (locale === undefined) {
      setError('Use a language tag such as fr or de-AT.');
      return;
    }
    void navigate(`/settings/legal/${kind}/${locale}`);
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" gap="sm" pt="md">
        <TextInput
          label="In another language"
          placeholder="fr"
          w="11rem"
          maxLength={35}
          value={tag}
          error={error}
          onChange={(event) => {
            setTag(event.currentTarget.value);
            setError(undefined);
          }}
        />
        <Button type="submit" variant="default" disabled={tag.trim() === ''}>
          Write {KIND_NAMES[kind].toLowerCase()}
        </Button>
      </Group>
    </form>
  );
}

function canonicalTag(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag.trim())[0];
  } catch {
    return undefined;
  }
}
