import { Button, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../api/api.ts';
import type { FeedPoll } from '../../api/content-types.ts';
import { countOf, formatDistance } from '../../parts/instants.ts';
import { Loaded } from '../../parts/room.tsx';
import { useNow } from '../../parts/use-now.ts';

interface FeedHistoryProps {
  readonly feedId: number;
  /** Another one asks for the history again. */
  readonly polledAt: string | null;
}

/** What came of the last polls, in words. */
export function FeedHistory({ feedId, polledAt }: FeedHistoryProps) {
  const polls = useQuery({
    queryKey: ['feed-polls', feedId, polledAt],
    queryFn: () => api.feedPolls(feedId),
    placeholderData: (before) => before,
  });
  return (
    <Stack gap={4}>
      <Title order={3} size="h5">
        What came of it lately
      </Title>
      <Loaded query={polls}>
        {(list) =>
          list.length === 0 ? (
            <Text size="sm" c="dimmed">
              It has not been read yet.
            </Text>
          ) : (
            <PollList polls={list} />
          )
        }
      </Loaded>
    </Stack>
  );
}

const SHOWN_AT_FIRST = 6;

function PollList({ polls }: { readonly polls: readonly FeedPoll[] }) {
  const [isWhole, { toggle }] = useDisclosure(false);
  const now = useNow(30_000);
  return (
    <>
      <ul className="plain-list">
        {polls.slice(0, isWhole ? undefined : SHOWN_AT_FIRST).map((poll) => (
          <li key={poll.polledAt}>
            <Text size="sm" component="span" c="dimmed">
              {formatDistance(poll.polledAt, now)}:
            </Text>{' '}
            <Text size="sm" component="span" c={poll.outcome === 'failed' ? 'var(--bad)' : 'var(--ink)'}>
              {wordsOf(poll)}
            </Text>
          </li>
        ))}
      </ul>
      {polls.length > SHOWN_AT_FIRST && (
        <Button size="compact-sm" variant="subtle" w="fit-content" onClick={toggle} aria-expanded={isWhole}>
          {isWhole ? 'Show fewer' : `Show all ${polls.length}`}
        </Button>
      )}
    </>
  );
}

function wordsOf({ outcome, newCount, itemCount, warningCount, message }: FeedPoll): string {
  switch (outcome) {
    case 'failed':
      return message ?? 'failed';
    case 'not_modified':
      return 'nothing has changed';
    case 'read': {
      const news = newCount === 0 ? 'nothing new' : countOf(newCount ?? 0, 'new article');
      const odd = (warningCount ?? 0) === 0 ? '' : `; ${countOf(warningCount ?? 0, 'oddity', 'oddities')} in it`;
      return `${news} among ${countOf(itemCount ?? 0, 'item')}${odd}`;
    }
    default:
      return outcome satisfies never;
  }
}
