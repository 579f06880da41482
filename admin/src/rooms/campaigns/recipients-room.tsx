import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useParams, useSearchParams } from 'react-router';
import { api } from '../../api/api.ts';
import type { Recipient } from '../../api/campaign-types.ts';
import { formatInstant } from '../../parts/instants.ts';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { Room } from '../../parts/room.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { useZone } from '../../session.ts';
import { RecipientStory } from './recipient-story.tsx';

const STATES = [
  { value: '', label: 'Whatever became of it' },
  { value: 'accepted', label: 'Accepted' },
  { value: 'open', label: 'Open' },
  { value: 'deferred', label: 'Tried again later' },
  { value: 'rejected', label: 'Rejected' },
  { value: 'suppressed', label: 'Suppressed' },
  { value: 'ambiguous', label: 'Ambiguous' },
  { value: 'cancelled', label: 'Cancelled' },
];

/** Who got it. What is looked for stands in the address, but for the reader's: that is nobody's business but this page's. */
export function RecipientsRoom() {
  const id = Number(useParams()['id']);
  const [search, setSearch] = useSearchParams();
  const state = search.get('state') ?? '';
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed.trim(), 300);
  const campaign = useQuery({ queryKey: ['campaign', id], queryFn: () => api.campaign(id) });
  return (
    <Room
      title="Who got it"
      back={{ to: `/campaigns/${id}`, label: campaign.data?.subject ?? 'Campaign' }}
      actions={
        <Button
          component="a"
          variant="default"
          download
          href={`/api/v1/campaigns/${id}/deliveries.csv${state === '' ? '' : `?state=${state}`}`}
        >
          Export as CSV
        </Button>
      }
    >
      <Group gap="sm" role="search">
        <TextInput
          aria-label="Search by exact address"
          placeholder="The exact address"
          type="search"
          flex="1 1 16rem"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Select
          aria-label="State"
          flex="0 1 14rem"
          allowDeselect={false}
          data={STATES}
          value={state}
          disabled={q !== ''}
          onChange={(value) => setSearch(value === null || value === '' ? {} : { state: value }, { replace: true })}
        />
      </Group>
      <Found id={id} state={q === '' ? state : ''} q={q} />
    </Room>
  );
}

function Found({ id, state, q }: { readonly id: number; readonly state: string; readonly q: string }) {
  const [opened, setOpened] = useState<Recipient>();
  const found = useInfiniteQuery({
    queryKey: ['recipients', id, state, q],
    queryFn: ({ pageParam }) => api.recipients(id, { state, q, cursor: pageParam }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
  if (found.data === undefined) {
    return found.error === null ? <Text c="dimmed">Looking …</Text> : <ProblemNote error={found.error} />;
  }
  const recipients = found.data.pages.flatMap(({ deliveries }) => deliveries);
  return (
    <Stack>
      <div className="sheet list-rows">
        {recipients.map((recipient) => (
          <Row key={recipient.deliveryId} recipient={recipient} onOpen={() => setOpened(recipient)} />
        ))}
        {recipients.length === 0 && (
          <Text c="dimmed" role="status">
            {q === '' ? 'Nobody.' : 'No mail of this campaign went to that address.'}
          </Text>
        )}
      </div>
      <ProblemNote error={found.error} />
      {found.hasNextPage && (
        <Button variant="default" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          Show more
        </Button>
      )}
      <RecipientStory campaignId={id} recipient={opened} onClose={() => setOpened(undefined)} />
    </Stack>
  );
}

function Row({ recipient, onOpen }: { readonly recipient: Recipient; readonly onOpen: () => void }) {
  const zone = useZone();
  const { address, state, reason, settledAt, dueAt, serverWords } = recipient;
  const words = [
    settledAt === null ? undefined : formatInstant(settledAt, zone),
    dueAt === null || state !== 'deferred' ? undefined : `next try ${formatInstant(dueAt, zone)}`,
    reason === null ? undefined : reason.replaceAll('_', ' '),
    serverWords ?? undefined,
  ];
  return (
    <button type="button" className="row-button" onClick={onOpen}>
      <Group justify="space-between" py="sm" gap="xs">
        <Stack gap={0} miw={0} flex="1 1 16rem">
          <span className="row-title" style={{ overflowWrap: 'anywhere' }}>
            {address === '' ? 'An erased reader' : address}
          </span>
          <Text component="span" size="sm" c="dimmed" lineClamp={2} style={{ overflowWrap: 'anywhere' }}>
            {words.filter((word) => word !== undefined).join(' · ')}
          </Text>
        </Stack>
        <StatusMark status={state} />
      </Group>
    </button>
  );
}
