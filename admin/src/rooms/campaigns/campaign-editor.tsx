import {
  Button,
  Group,
  Input,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../../api/api.ts';
import type { Campaign, CampaignDraft } from '../../api/campaign-types.ts';
import type { Newsletter } from '../../api/types.ts';
import { announce } from '../../parts/announce.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { lineAt } from '../../parts/line-at.ts';
import { Note } from '../../parts/note.tsx';
import { fieldError, ProblemNote } from '../../parts/problem-note.tsx';
import { useStoredDraft } from '../../parts/use-stored-draft.ts';
import { CampaignPreview } from './campaign-preview.tsx';
import { MergeHelp } from './merge-help.tsx';
import { SendDialog } from './send-dialog.tsx';
import { emptyDraft, isSame, MJML_STARTER, savedDraft } from './starters.ts';
import { TestDialog } from './test-dialog.tsx';

interface EditorProps {
  readonly newsletters: readonly Newsletter[];
  /** Undefined until it is first saved. */
  readonly campaign: Campaign | undefined;
  readonly onCreated: (id: number) => void;
}

export function CampaignEditor({ newsletters, campaign, onCreated }: EditorProps) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const saved = campaign === undefined ? emptyDraft(newsletters[0]?.id ?? 0) : savedDraft(campaign);
  const { draft, wasRestored, change, settle } = useStoredDraft<CampaignDraft>(String(campaign?.id ?? 'new'), saved);
  const [line, setLine] = useState('');
  const isChanged = campaign === undefined || !isSame(draft, saved);
  const save = useMutation({
    mutationFn: () => (campaign === undefined ? api.createCampaign(draft) : api.updateCampaign(campaign.id, draft)),
    onSuccess: async (stored) => {
      settle(savedDraft(stored));
      queryClient.setQueryData(['campaign', stored.id], stored);
      await queryClient.invalidateQueries({ queryKey: ['campaigns'] });
      if (campaign === undefined) {
        onCreated(stored.id);
        await navigate(`/campaigns/${stored.id}`, { replace: true });
      }
    },
  });
  /** Tests and sending are about what is stored: save first, then go on with its id. */
  const saveFirst = async (): Promise<number> =>
    campaign !== undefined && !isChanged ? campaign.id : (await save.mutateAsync()).id;
  const newsletter = newsletters.find(({ id }) => id === draft.newsletterId);
  return (
    <Stack gap="lg">
      {wasRestored && isChanged && (
        <Note tone="calm" title="These words were kept in this browser">
          <Group gap="sm" justify="space-between">
            <Text size="sm">They were never saved.</Text>
            <Button size="compact-sm" variant="default" onClick={() => settle(saved)}>
              Throw them away
            </Button>
          </Group>
        </Note>
      )}
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <section className="sheet" aria-label="What it says">
          <Fields newsletters={newsletters} draft={draft} error={save.error} onChange={change} onLine={setLine} />
        </section>
        <section className="sheet beside" aria-label="How it looks">
          <CampaignPreview draft={draft} followText={line} />
        </section>
      </SimpleGrid>
      <Group className="action-bar" justify="space-between" gap="sm">
        <Group gap="sm">{campaign !== undefined && <Discard campaign={campaign} onGone={() => settle(saved)} />}</Group>
        <Group gap="sm">
          <Text size="sm" c="dimmed" role="status">
            {isChanged ? 'Not saved yet; kept in this browser' : 'Saved'}
          </Text>
          <Button
            variant="default"
            loading={save.isPending}
            disabled={!isChanged}
            onClick={() => save.mutate(undefined, { onSuccess: () => announce('Draft saved.') })}
          >
            Save draft
          </Button>
          <TestDialog saveFirst={saveFirst} />
          {newsletter !== undefined && (
            <SendDialog saveFirst={saveFirst} newsletter={newsletter} subject={draft.subject} />
          )}
        </Group>
      </Group>
    </Stack>
  );
}

interface FieldsProps {
  readonly newsletters: readonly Newsletter[];
  readonly draft: CampaignDraft;
  readonly error: Error | null;
  readonly onChange: (changes: Partial<CampaignDraft>) => void;
  readonly onLine: (line: string) => void;
}

function Fields({ newsletters, draft, error, onChange, onLine }: FieldsProps) {
  const followCaret = (field: HTMLTextAreaElement): void => onLine(lineAt(field.value, field.selectionStart));
  return (
    <Stack>
      <ProblemNote error={error} fields={['newsletterId', 'subject', 'preheader']} />
      <Select
        label="Newsletter"
        description="Its active subscribers are the audience."
        allowDeselect={false}
        data={newsletters.map(({ id, name }) => ({ value: String(id), label: name }))}
        value={String(draft.newsletterId)}
        error={fieldError(error, 'newsletterId')}
        onChange={(id) => onChange({ newsletterId: Number(id) })}
      />
      <TextInput
        label="Subject"
        required
        withAsterisk={false}
        maxLength={400}
        value={draft.subject}
        error={fieldError(error, 'subject')}
        onChange={(event) => onChange({ subject: event.currentTarget.value })}
      />
      <TextInput
        label="Preheader"
        description="The grey line after the subject in a list of mails."
        maxLength={400}
        value={draft.preheader}
        error={fieldError(error, 'preheader')}
        onChange={(event) => onChange({ preheader: event.currentTarget.value })}
      />
      <Group justify="space-between" align="flex-end">
        <Input.Label htmlFor="campaign-source">Text</Input.Label>
        <SegmentedControl
          size="xs"
          aria-label="Format of the text"
          value={draft.format}
          onChange={(format) =>
            onChange({
              format: format === 'mjml' ? 'mjml' : 'markdown',
              ...(format === 'mjml' && draft.source === '' ? { source: MJML_STARTER } : {}),
            })
          }
          data={[
            { value: 'markdown', label: 'Markdown' },
            { value: 'mjml', label: 'MJML' },
          ]}
        />
      </Group>
      <Textarea
        id="campaign-source"
        className="markdown-field"
        autosize
        minRows={18}
        maxRows={40}
        spellCheck
        value={draft.source}
        onChange={(event) => {
          onChange({ source: event.currentTarget.value });
          followCaret(event.currentTarget);
        }}
        onSelect={(event) => followCaret(event.currentTarget)}
      />
      <MergeHelp />
    </Stack>
  );
}

function Discard({ campaign, onGone }: { readonly campaign: Campaign; readonly onGone: () => void }) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const drop = useMutation({
    mutationFn: () => api.deleteCampaign(campaign.id),
    onSuccess: async () => {
      onGone();
      await queryClient.invalidateQueries({ queryKey: ['campaigns'] });
      await navigate('/campaigns', { replace: true });
    },
  });
  return (
    <ConfirmButton
      label="Delete draft"
      title="Delete this draft?"
      question="Its words are gone then."
      confirmLabel="Delete"
      action={drop}
    />
  );
}
