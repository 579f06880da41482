import { SimpleGrid, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../api/api.ts';
import type { Overview } from '../../api/types.ts';
import { formatCount } from '../../parts/instants.ts';
import { Loaded, Room } from '../../parts/room.tsx';
import { Checklist } from './checklist.tsx';
import { NextIssue } from './next-issue.tsx';
import { Warnings } from './warnings.tsx';

export function HomeRoom() {
  const overview = useQuery({ queryKey: ['overview'], queryFn: api.overview, refetchInterval: 30_000 });
  return (
    <Room title="Home">
      <Loaded query={overview}>
        {(data) => (
          <Stack gap="lg">
            <Warnings warnings={data.warnings} />
            <Numbers numbers={data.numbers} />
            <Checklist items={data.checklist} />
            {data.nextIssue !== null && <NextIssue newsletterId={data.nextIssue.newsletterId} />}
          </Stack>
        )}
      </Loaded>
    </Room>
  );
}

function Numbers({ numbers }: { readonly numbers: Overview['numbers'] }) {
  const shown = [
    {
      label: 'Subscribers',
      value: numbers.activeSubscribers,
      note: `${formatCount(numbers.pendingSubscribers)} not confirmed yet`,
    },
    { label: 'Accepted in 7 days', value: numbers.acceptedLast7Days, note: 'mails that the next server took' },
    { label: 'Rejected in 7 days', value: numbers.rejectedLast7Days, note: 'mails that it refused' },
    { label: 'On their way', value: numbers.openDeliveries, note: `${formatCount(numbers.ambiguous)} of unknown fate` },
  ];
  return (
    <section className="sheet" aria-label="The numbers">
      <SimpleGrid cols={{ base: 2, md: 4 }} spacing="lg">
        {shown.map(({ label, value, note }) => (
          <Stack key={label} gap={2}>
            <span className="kicker">{label}</span>
            <span className="figure">{formatCount(value)}</span>
            <Text size="sm" c="dimmed">
              {note}
            </Text>
          </Stack>
        ))}
      </SimpleGrid>
    </section>
  );
}
