import { Button, Group, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { api } from '../../api/api.ts';
import type { Feed, Newsletter } from '../../api/types.ts';
import { announce } from '../../parts/announce.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { countOf, formatDistance } from '../../parts/instants.ts';
import { fieldError, ProblemNote } from '../../parts/problem-note.tsx';
import { Loaded } from '../../parts/room.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { useNow } from '../../parts/use-now.ts';

export function FeedsTab({ newsletter }: { readonly newsletter: Newsletter }) {
  const feeds = useQuery({
    queryKey: ['feeds', newsletter.id],
    queryFn: () => api.feeds(newsletter.id),
    refetchInterval: 5000,
  });
  return (
    <Stack gap="lg">
      <AddFeed newsletter={newsletter} />
      <Loaded query={feeds}>
        {(list) => (
          <section className="sheet" aria-label="Feeds">
            <div className="list-rows">
              {list.map((feed) => (
                <FeedRow key={feed.id} feed={feed} newsletter={newsletter} />
              ))}
            </div>
            {list.length === 0 && (
              <Text c="dimmed">No feed yet. Issues are collected from feeds; add the first above.</Text>
            )}
          </section>
        )}
      </Loaded>
    </Stack>
  );
}

function useFeedsChange(newsletterId: number): () => Promise<void> {
  const queryClient = useQueryClient();
  return async () => {
    await Promise.all([
      queryClient.invalidateQueries({ queryKey: ['feeds', newsletterId] }),
      queryClient.invalidateQueries({ queryKey: ['next-issue', newsletterId] }),
      queryClient.invalidateQueries({ queryKey: ['overview'] }),
    ]);
  };
}

function AddFeed({ newsletter }: { readonly newsletter: Newsletter }) {
  const refresh = useFeedsChange(newsletter.id);
  const [url, setUrl] = useState('');
  const [sectionId, setSectionId] = useState(() => String(newsletter.sections[0]?.id ?? ''));
  const add = useMutation({
    mutationFn: () => api.addFeed(newsletter.id, { url, sectionId: Number(sectionId) }),
    onSuccess: async () => {
      setUrl('');
      announce('Added. It is being read.');
      await refresh();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <section className="sheet">
      <form onSubmit={submit}>
        <Stack>
          <Title order={2} size="h3">
            Add a feed
          </Title>
          <ProblemNote error={add.error} fields={['url', 'sectionId']} />
          <Group align="flex-start" gap="sm">
            <TextInput
              label="Address of the feed"
              placeholder="https://example.org/feed.xml"
              type="url"
              required
              withAsterisk={false}
              flex="1 1 18rem"
              value={url}
              error={fieldError(add.error, 'url')}
              onChange={(event) => setUrl(event.currentTarget.value)}
            />
            <Select
              label="Section"
              allowDeselect={false}
              flex="0 1 12rem"
              data={newsletter.sections.map(({ id, name }) => ({ value: String(id), label: name }))}
              value={sectionId}
              error={fieldError(add.error, 'sectionId')}
              onChange={(value) => setSectionId((current) => value ?? current)}
            />
            <Button type="submit" mt={25} loading={add.isPending}>
              Add
            </Button>
          </Group>
          <Text size="sm" c="dimmed">
            RSS, Atom or JSON Feed. Of its first reading only the ten newest articles count as new.
          </Text>
        </Stack>
      </form>
    </section>
  );
}

function FeedRow({ feed, newsletter }: { readonly feed: Feed; readonly newsletter: Newsletter }) {
  const refresh = useFeedsChange(newsletter.id);
  const poll = useMutation({ mutationFn: () => api.pollFeed(feed.id), onSuccess: refresh });
  const drop = useMutation({ mutationFn: () => api.removeFeed(feed.id), onSuccess: refresh });
  const now = useNow(30_000);
  const section = newsletter.sections.find(({ id }) => id === feed.sectionId)?.name ?? '–';
  return (
    <Stack gap="xs" py="md">
      <Group justify="space-between" gap="sm">
        <Stack gap={2} miw={0} flex="1 1 16rem">
          <Group gap="xs">
            <span className="row-title">{feed.title ?? feed.url}</span>
            <StatusMark status={feed.isSample ? 'sample' : feed.status} />
          </Group>
          <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {feed.isSample ? 'All sections' : section} · {countOf(feed.articleCount, 'article')}
            {feed.isSample ? ' · goes when you add a feed of your own' : ` · ${feed.url}`}
          </Text>
          <Text size="sm" c="dimmed">
            {whenRead(feed, now)}
          </Text>
        </Stack>
        {!feed.isSample && (
          <Group gap="xs">
            <Button size="xs" variant="default" loading={poll.isPending} onClick={() => poll.mutate()}>
              Read now
            </Button>
            <ConfirmButton
              label="Remove"
              title="Remove this feed?"
              question="Articles that went into issues stay. Nothing new will come from it."
              confirmLabel="Remove"
              action={drop}
              buttonProps={{ size: 'xs' }}
            />
          </Group>
        )}
      </Group>
      {feed.failureMessage !== null && feed.status === 'failing' && (
        <Text size="sm" c="var(--bad)">
          {feed.failureMessage}
        </Text>
      )}
      <ProblemNote error={poll.error} />
    </Stack>
  );
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
  return `${last}, again ${isDue ? 'now' : formatDistance(feed.nextPollAt, nowMs)}`;
}
