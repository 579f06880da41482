import { Anchor, Button, Group, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { Link } from 'react-router';
import { api } from '../../api/api.ts';
import type { Suppression } from '../../api/types.ts';
import { announce } from '../../parts/announce.ts';
import { formatInstant } from '../../parts/instants.ts';
import { fieldError, ProblemNote } from '../../parts/problem-note.tsx';
import { Room } from '../../parts/room.tsx';
import { useZone } from '../../session.ts';
import { LiftButton } from './lift-button.tsx';
import { KEPT_CLOSED, SUPPRESSION_REASONS } from './suppression-words.ts';
import { usePersonChange } from './use-person-change.ts';

/** Addresses that get no mail, most of them known by nothing but a keyed hash. */
export function SuppressionsRoom() {
  return (
    <Room title="Closed addresses" back={{ to: '/subscribers', label: 'Subscribers' }}>
      <LookUp />
      <List />
    </Room>
  );
}

/** An address is typed to be found or to be closed: a hash cannot be searched for in a list. */
function LookUp() {
  const [email, setEmail] = useState('');
  const [asked, setAsked] = useState('');
  const refresh = usePersonChange();
  const search = useQuery({
    queryKey: ['suppressions', 'search', asked],
    queryFn: () => api.searchSuppressions(asked),
    enabled: asked !== '',
    retry: false,
  });
  const close = useMutation({
    mutationFn: () => api.suppressAddress(asked),
    onSuccess: async () => {
      announce('Nothing goes to this address any more.');
      await refresh();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    close.reset();
    setAsked(email);
  };
  const problem = close.error ?? search.error;
  return (
    <section className="sheet" aria-labelledby="look-up">
      <Stack>
        <Stack gap={0}>
          <Title order={2} size="h3" id="look-up">
            Is an address closed?
          </Title>
          <Text size="sm" c="dimmed">
            Of people we do not know, or not any more, only a keyed hash of the address is stored. To find one, type it.
          </Text>
        </Stack>
        <form onSubmit={submit}>
          <Group align="flex-start" gap="sm">
            <TextInput
              aria-label="Mail address"
              placeholder="name@example.org"
              type="email"
              required
              flex="1 1 14rem"
              value={email}
              error={fieldError(problem, 'email')}
              onChange={(event) => {
                setEmail(event.currentTarget.value);
                setAsked('');
              }}
            />
            <Button type="submit" variant="default" loading={search.isFetching}>
              Look
            </Button>
          </Group>
        </form>
        <ProblemNote error={problem} fields={['email']} />
        {search.data !== undefined && <Found found={search.data} close={close} />}
        <Text size="sm">
          <Anchor href="/admin/evidence">Find the evidence of an address</Anchor>, also of somebody who was forgotten.
        </Text>
      </Stack>
    </section>
  );
}

function Found({
  found,
  close,
}: {
  readonly found: readonly Suppression[];
  readonly close: { readonly isPending: boolean; mutate(): void };
}) {
  return (
    <div role="status">
      {found.length === 0 ? (
        <Group justify="space-between">
          <Text>This address is open.</Text>
          <Button variant="default" size="xs" loading={close.isPending} onClick={() => close.mutate()}>
            Close it
          </Button>
        </Group>
      ) : (
        <Rows suppressions={found} />
      )}
    </div>
  );
}

function List() {
  const [reason, setReason] = useState('');
  const list = useInfiniteQuery({
    queryKey: ['suppressions', reason],
    queryFn: ({ pageParam }) => api.suppressions({ reason, cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => (nextCursor === null ? undefined : String(nextCursor)),
    placeholderData: (before) => before,
  });
  const all = list.data?.pages.flatMap(({ suppressions }) => suppressions) ?? [];
  return (
    <section className="sheet" aria-labelledby="closed-list">
      <Stack>
        <Group justify="space-between">
          <Title order={2} size="h3" id="closed-list">
            Newest first
          </Title>
          <Select
            aria-label="Reason"
            flex="0 1 20rem"
            allowDeselect={false}
            data={[
              { value: '', label: 'Any reason' },
              ...Object.entries(SUPPRESSION_REASONS).map(([value, label]) => ({ value, label })),
            ]}
            value={reason}
            onChange={(value) => setReason(value ?? '')}
          />
        </Group>
        <ProblemNote error={list.error} />
        <Rows suppressions={all} />
        {list.data !== undefined && all.length === 0 && <Text c="dimmed">No address is closed for this.</Text>}
        {list.hasNextPage && (
          <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            Show more
          </Button>
        )}
      </Stack>
    </section>
  );
}

function Rows({ suppressions }: { readonly suppressions: readonly Suppression[] }) {
  const zone = useZone();
  return (
    <div className="list-rows">
      {suppressions.map((suppression) => (
        <Group key={suppression.id} justify="space-between" py="sm" gap="sm">
          <Stack gap={0} flex="1 1 16rem" miw={0}>
            <Whose suppression={suppression} />
            <Text size="sm" c="dimmed">
              {SUPPRESSION_REASONS[suppression.reason]} · {formatInstant(suppression.createdAt, zone)} · by{' '}
              {suppression.source}
            </Text>
          </Stack>
          {suppression.canLift ? (
            <LiftButton suppression={suppression} />
          ) : (
            <Text size="sm" c="dimmed">
              {KEPT_CLOSED[suppression.reason]}
            </Text>
          )}
        </Group>
      ))}
    </div>
  );
}

function Whose({ suppression: { address, subscriberId } }: { readonly suppression: Suppression }) {
  return address === null || subscriberId === null ? (
    <Text>An address that is not stored</Text>
  ) : (
    <Anchor component={Link} to={`/subscribers/${subscriberId}`} style={{ overflowWrap: 'anywhere' }}>
      {address}
    </Anchor>
  );
}
