import { Button, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/api.ts';
import { Loaded } from '../../parts/room.tsx';
import { placeArticle } from './issue-draft.ts';
import type { DeskProps } from './article-desk.tsx';

const TYPING_PAUSE_MS = 250;

interface IssueCandidatesProps extends DeskProps {
  readonly issueId: number;
}

/** Articles that no issue holds, to add. */
export function IssueCandidates({ issueId, draft, onChange, say }: IssueCandidatesProps) {
  const [words, setWords] = useState('');
  const [asked] = useDebouncedValue(words, TYPING_PAUSE_MS);
  const candidates = useQuery({
    queryKey: ['issue-candidates', issueId, asked, draft.revision],
    queryFn: () => api.issueCandidates(issueId, asked),
    placeholderData: (before) => before,
  });
  const shown = new Set(draft.sections.flatMap(({ articles }) => articles.map(({ id }) => id)));
  for (const { article } of draft.dropped) {
    shown.add(article.id);
  }
  const fallbackId = draft.sections[0]?.id ?? 0;
  const sectionOf = (id: number): number => (draft.sections.some((section) => section.id === id) ? id : fallbackId);
  return (
    <section className="sheet" aria-label="Add an article">
      <Stack gap="sm">
        <Title order={2} size="h3">
          Add an article
        </Title>
        <TextInput
          type="search"
          aria-label="Search articles"
          placeholder="Words of the headline"
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <Loaded query={candidates}>
          {(list) => {
            const free = list.filter(({ id }) => !shown.has(id));
            return free.length === 0 ? (
              <Text c="dimmed">
                {asked === '' ? 'No other article waits for an issue.' : 'No article that waits has these words.'}
              </Text>
            ) : (
              free.map(({ id, sectionId, title, summaryText, sourceName }) => (
                <Group key={id} justify="space-between" gap="sm">
                  <Text flex="1 1 16rem" miw={0}>
                    {title}
                    {sourceName !== null && (
                      <Text span size="sm" c="dimmed">
                        {` · ${sourceName}`}
                      </Text>
                    )}
                  </Text>
                  <Button
                    size="xs"
                    variant="default"
                    aria-label={`Add ${title}`}
                    onClick={() => {
                      const target = sectionOf(sectionId);
                      const name = draft.sections.find((section) => section.id === target)?.name ?? '';
                      onChange(placeArticle(draft, { id, title, summaryText, source: sourceName ?? '' }, target));
                      say(`${title} is now the last of ${name}.`, `drop-${id}`);
                    }}
                  >
                    Add
                  </Button>
                </Group>
              ))
            );
          }}
        </Loaded>
      </Stack>
    </section>
  );
}
