import { Button, Group, Modal, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/api.ts';
import type { LegalChange, LegalDraft, LegalKind } from '../../api/types.ts';
import { announce } from '../../parts/announce.ts';
import { formatInstant } from '../../parts/instants.ts';
import { fieldError, ProblemNote } from '../../parts/problem-note.tsx';
import { browserZone } from '../../parts/zones.ts';
import { CHANGE_WORDS, KIND_NAMES, nameLanguage } from './legal-words.ts';

interface PublishDialogProps {
  readonly kind: LegalKind;
  readonly locale: string;
  readonly saveFirst: () => Promise<LegalDraft>;
  readonly onPublished: () => Promise<void>;
}

/** When it takes effect and what it means for readers, before anything is published. What is published stays. */
export function LegalPublishDialog({ kind, locale, saveFirst, onPublished }: PublishDialogProps) {
  const [isOpen, { open, close }] = useDisclosure(false);
  const save = useMutation({ mutationFn: saveFirst, onSuccess: open });
  return (
    <>
      <Button loading={save.isPending} onClick={() => save.mutate()}>
        Publish …
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        title={`Publish ${KIND_NAMES[kind].toLowerCase()}, ${nameLanguage(locale)}`}
        size="lg"
      >
        {save.data !== undefined && <Decision draft={save.data} onClose={close} onPublished={onPublished} />}
      </Modal>
    </>
  );
}

interface DecisionProps {
  readonly draft: LegalDraft;
  readonly onClose: () => void;
  readonly onPublished: () => Promise<void>;
}

function Decision({ draft, onClose, onPublished }: DecisionProps) {
  const [when, setWhen] = useState<'now' | 'later'>('now');
  const [at, setAt] = useState('');
  const [chosen, setChosen] = useState<LegalChange>();
  const usual = useUsualChange(draft.kind);
  const change = chosen ?? usual;
  const publish = useMutation({
    mutationFn: () =>
      api.publishLegalDraft(draft, { change, ...(when === 'later' ? { from: new Date(at).toISOString() } : {}) }),
    onSuccess: async (document) => {
      announce(
        document.state === 'scheduled'
          ? `Version ${document.version} takes effect on ${formatInstant(document.publishedAt, browserZone())}.`
          : `Published. From now on readers are shown version ${document.version}.`,
      );
      onClose();
      await onPublished();
    },
  });
  const changes: readonly LegalChange[] =
    draft.kind === 'terms' ? ['editorial', 'notice', 'acceptance'] : ['editorial', 'notice'];
  return (
    <Stack>
      <Radio.Group
        label="When it takes effect"
        value={when}
        onChange={(value) => setWhen(value === 'later' ? 'later' : 'now')}
      >
        <Stack gap="xs" mt="xs">
          <Radio value="now" label="Now" />
          <Radio value="later" label="On a day to come; until then you can withdraw it" />
        </Stack>
      </Radio.Group>
      {when === 'later' && (
        <TextInput
          type="datetime-local"
          label="From, by the clock of this computer"
          required
          withAsterisk={false}
          value={at}
          error={fieldError(publish.error, 'from')}
          onChange={(event) => setAt(event.currentTarget.value)}
        />
      )}
      <Radio.Group
        label="What it means for those who read already"
        value={change}
        onChange={(value) => setChosen(changes.find((known) => known === value))}
      >
        <Stack gap="sm" mt="xs">
          {changes.map((one) => (
            <Radio key={one} value={one} label={CHANGE_WORDS[one].label} description={CHANGE_WORDS[one].description} />
          ))}
        </Stack>
      </Radio.Group>
      <Text size="sm" c="dimmed">
        A published version can never be changed or deleted. It keeps its address for ever, because consent records name
        it.
      </Text>
      <ProblemNote error={publish.error} fields={['from']} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Not now
        </Button>
        <Button
          loading={publish.isPending || publish.isSuccess}
          disabled={when === 'later' && at === ''}
          onClick={() => publish.mutate()}
        >
          {when === 'now' ? 'Publish now' : 'Publish from that moment'}
        </Button>
      </Group>
    </Stack>
  );
}

/** A notice, but for the first text of one's own, which changes nothing for anybody. */
function useUsualChange(kind: LegalKind): LegalChange {
  const { data } = useQuery({ queryKey: ['legal', 'documents'], queryFn: api.legalDocuments });
  const hasOwn = (data ?? []).some((document) => document.kind === kind && !document.isSample);
  return hasOwn ? 'notice' : 'editorial';
}
