import { Button, Group, SegmentedControl, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { api } from '../../api/api.ts';
import type { LegalDocument } from '../../api/types.ts';
import { announce } from '../../parts/announce.ts';
import { formatInstant } from '../../parts/instants.ts';
import { fieldError, ProblemNote } from '../../parts/problem-note.tsx';
import { Loaded } from '../../parts/room.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { useStoredDraft } from '../../parts/use-stored-draft.ts';
import { useZone } from '../../session.ts';

const KINDS = { terms: 'Terms', privacy: 'Privacy notice' } as const;

export function LegalTab() {
  const documents = useQuery({ queryKey: ['legal-documents'], queryFn: api.legalDocuments });
  return (
    <Stack gap="lg">
      <section className="sheet">
        <Title order={2} size="h3" mb="xs">
          What readers agree to
        </Title>
        <Text size="sm" c="dimmed">
          Each version stays as it was: consent records name the one that was shown.
        </Text>
        <Loaded query={documents}>
          {(list) => (
            <div className="list-rows">
              {list.map((document) => (
                <Version key={document.id} document={document} />
              ))}
            </div>
          )}
        </Loaded>
      </section>
      <Publish />
    </Stack>
  );
}

function Version({ document }: { readonly document: LegalDocument }) {
  const zone = useZone();
  return (
    <Group justify="space-between" py="sm" gap="xs">
      <Stack gap={0}>
        <a
          href={`/${document.kind}?version=${document.version}&locale=${document.locale}`}
          target="_blank"
          rel="noreferrer"
        >
          {document.title}
        </a>
        <Text size="sm" c="dimmed">
          {KINDS[document.kind]} · version {document.version} · {document.locale} ·{' '}
          {formatInstant(document.publishedAt, zone)}
        </Text>
      </Stack>
      {document.isSample && <StatusMark status="sample" />}
    </Group>
  );
}

function Publish() {
  const queryClient = useQueryClient();
  const empty = { kind: 'terms', locale: 'en', title: '', markdown: '' };
  const { draft, change, settle } = useStoredDraft('legal', empty);
  const publish = useMutation({
    mutationFn: () => api.publishLegalDocument(draft),
    onSuccess: async () => {
      settle(empty);
      announce('Published. From now on readers agree to this version.');
      await queryClient.invalidateQueries();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    publish.mutate();
  };
  return (
    <section className="sheet">
      <form onSubmit={submit}>
        <Stack>
          <Title order={2} size="h3">
            Publish a version
          </Title>
          <ProblemNote error={publish.error} fields={['title', 'markdown', 'locale']} />
          <SegmentedControl
            aria-label="Which text"
            value={draft.kind}
            onChange={(kind) => change({ kind })}
            data={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
          />
          <Group align="flex-start" gap="sm">
            <TextInput
              label="Title"
              required
              withAsterisk={false}
              flex="1 1 16rem"
              maxLength={120}
              value={draft.title}
              error={fieldError(publish.error, 'title')}
              onChange={(event) => change({ title: event.currentTarget.value })}
            />
            <TextInput
              label="Language"
              required
              withAsterisk={false}
              flex="0 1 7rem"
              value={draft.locale}
              error={fieldError(publish.error, 'locale')}
              onChange={(event) => change({ locale: event.currentTarget.value })}
            />
          </Group>
          <Textarea
            className="markdown-field"
            label="Text, in Markdown"
            required
            withAsterisk={false}
            autosize
            minRows={10}
            maxRows={30}
            value={draft.markdown}
            error={fieldError(publish.error, 'markdown')}
            onChange={(event) => change({ markdown: event.currentTarget.value })}
          />
          <Group justify="flex-end">
            <Button type="submit" loading={publish.isPending}>
              Publish
            </Button>
          </Group>
        </Stack>
      </form>
    </section>
  );
}
