import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue, useDisclosure } from '@mantine/hooks';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/api.ts';
import type { Newsletter } from '../../api/types.ts';
import { announce } from '../../parts/announce.ts';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { ArticleForm } from './article-form.tsx';
import { ArticleRow } from './article-row.tsx';
import { useContentChange } from './use-content-change.ts';

const STATES = [
  { value: 'unsent', label: 'Waiting for an issue' },
  { value: 'left_out', label: 'Left out' },
  { value: 'used', label: 'In an issue' },
  { value: '', label: 'All' },
];

interface Filter {
  readonly q: string;
  readonly state: string;
  readonly section: string;
}

export function ArticlesTab({ newsletter }: { readonly newsletter: Newsletter }) {
  const [filter, setFilter] = useState<Filter>({ q: '', state: 'unsent', section: '' });
  const change = (changes: Partial<Filter>): void => setFilter((current) => ({ ...current, ...changes }));
  return (
    <Stack gap="lg">
      <AddArticle newsletter={newsletter} />
      <Group gap="sm" role="search">
        <TextInput
          aria-label="Search articles"
          placeholder="Title, address or author"
          type="search"
          flex="1 1 16rem"
          value={filter.q}
          onChange={(event) => change({ q: event.currentTarget.value })}
        />
        <Select
          aria-label="State"
          flex="0 1 14rem"
          allowDeselect={false}
          data={STATES}
          value={filter.state}
          onChange={(state) => change({ state: state ?? '' })}
        />
        <Select
          aria-label="Section"
          flex="0 1 14rem"
          allowDeselect={false}
          data={[
            { value: '', label: 'All sections' },
            ...newsletter.sections.map(({ slug, name }) => ({ value: slug, label: name })),
          ]}
          value={filter.section}
          onChange={(section) => change({ section: section ?? '' })}
        />
      </Group>
      <ArticleList filter={filter} newsletter={newsletter} />
    </Stack>
  );
}

function AddArticle({ newsletter }: { readonly newsletter: Newsletter }) {
  const [isOpen, { open, close }] = useDisclosure(false);
  const refresh = useContentChange(newsletter.id);
  const add = useMutation({
    mutationFn: api.addArticle.bind(undefined, newsletter.id),
    onSuccess: async () => {
      announce('The article waits for the next issue.');
      close();
      await refresh();
    },
  });
  if (!isOpen) {
    return (
      <Group justify="space-between" gap="sm">
        <Text c="dimmed" flex="1 1 20rem">
          What feeds bring comes here by itself. Pin what must lead its section, leave out what must not be sent.
        </Text>
        <Button onClick={open}>Add an article</Button>
      </Group>
    );
  }
  return (
    <section className="sheet" aria-label="Add an article">
      <ArticleForm
        sections={newsletter.sections}
        article={undefined}
        isBusy={add.isPending}
        error={add.error}
        onSave={({ url = '', ...draft }) => add.mutate({ ...draft, url })}
        onCancel={close}
      />
    </section>
  );
}

function ArticleList({ filter, newsletter }: { readonly filter: Filter; readonly newsletter: Newsletter }) {
  const [settled] = useDebouncedValue(filter, 250);
  const found = useInfiniteQuery({
    queryKey: ['articles', newsletter.id, settled.q, settled.state, settled.section],
    queryFn: ({ pageParam }) => api.articles(newsletter.id, { ...settled, cursor: pageParam }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: (before) => before,
  });
  if (found.data === undefined) {
    return found.error === null ? <Text c="dimmed">Looking …</Text> : <ProblemNote error={found.error} />;
  }
  const articles = found.data.pages.flatMap((page) => page.articles);
  return (
    <Stack>
      {articles.length === 0 ? (
        <Text c="dimmed" role="status">
          {emptyWords(settled)}
        </Text>
      ) : (
        <section className="sheet list-rows" aria-label="Articles">
          {articles.map((article) => (
            <ArticleRow key={article.id} article={article} newsletter={newsletter} />
          ))}
        </section>
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

function emptyWords({ q, state, section }: Filter): string {
  return q === '' && section === '' && state === 'unsent'
    ? 'Nothing waits for an issue. Articles come from the feeds, or add one by hand.'
    : 'No article is like this.';
}
