import { Button, Group, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../../api/api.ts';
import { ApiProblem } from '../../api/client.ts';
import type { LegalDraft, LegalText } from '../../api/types.ts';
import { announce } from '../../parts/announce.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { lineAt } from '../../parts/line-at.ts';
import { MailFrame } from '../../parts/mail-frame.tsx';
import { Note } from '../../parts/note.tsx';
import { fieldError, ProblemNote } from '../../parts/problem-note.tsx';
import { useStoredDraft } from '../../parts/use-stored-draft.ts';
import { LegalConflict } from './legal-conflict.tsx';
import { LegalPublishDialog } from './legal-publish-dialog.tsx';

interface EditorProps {
  /** Undefined until it is first saved. */
  readonly stored: LegalDraft | undefined;
  /** The words to begin with: the draft's, or those of the version in effect. */
  readonly start: LegalText;
}

/** With the revision that its words were written on: the server refuses to save over another one. */
interface Words {
  readonly title: string;
  readonly markdown: string;
  readonly revision: number | null;
}

export function LegalEditor({ stored, start }: EditorProps) {
  const { kind, locale } = start;
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const begin: Words = { title: start.title, markdown: start.markdown, revision: stored?.revision ?? null };
  const { draft, wasRestored, change, settle } = useStoredDraft<Words>(`legal ${kind} ${locale}`, begin);
  const [line, setLine] = useState('');
  const isTyped = draft.title !== begin.title || draft.markdown !== begin.markdown;
  const isChanged = isTyped || draft.revision === null;
  const keep = (saved: LegalDraft): void => {
    settle({ title: saved.title, markdown: saved.markdown, revision: saved.revision });
    queryClient.setQueryData(['legal', 'draft', kind, locale], { draft: saved, text: saved });
    void queryClient.invalidateQueries({ queryKey: ['legal'], exact: true });
  };
  const save = useMutation({ mutationFn: () => api.saveLegalDraft({ kind, locale, ...draft }), onSuccess: keep });
  const leave = async (): Promise<void> => {
    settle(begin);
    await queryClient.invalidateQueries();
    await navigate('/settings/legal', { replace: true });
  };
  const saveFirst = async (): Promise<LegalDraft> =>
    stored !== undefined && !isChanged && draft.revision === stored.revision ? stored : save.mutateAsync();
  const isConflict = save.error instanceof ApiProblem && save.error.code === 'draft_changed';
  return (
    <Stack gap="lg">
      {wasRestored && isTyped && <Restored onForget={() => settle(begin)} />}
      {isConflict ? (
        <LegalConflict
          text={start}
          onTheirs={(theirs) => {
            save.reset();
            keep(theirs);
          }}
          onMine={(revision) => {
            save.reset();
            change({ revision });
          }}
        />
      ) : (
        <ProblemNote error={save.error} fields={['title', 'markdown']} />
      )}
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <section className="sheet" aria-label="What it says">
          <Stack>
            <TextInput
              label="Title"
              maxLength={120}
              value={draft.title}
              error={fieldError(save.error, 'title')}
              onChange={(event) => change({ title: event.currentTarget.value })}
            />
            <Textarea
              className="markdown-field"
              label="Text"
              description="Markdown. HTML and images are not shown."
              autosize
              minRows={18}
              maxRows={40}
              spellCheck
              lang={locale}
              dir="auto"
              value={draft.markdown}
              error={fieldError(save.error, 'markdown')}
              onChange={(event) => {
                change({ markdown: event.currentTarget.value });
                setLine(lineAt(event.currentTarget.value, event.currentTarget.selectionStart));
              }}
              onSelect={(event) => setLine(lineAt(event.currentTarget.value, event.currentTarget.selectionStart))}
            />
          </Stack>
        </section>
        <section className="sheet beside" aria-label="How it looks">
          <Preview text={{ kind, locale, title: draft.title, markdown: draft.markdown }} line={line} />
        </section>
      </SimpleGrid>
      <Group className="action-bar" justify="space-between" gap="sm">
        <Group gap="sm">{stored !== undefined && <Discard draft={stored} onGone={leave} />}</Group>
        <Group gap="sm">
          <Text size="sm" c="dimmed" role="status">
            {isTyped ? 'Not saved yet; kept in this browser' : isChanged ? 'No draft yet' : 'Draft saved'}
          </Text>
          <Button
            variant="default"
            loading={save.isPending}
            disabled={!isTyped && draft.revision === begin.revision}
            onClick={() => save.mutate(undefined, { onSuccess: () => announce('Draft saved.') })}
          >
            Save draft
          </Button>
          <LegalPublishDialog kind={kind} locale={locale} saveFirst={saveFirst} onPublished={leave} />
        </Group>
      </Group>
    </Stack>
  );
}

function Restored({ onForget }: { readonly onForget: () => void }) {
  return (
    <Note tone="calm" title="These words were kept in this browser">
      <Group gap="sm" justify="space-between">
        <Text size="sm">They were never saved.</Text>
        <Button size="compact-sm" variant="default" onClick={onForget}>
          Throw them away
        </Button>
      </Group>
    </Note>
  );
}

/** The page as readers will see it; it follows the typing. */
function Preview({ text, line }: { readonly text: LegalText; readonly line: string }) {
  const [{ settled, followText }] = useDebouncedValue({ settled: text, followText: line }, 400);
  const page = useQuery({
    queryKey: ['legal', 'preview', settled],
    queryFn: () => api.previewLegalText(settled),
    placeholderData: keepPreviousData,
    gcTime: 10_000,
    retry: false,
  });
  return (
    <Stack gap="sm">
      <ProblemNote error={page.error} />
      {page.data !== undefined && (
        <MailFrame
          title="The page as readers will see it"
          html={page.data.html}
          height={Math.max(420, globalThis.innerHeight - 260)}
          followText={followText}
        />
      )}
    </Stack>
  );
}

function Discard({ draft, onGone }: { readonly draft: LegalDraft; readonly onGone: () => Promise<void> }) {
  const drop = useMutation({ mutationFn: () => api.deleteLegalDraft(draft), onSuccess: onGone });
  return (
    <ConfirmButton
      label="Delete draft"
      title="Delete this draft?"
      question="Its words are gone then. Published versions stay."
      confirmLabel="Delete"
      action={drop}
    />
  );
}
