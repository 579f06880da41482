import { Button, Group, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { api } from '../../api/api.ts';
import { ApiProblem } from '../../api/client.ts';
import type { Newsletter } from '../../api/types.ts';
import { announce } from '../../parts/announce.ts';
import { Note } from '../../parts/note.tsx';
import { fieldError, ProblemNote } from '../../parts/problem-note.tsx';
import { useContentChange } from './use-content-change.ts';

export function AddFeed({ newsletter }: { readonly newsletter: Newsletter }) {
  const refresh = useContentChange(newsletter.id);
  const [url, setUrl] = useState('');
  const [sectionId, setSectionId] = useState(() => String(newsletter.sections[0]?.id ?? ''));
  const add = useMutation({
    mutationFn: (chosen: string) => api.addFeed(newsletter.id, { url: chosen, sectionId: Number(sectionId) }),
    onSuccess: async ({ warning }) => {
      setUrl('');
      announce(warning === null ? 'Added. It is being read.' : 'Added.');
      await refresh();
    },
  });
  const choices = choicesOf(add.error);
  const warning = add.data?.warning ?? null;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    add.mutate(url);
  };
  return (
    <section className="sheet">
      <form onSubmit={submit}>
        <Stack>
          <Title order={2} size="h3">
            Add a feed
          </Title>
          {choices === undefined && <ProblemNote error={add.error} fields={['url', 'sectionId']} />}
          {choices !== undefined && <Choices feeds={choices} isBusy={add.isPending} choose={add.mutate} />}
          {warning !== null && <Note role="status" tone="wait" title={warning} />}
          <Group align="flex-start" gap="sm">
            <TextInput
              label="Address of the feed"
              description="Or of a page that has one."
              placeholder="https://example.org/feed.xml"
              type="url"
              required
              withAsterisk={false}
              flex="1 1 18rem"
              value={url}
              error={choices === undefined ? fieldError(add.error, 'url') : undefined}
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

interface FeedChoice {
  readonly url: string;
  readonly title: string | null;
}

interface ChoicesProps {
  readonly feeds: readonly FeedChoice[];
  readonly isBusy: boolean;
  readonly choose: (url: string) => void;
}

function Choices({ feeds, isBusy, choose }: ChoicesProps) {
  return (
    <Note role="alert" tone="calm" title="This page has several feeds. Which one do you want?">
      <div className="list-rows">
        {feeds.map(({ url, title }) => (
          <Group key={url} justify="space-between" gap="sm" py="xs">
            <Stack gap={2} miw={0} flex="1 1 12rem">
              <span className="row-title">{title ?? url}</span>
              {title !== null && (
                <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                  {url}
                </Text>
              )}
            </Stack>
            <Button
              size="xs"
              variant="default"
              disabled={isBusy}
              aria-label={`Add this one: ${title ?? url}`}
              onClick={() => choose(url)}
            >
              Add this one
            </Button>
          </Group>
        ))}
      </div>
    </Note>
  );
}

/** The feeds of a page that names several, as the problem document lists them: address to title. */
function choicesOf(error: Error | null): readonly FeedChoice[] | undefined {
  const feeds = error instanceof ApiProblem && error.code === 'feed_ambiguous' ? error.more['feeds'] : undefined;
  return typeof feeds !== 'object' || feeds === null
    ? undefined
    : Object.entries(feeds).map(([url, title]: [string, unknown]) => ({
        url,
        title: typeof title === 'string' ? title : null,
      }));
}
