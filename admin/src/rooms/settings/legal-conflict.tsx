import { Button, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../api/api.ts';
import type { LegalDraft, LegalText } from '../../api/types.ts';
import { Note } from '../../parts/note.tsx';
import { formatInstant } from '../../parts/instants.ts';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { useZone } from '../../session.ts';

interface LegalConflictProps {
  readonly text: Pick<LegalText, 'kind' | 'locale'>;
  readonly onTheirs: (draft: LegalDraft) => void;
  /** Go on with the words of this page; `revision` is what they replace, null when the draft is gone. */
  readonly onMine: (revision: number | null) => void;
}

/** Somebody was faster: nothing is overwritten until a person has chosen. */
export function LegalConflict({ text, onTheirs, onMine }: LegalConflictProps) {
  const zone = useZone();
  const query = useQuery({ queryKey: ['legal', 'conflict'], queryFn: api.legalDrafts, staleTime: 0, gcTime: 0 });
  const theirs = query.data?.find(({ kind, locale }) => kind === text.kind && locale === text.locale);
  if (query.data === undefined) {
    return <ProblemNote error={query.error} />;
  }
  return (
    <Note
      role="alert"
      tone="wait"
      title={
        theirs === undefined
          ? 'This draft was published or deleted meanwhile'
          : `Somebody saved this draft on ${formatInstant(theirs.updatedAt, zone)}`
      }
    >
      <Group gap="sm" justify="space-between">
        <Text size="sm">Your words are still here, and not saved.</Text>
        <Group gap="sm">
          {theirs !== undefined && (
            <Button size="compact-sm" variant="default" onClick={() => onTheirs(theirs)}>
              Take theirs
            </Button>
          )}
          <Button size="compact-sm" variant="default" onClick={() => onMine(theirs?.revision ?? null)}>
            Go on with mine
          </Button>
        </Group>
      </Group>
    </Note>
  );
}
