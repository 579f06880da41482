import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/api.ts';
import type { Feed } from '../../api/content-types.ts';
import type { Newsletter } from '../../api/types.ts';
import { countOf } from '../../parts/instants.ts';
import { Loaded } from '../../parts/room.tsx';
import { AddFeed } from './add-feed.tsx';
import { FeedRow } from './feed-row.tsx';

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
