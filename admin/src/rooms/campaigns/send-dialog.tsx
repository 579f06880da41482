import { Button, Group, Modal, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/api.ts';
import type { AmbiguousPolicy } from '../../api/campaign-types.ts';
import type { Newsletter } from '../../api/types.ts';
import { countOf } from '../../parts/instants.ts';
import { fieldError, ProblemNote } from '../../parts/problem-note.tsx';
import { isWindowComplete, TimingFields } from '../../parts/timing-fields.tsx';
import type { Timing } from '../../parts/timing-fields.tsx';
import { DoubtChoice } from './doubt-choice.tsx';
import { MissingNote } from './missing-note.tsx';

interface SendDialogProps {
  readonly saveFirst: () => Promise<number>;
  readonly newsletter: Newsletter;
  readonly subject: string;
}

/** Newsletter, exact number and subject, before anything starts. The server refuses when the number has changed since. */
export function SendDialog({ saveFirst, newsletter, subject }: SendDialogProps) {
  const [isOpen, { open, close }] = useDisclosure(false);
  const look = useMutation({
    mutationFn: async () => {
      const id = await saveFirst();
      const [audience, missing] = await Promise.all([api.audience(id), api.missingMergeData(id)]);
      return { id, ...audience, missing };
    },
  });
  return (
    <>
      <Button
        onClick={() => {
          look.mutate();
          open();
        }}
      >
        Send …
      </Button>
      <Modal opened={isOpen} onClose={close} title="Send this campaign" size="lg">
        <Stack>
          <ProblemNote error={look.error} />
          {look.isPending && <Text>Saving, and counting the audience …</Text>}
          {look.data !== undefined && look.data.missing.count > 0 && (
            <MissingNote id={look.data.id} missing={look.data.missing} onClose={close} />
          )}
          {look.data !== undefined && look.data.missing.count === 0 && (
            <Decision
              id={look.data.id}
              count={look.data.count}
              newsletter={newsletter}
              subject={subject}
              onRecount={() => look.mutate()}
              onClose={close}
            />
          )}
        </Stack>
      </Modal>
    </>
  );
}

interface DecisionProps {
  readonly id: number;
  readonly count: number;
  readonly newsletter: Newsletter;
  readonly subject: string;
  readonly onRecount: () => void;
  readonly onClose: () => void;
}

function Decision({ id, count, newsletter, subject, onRecount, onClose }: DecisionProps) {
  const queryClient = useQueryClient();
  const [when, setWhen] = useState<'soon' | 'later'>('soon');
  const [at, setAt] = useState('');
  const [timing, setTiming] = useState<Timing>({ localTime: false, window: null });
  const [ambiguousPolicy, setAmbiguousPolicy] = useState<AmbiguousPolicy>('hold');
  const send = useMutation({
    mutationFn: () =>
      api.sendCampaign(id, {
        expectedCount: count,
        ambiguousPolicy,
        ...timing,
        ...(when === 'later' ? { at: timing.localTime ? at : new Date(at).toISOString() } : {}),
      }),
    onSuccess: (campaign) => {
      onClose();
      queryClient.setQueryData(['campaign', id], campaign);
      void queryClient.invalidateQueries({ queryKey: ['campaigns'] });
    },
  });
  return (
    <Stack>
      <div className="list-rows">
        <Fact name="Newsletter" value={newsletter.name} />
        <Fact name="Goes to" value={countOf(count, 'subscriber')} />
        <Fact name="Subject" value={subject} />
        <Fact name="From" value={`${newsletter.effective.fromName} <${newsletter.effective.fromAddress}>`} />
      </div>
      <Radio.Group value={when} onChange={(value) => setWhen(value === 'later' ? 'later' : 'soon')} label="When">
        <Stack gap="xs" mt="xs">
          <Radio value="soon" label="Now, with a minute to undo" />
          <Radio value="later" label="At a time" />
        </Stack>
      </Radio.Group>
      {when === 'later' && (
        <TextInput
          type="datetime-local"
          label={timing.localTime ? 'At, by each reader’s own clock' : 'Starts at, by the clock of this computer'}
          required
          withAsterisk={false}
          value={at}
          error={fieldError(send.error, 'at')}
          onChange={(event) => setAt(event.currentTarget.value)}
        />
      )}
      <TimingFields
        value={timing}
        onChange={(change) => setTiming({ ...timing, ...change })}
        localLabel="By each reader’s own clock"
        localDescription={describeLocal(when, newsletter.timeZone)}
        zone={newsletter.timeZone}
        error={fieldError(send.error, 'window')}
      />
      <DoubtChoice value={ambiguousPolicy} onChange={setAmbiguousPolicy} />
      <ProblemNote error={send.error} fields={['at', 'window']} />
      {send.error !== null && (
        <Button variant="default" onClick={onRecount}>
          Look again
        </Button>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Not now
        </Button>
        <Button
          loading={send.isPending || send.isSuccess}
          disabled={count === 0 || (when === 'later' && at === '') || !isWindowComplete(timing)}
          onClick={() => send.mutate()}
        >
          Send to {countOf(count, 'subscriber')}
        </Button>
      </Group>
    </Stack>
  );
}

function describeLocal(when: 'soon' | 'later', zone: string): string {
  const time = when === 'soon' ? `the time that the clock of ${zone} shows at the start` : 'that time';
  return `Each reader gets it at ${time} in their own zone; whoever is past it gets it at once. Readers whose zone is not known have ${zone}.`;
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <Group py="xs" gap="md" wrap="nowrap" align="baseline">
      <Text className="kicker" w="6.5rem" flex="none">
        {name}
      </Text>
      <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
        {value}
      </Text>
    </Group>
  );
}
