import { Button, Group, Select, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { api } from '../../api/api.ts';
import type { Feed } from '../../api/content-types.ts';
import type { Newsletter } from '../../api/types.ts';
import { announce } from '../../parts/announce.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { countOf, formatDistance } from '../../parts/instants.ts';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { useNow } from '../../parts/use-now.ts';
import { FeedHistory } from './feed-history.tsx';
import { useContentChange } from './use-content-change.ts';
import { WeightSelect } from './weight-select.tsx';

interface FeedProps {
  readonly feed: Feed;
  readonly newsletter: Newsletter;
}

export function FeedRow({ feed, newsletter }: FeedProps) {
  const refresh = useContentChange(newsletter.id);
  const poll = useMutation({
    mutationFn: () => api.pollFeed(feed.id),
    onSuccess: async () => {
      announce('It is being read.');
      await refresh();
    },
  });
  const [isOpen, { toggle }] = useDisclosure(false);
  const name = feed.title ?? feed.url;
  return (
    <Stack gap="xs" py="md">
      <Group justify="space-between" gap="sm">
        <FeedState feed={feed} newsletter={newsletter} />
        {!feed.isSample && (
          <Group gap="xs">
            <Button size="xs" variant="default" loading={poll.isPending} onClick={() => poll.mutate()}>
              Read now
            </Button>
            <Button
              size="xs"
              variant="default"
              onClick={toggle}
              aria-expanded={isOpen}
              aria-label={`${isOpen ? 'Less' : 'More'} about ${name}`}
            >
              {isOpen ? 'Less' : 'More'}
            </Button>
          </Group>
        )}
      </Group>
      {feed.failureMessage !== null && feed.status === 'failing' && (
        <Text size="sm" c="var(--bad)">
          {failureWords(feed)}
        </Text>
      )}
      <ProblemNote error={poll.error} />
      {isOpen && <FeedDetails feed={feed} newsletter={newsletter} />}
    </Stack>
  );
}

function FeedState({ feed, newsletter }: FeedProps) {
  const now = useNow(30_000);
  const section = newsletter.sections.find(({ id }) => id === feed.sectionId)?.name ?? '–';
  return (
    <Stack gap={2} miw={0} flex="1 1 16rem">
      <Group gap="xs">
        <span className="row-title">{feed.title ?? feed.url}</span>
        <StatusMark status={markOf(feed)} />
      </Group>
      <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        {feed.isSample ? 'All sections' : section} · {countOf(feed.articleCount, 'article')}
        {feed.isSample ? ' · goes when you add a feed of your own' : ` · ${feed.url}`}
      </Text>
      <Text size="sm" c="dimmed">
        {whenRead(feed, now)}
      </Text>
    </Stack>
  );
}

function FeedDetails({ feed, newsletter }: FeedProps) {
  const refresh = useContentChange(newsletter.id);
  const change = useMutation({
    mutationFn: (changes: { sectionId?: number; weight?: number }) => api.changeFeed(feed.id, changes),
    onSuccess: async (_feed, { sectionId }) => {
      announce(sectionId === undefined ? 'Saved.' : 'Moved, with its articles that wait.');
      await refresh();
    },
  });
  const drop = useMutation({ mutationFn: () => api.removeFeed(feed.id), onSuccess: refresh });
  return (
    <Stack gap="md" pl={{ base: 0, sm: 'md' }}>
      <Group gap="sm" align="flex-start">
        <Select
          label="Section"
          description="Its waiting articles move along."
          allowDeselect={false}
          flex="0 1 14rem"
          data={newsletter.sections.map(({ id, name }) => ({ value: String(id), label: name }))}
          value={String(feed.sectionId)}
          onChange={(value) => value !== null && change.mutate({ sectionId: Number(value) })}
        />
        <WeightSelect value={feed.weight} onChange={(weight) => change.mutate({ weight })} />
        <ConfirmButton
          label="Remove"
          title="Remove this feed?"
          question="Articles that went into issues stay. Nothing new will come from it."
          confirmLabel="Remove"
          action={drop}
          buttonProps={{ mt: 25 }}
        />
      </Group>
      <ProblemNote error={change.error} />
      <FeedHistory feedId={feed.id} polledAt={feed.lastPolledAt} />
    </Stack>
  );
}

function markOf(feed: Feed): string {
  if (feed.isSample) {
    return 'sample';
  }
  return feed.failureCode === 'feed_gone' ? 'feed_gone' : feed.status;
}

function failureWords({ failureMessage, failureCount }: Feed): string {
  const message = failureMessage ?? '';
  const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
  return failureCount > 1 ? `${sentence} ${failureCount} times in a row.` : sentence;
}

function whenRead(feed: Feed, nowMs: number): string {
  if (feed.lastPolledAt === null) {
    return 'It is read within a minute.';
  }
  const last = `Read ${formatDistance(feed.lastPolledAt, nowMs)}`;
  if (feed.isSample) {
    return last;
  }
  const isDue = new Date(feed.nextPollAt).getTime() <= nowMs;
  const next = `again ${isDue ? 'now' : formatDistance(feed.nextPollAt, nowMs)}`;
  const news = feed.lastNewsAt === null ? 'no article yet' : `last news ${formatDistance(feed.lastNewsAt, nowMs)}`;
  return `${last}, ${next} · ${news}`;
}
