import { Anchor, Button, Group, Stack, Text, Title } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { api } from '../../api/api.ts';
import type { LegalDocument } from '../../api/types.ts';
import { MailFrame } from '../../parts/mail-frame.tsx';
import { countOf, formatInstant } from '../../parts/instants.ts';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { Loaded, Room } from '../../parts/room.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { useZone } from '../../session.ts';
import { CHANGE_WORDS, KIND_NAMES, nameLanguage } from './legal-words.ts';

/** One version: what it says, and who accepted it last. */
export function LegalVersionRoom() {
  const id = Number(useParams()['id']);
  const query = useQuery({ queryKey: ['legal', 'version', id], queryFn: () => api.legalDocument(id) });
  const { data } = query;
  const title =
    data === undefined
      ? 'Legal text'
      : `${KIND_NAMES[data.kind]}, ${nameLanguage(data.locale)}, version ${data.version}`;
  return (
    <Room title={title} back={{ to: '/settings/legal', label: 'Legal texts' }}>
      <Loaded query={query}>
        {(document) => (
          <Stack gap="lg">
            <Facts document={document} />
            {document.kind === 'terms' && <Acceptances id={id} />}
            <Words html={document.html} />
          </Stack>
        )}
      </Loaded>
    </Room>
  );
}

function Facts({ document }: { readonly document: LegalDocument }) {
  const zone = useZone();
  const isPublic = document.state === 'current' || document.state === 'earlier';
  return (
    <section className="sheet" aria-label="About this version">
      <Group gap="xs" mb="xs">
        <StatusMark status={document.state} />
        {document.isSample && <StatusMark status="sample" />}
      </Group>
      <Text>
        {document.title}, from {formatInstant(document.publishedAt, zone)}. {CHANGE_WORDS[document.change].label}.
      </Text>
      {isPublic && (
        <Text>
          <Anchor href={document.url} target="_blank" rel="noreferrer">
            Its public page, {document.url}
          </Anchor>
        </Text>
      )}
      <Text size="sm" c="dimmed" mt="xs" style={{ overflowWrap: 'anywhere' }}>
        SHA-256 {document.hash}
      </Text>
    </section>
  );
}

function Acceptances({ id }: { readonly id: number }) {
  const zone = useZone();
  const found = useInfiniteQuery({
    queryKey: ['legal', 'acceptances', id],
    queryFn: ({ pageParam }) => api.legalAcceptances(id, pageParam),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
  const people = (found.data?.pages ?? []).flatMap(({ acceptances }) => acceptances);
  return (
    <section className="sheet" aria-labelledby="acceptances">
      <Title order={2} size="h3" mb={4} id="acceptances">
        Who accepted it
      </Title>
      <Text size="sm" c="dimmed" role="status">
        {found.data === undefined
          ? 'Counting …'
          : `${countOf(found.data.pages[0]?.count ?? 0, 'subscriber')}, for whom this is the last version they accepted.`}
      </Text>
      <ProblemNote error={found.error} />
      <div className="list-rows">
        {people.map((person) => (
          <Link key={person.subscriberId} className="row-link" to={`/subscribers/${person.subscriberId}`}>
            <Group justify="space-between" py="sm" gap="xs">
              <span className="row-title" style={{ overflowWrap: 'anywhere' }}>
                {person.address}
              </span>
              <Text size="sm" c="dimmed">
                {[person.name, formatInstant(person.acceptedAt, zone)].filter(Boolean).join(' · ')}
              </Text>
            </Group>
          </Link>
        ))}
      </div>
      {found.hasNextPage && (
        <Button variant="default" mt="sm" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          Show more
        </Button>
      )}
    </section>
  );
}

function Words({ html }: { readonly html: string }) {
  return (
    <section className="sheet" aria-labelledby="words">
      <Title order={2} size="h3" id="words">
        What it says
      </Title>
      <MailFrame title="The text as readers see it" html={html} />
    </section>
  );
}
