import { Button, Group, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/api.ts';
import { ApiProblem } from '../../api/client.ts';
import type { IssueDetail } from '../../api/digest-types.ts';
import type { Newsletter } from '../../api/types.ts';
import { announce } from '../../parts/announce.ts';
import { Note } from '../../parts/note.tsx';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { useStoredDraft } from '../../parts/use-stored-draft.ts';
import { IssueArticles } from './issue-articles.tsx';
import { IssueCandidates } from './issue-candidates.tsx';
import { IssueDecision } from './issue-decision.tsx';
import { changesOf, draftOf, isChanged } from './issue-draft.ts';
import type { IssueDraft } from './issue-draft.ts';

/** What most mail programs show of a subject. */
const SUBJECT_SHOWN = 60;

/** A waiting issue as its editor works on it, one desk for each revision; what is not saved yet is kept in this browser. */
export function IssueDesk({ issue, newsletter }: { readonly issue: IssueDetail; readonly newsletter: Newsletter }) {
  const queryClient = useQueryClient();
  const { draft, change, settle } = useStoredDraft<IssueDraft>(`issue-${issue.id}`, draftOf(issue, newsletter));
  const hasChanges = isChanged(draft, issue, newsletter);
  const isStale = draft.revision !== issue.revision && hasChanges;
  const save = useMutation({
    mutationFn: () => api.editIssue(issue.id, changesOf(draft)),
    onSuccess: async () => {
      // Before the saved issue comes, with which this desk begins anew.
      settle(draft);
      announce('Issue saved.');
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: ['issue', issue.id] }),
        queryClient.invalidateQueries({ queryKey: ['issues', newsletter.id] }),
      ]);
    },
    onError: (error) =>
      error instanceof ApiProblem && error.code === 'issue_changed'
        ? queryClient.invalidateQueries({ queryKey: ['issue', issue.id] })
        : undefined,
  });
  const discard = (): void => {
    settle(draftOf(issue, newsletter));
    save.reset();
  };
  const hasArticles = draft.sections.some(({ articles }) => articles.length > 0);
  return (
    <>
      {isStale && (
        <Note tone="wait" role="status" title="Somebody else has changed this issue meanwhile.">
          <Text size="sm">Your changes are still here, but cannot be saved over theirs.</Text>
          <Button mt="xs" size="xs" variant="default" onClick={discard}>
            Show theirs, without my changes
          </Button>
        </Note>
      )}
      <section className="sheet" aria-label="Words">
        <Stack>
          <Title order={2} size="h3">
            Words
          </Title>
          <WordsFields draft={draft} onChange={change} />
        </Stack>
      </section>
      <section className="sheet" aria-label="Articles">
        <Stack>
          <Title order={2} size="h3">
            Articles
          </Title>
          <IssueArticles draft={draft} onChange={change} />
        </Stack>
      </section>
      <IssueCandidates issueId={issue.id} draft={draft} onChange={change} />
      <section className="sheet" aria-label="Decide">
        <Stack>
          <ProblemNote error={isStale ? null : save.error} />
          {!hasArticles && <Text c="dimmed">An issue needs an article. To send none, drop the issue.</Text>}
          <Group justify="space-between">
            <Group gap="sm">
              <Button
                disabled={!hasChanges || isStale || !hasArticles}
                loading={save.isPending}
                onClick={() => save.mutate()}
              >
                Save changes
              </Button>
              <Button variant="default" disabled={!hasChanges} onClick={discard}>
                Discard
              </Button>
            </Group>
            <IssueDecision issue={issue} newsletter={newsletter} hasChanges={hasChanges} />
          </Group>
        </Stack>
      </section>
    </>
  );
}

function WordsFields({
  draft,
  onChange,
}: {
  readonly draft: IssueDraft;
  readonly onChange: (changes: Partial<IssueDraft>) => void;
}) {
  const length = draft.title.length;
  return (
    <>
      <TextInput
        label="Subject"
        description={
          length > SUBJECT_SHOWN
            ? `${length} characters: phones cut it after about ${SUBJECT_SHOWN}.`
            : `${length} characters. It is the headline of the issue as well.`
        }
        maxLength={200}
        value={draft.title}
        onChange={(event) => onChange({ title: event.currentTarget.value })}
      />
      <TextInput
        label="Preview line"
        description="What inboxes show after the subject."
        maxLength={200}
        value={draft.preheader}
        onChange={(event) => onChange({ preheader: event.currentTarget.value })}
      />
      <Textarea
        label="Intro"
        description="Above the articles, in Markdown. Empty: none."
        autosize
        minRows={3}
        maxLength={5000}
        value={draft.intro}
        onChange={(event) => onChange({ intro: event.currentTarget.value })}
      />
    </>
  );
}
