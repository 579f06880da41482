import { Button, Group, Stack, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { api } from '../../api/api.ts';
import { formatInstant } from '../../parts/instants.ts';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { useZone } from '../../session.ts';

/** The audit log, newest first. */
export function AuditTab() {
  const zone = useZone();
  const log = useInfiniteQuery({
    queryKey: ['audit'],
    queryFn: ({ pageParam }) => api.audit(pageParam),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
  const entries = log.data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <Stack>
      <ProblemNote error={log.error} />
      <section className="sheet list-rows" aria-label="What was done">
        {entries.map((entry) => (
          <Group key={entry.id} justify="space-between" py="sm" gap="xs">
            <Text>
              <strong>{entry.action}</strong>{' '}
              <Text span c="dimmed">
                {entry.subjectKind}
                {entry.subjectId === null ? '' : ` ${entry.subjectId}`}
              </Text>
            </Text>
            <Text size="sm" c="dimmed">
              {entry.actor} · {formatInstant(entry.occurredAt, zone)}
            </Text>
          </Group>
        ))}
        {log.data !== undefined && entries.length === 0 && <Text c="dimmed">Nothing yet.</Text>}
      </section>
      {log.hasNextPage && (
        <Button variant="default" loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Stack>
  );
}
