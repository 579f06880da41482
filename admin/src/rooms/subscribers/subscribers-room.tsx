import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { api } from '../../api/api.ts';
import type { Subscriber } from '../../api/types.ts';
import { countOf, formatInstant } from '../../parts/instants.ts';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { Room } from '../../parts/room.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { useZone } from '../../session.ts';

const STATUSES = [
  { value: '', label: 'Any status' },
  { value: 'active', label: 'Active' },
  { value: 'pending', label: 'Not confirmed yet' },
  { value: 'unsubscribed', label: 'Unsubscribed' },
  { value: 'suppressed', label: 'Closed address' },
];

/** What was searched for stands in the address, so that a person can be looked at and the list found again. */
export function SubscribersRoom() {
  const [search, setSearch] = useSearchParams();
  const newsletters = useQuery({ queryKey: ['newsletters'], queryFn: api.newsletters });
  const q = search.get('q') ?? '';
  const status = search.get('status') ?? '';
  const newsletterId = search.get('newsletter') ?? '';
  const choose = (name: string, value: string | null): void =>
    setSearch(
      (current) => {
        const next = new URLSearchParams(current);
        if (value === null || value === '') {
          next.delete(name);
        } else {
          next.set(name, value);
        }
        return next;
      },
      { replace: true },
    );
  return (
    <Room
      title="Subscribers"
      actions={
        <Button component={Link} to="/subscribers/closed" variant="default">
          Closed addresses
        </Button>
      }
    >
      <Group gap="sm" role="search">
        <TextInput
          aria-label="Search by address or name"
          placeholder="Address or name"
          type="search"
          flex="1 1 16rem"
          value={q}
          onChange={(event) => choose('q', event.currentTarget.value)}
        />
        <Select
          aria-label="Status"
          flex="0 1 12rem"
          allowDeselect={false}
          data={STATUSES}
          value={status}
          onChange={(value) => choose('status', value)}
        />
        <Select
          aria-label="Newsletter"
          flex="0 1 14rem"
          allowDeselect={false}
          data={[
            { value: '', label: 'All newsletters' },
            ...(newsletters.data ?? []).map(({ id, name }) => ({ value: String(id), label: name })),
          ]}
          value={newsletterId}
          onChange={(value) => choose('newsletter', value)}
        />
      </Group>
      <Found q={q} status={status} newsletterId={newsletterId} />
    </Room>
  );
}

function Found(filter: { readonly q: string; readonly status: string; readonly newsletterId: string }) {
  const [settled] = useDebouncedValue(filter, 250);
  const found = useInfiniteQuery({
    queryKey: ['subscribers', settled.q, settled.status, settled.newsletterId],
    queryFn: ({ pageParam }) => api.subscribers({ ...settled, cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => (nextCursor === null ? undefined : String(nextCursor)),
    placeholderData: (before) => before,
  });
  const zone = useZone();
  if (found.data === undefined) {
    return found.error === null ? <Text c="dimmed">Looking …</Text> : <ProblemNote error={found.error} />;
  }
  const [first] = found.data.pages;
  const people = found.data.pages.flatMap(({ subscribers }) => subscribers);
  return (
    <Stack>
      <Text size="sm" c="dimmed" role="status">
        {countOf(first?.total ?? 0, 'subscriber')}
      </Text>
      {people.length > 0 && (
        <div className="sheet list-rows">
          {people.map((person) => (
            <Row key={person.id} person={person} zone={zone} />
          ))}
        </div>
      )}
      <ProblemNote error={found.error} />
      {found.hasNextPage && (
        <Button variant="default" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Stack>
  );
}

function Row({ person, zone }: { readonly person: Subscriber; readonly zone: string }) {
  return (
    <Link className="row-link" to={`/subscribers/${person.id}`}>
      <Group justify="space-between" py="sm" gap="xs">
        <Stack gap={0} miw={0} flex="1 1 16rem">
          <span className="row-title" style={{ overflowWrap: 'anywhere' }}>
            {person.address}
          </span>
          <Text size="sm" c="dimmed">
            {[person.name, `since ${formatInstant(person.createdAt, zone)}`].filter(Boolean).join(' · ')}
          </Text>
        </Stack>
        <Group gap="md">
          {person.subscriptions.map(({ newsletterId, newsletterName, status }) => (
            <Group key={newsletterId} gap={6}>
              <Text size="sm">{newsletterName}</Text>
              <StatusMark status={status} />
            </Group>
          ))}
          {person.suppressed.length > 0 && <StatusMark status="suppressed" />}
        </Group>
      </Group>
    </Link>
  );
}
