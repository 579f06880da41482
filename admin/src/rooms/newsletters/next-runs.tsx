import { Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../api/api.ts';
import type { Newsletter } from '../../api/types.ts';
import { formatMoment } from '../../parts/instants.ts';
import { Loaded } from '../../parts/room.tsx';

/** The next times by the schedule, on the newsletter's clock and in UTC. */
export function NextRuns({ newsletter }: { readonly newsletter: Newsletter }) {
  const next = useQuery({
    queryKey: ['next-issue', newsletter.id],
    queryFn: () => api.nextIssue(newsletter.id),
    refetchInterval: 60_000,
  });
  return (
    <section className="sheet" aria-labelledby="next-runs">
      <Stack gap="sm">
        <Title order={2} size="h3" id="next-runs">
          When the next ones come
        </Title>
        <Loaded query={next}>{({ runs }) => <Runs runs={runs} newsletter={newsletter} />}</Loaded>
      </Stack>
    </section>
  );
}

function Runs({ runs, newsletter }: { readonly runs: readonly string[]; readonly newsletter: Newsletter }) {
  if (runs.length === 0) {
    return <Text c="dimmed">There is no schedule. Set one under Settings, or send an extra issue.</Text>;
  }
  const isElsewhere = newsletter.timeZone !== 'UTC';
  return (
    <Table aria-labelledby="next-runs" verticalSpacing={6} horizontalSpacing={0}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{newsletter.timeZone}</Table.Th>
          {isElsewhere && <Table.Th>UTC</Table.Th>}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {runs.map((at) => (
          <Table.Tr key={at}>
            <Table.Td>{formatMoment(at, newsletter.timeZone)}</Table.Td>
            {isElsewhere && <Table.Td c="dimmed">{formatUtc(at)}</Table.Td>}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** `2026-11-23 07:00`, as log lines and `digest next` write it. */
function formatUtc(iso: string): string {
  return new Date(iso).toISOString().slice(0, 16).replace('T', ' ');
}
