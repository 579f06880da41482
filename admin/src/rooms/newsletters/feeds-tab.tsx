import { Button, Group, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { api } from '../../api/api.ts';
import type { Feed } from '../../api/content-types.ts';
import type { Newsletter } from '../../api/types.ts';
import { announce } from '../../parts/announce.ts';
import { countOf } from '../../parts/instants.ts';
import { fieldError, ProblemNote } from '../../parts/problem-note.tsx';
import { Loaded } from '../../parts/room.tsx';
import { FeedRow } from './feed-row.tsx';
import { useContentChange } from './use-content-change.ts';

export function FeedsTab({ newsletter }: { readonly newsletter: Newsletter }) {
  const feeds = useQuery({
    queryKey: ['feeds', newsletter.id],
    queryFn: () => api.feeds(newsletter.id),
    refetchInterval: 5000,
  });
  return (
    <Stack gap="lg">
      <AddFeed newsletter={newsletter} />
      <Loaded query={feeds}>{(list) => <FeedList feeds={list} newsletter={newsletter} />}</Loaded>
    </Stack>
  );
}

/** Of hundreds of feeds only those are drawn that somebody can look at. */
const SHOWN_AT_ONCE = 50;
const FEW = 8;

function FeedList({ feeds, newsletter }: { readonly feeds: readonly Feed[]; readonly newsletter: Newsletter }) {
  const [search, setSearch] = useState('');
  const [shown, setShown] = useState(SHOWN_AT_ONCE);
  const words = search.trim().toLowerCase();
  const found = feeds.filter(({ title, url }) => `${title ?? ''} ${url}`.toLowerCase().includes(words));
  const failing = feeds.filter(({ status }) => status === 'failing').length;
  return (
    <Stack gap="sm">
      {feeds.length > FEW && (
        <Group gap="sm" role="search">
          <TextInput
            aria-label="Search feeds"
            placeholder="Name or address"
            type="search"
            flex="1 1 16rem"
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          <Text size="sm" c="dimmed" role="status">
            {countOf(found.length, 'feed')}
            {failing > 0 && `, ${failing} failing`}
          </Text>
        </Group>
      )}
      <section className="sheet" aria-label="Feeds">
        <div className="list-rows">
          {found.slice(0, shown).map((feed) => (
            <FeedRow key={feed.id} feed={feed} newsletter={newsletter} />
          ))}
        </div>
        {feeds.length === 0 && (
          <Text c="dimmed">No feed yet. Issues are collected from feeds; add the first above.</Text>
        )}
      </section>
      {found.length > shown && (
        <Button variant="default" onClick={() => setShown((count) => count + SHOWN_AT_ONCE)}>
          Show more
        </Button>
      )}
    </Stack>
  );
}

function AddFeed({ newsletter }: { readonly newsletter: Newsletter }) {
  const refresh = useContentChange(newsletter.id);
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
