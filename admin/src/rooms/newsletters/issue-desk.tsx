import { Button, Group, SimpleGrid, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import type { IssueDetail } from '../../api/digest-types.ts';
import type { Newsletter } from '../../api/types.ts';
import { Note } from '../../parts/note.tsx';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { IssueArticles } from './issue-articles.tsx';
import { IssueCandidates } from './issue-candidates.tsx';
import { IssueDecision } from './issue-decision.tsx';
import type { IssueDraft } from './issue-draft.ts';
import { IssueMail } from './issue-mail.tsx';
import { useDeskVoice } from './use-desk-voice.ts';
import { useIssueDraft } from './use-issue-draft.ts';
import type { IssueDraftDesk } from './use-issue-draft.ts';

/** What most mail programs show of a subject. */
const SUBJECT_SHOWN = 60;

interface IssueDeskProps {
  readonly issue: IssueDetail;
  readonly newsletter: Newsletter;
}

/** A waiting issue as its editor works on it, beside the mail that comes of it. */
export function IssueDesk({ issue, newsletter }: IssueDeskProps) {
  const desk = useIssueDraft(issue, newsletter);
  const { words, say } = useDeskVoice();
  const { draft, hasChanges, isStale, change, discard } = desk;
  return (
    <>
      <p className="visually-hidden" role="status">
        {words}
      </p>
      {isStale && (
        <Note tone="wait" role="status" title="Somebody else has changed this issue meanwhile.">
          <Text size="sm">Your changes are still here, but cannot be saved over theirs.</Text>
          <Button mt="xs" size="xs" variant="default" onClick={discard}>
            Show theirs, without my changes
          </Button>
        </Note>
      )}
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <Stack gap="lg" miw={0}>
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
              <IssueArticles draft={draft} onChange={change} say={say} />
            </Stack>
          </section>
          <IssueCandidates issueId={issue.id} draft={draft} onChange={change} say={say} />
        </Stack>
        <IssueMail issue={issue} draft={hasChanges ? draft : undefined} />
      </SimpleGrid>
      <DecideBar desk={desk} issue={issue} newsletter={newsletter} />
    </>
  );
}

function DecideBar({ desk, issue, newsletter }: IssueDeskProps & { readonly desk: IssueDraftDesk }) {
  const { draft, hasChanges, isStale, save, discard } = desk;
  const hasArticles = draft.sections.some(({ articles }) => articles.length > 0);
  const maySave = hasChanges && !isStale && hasArticles;
  return (
    <section className="action-bar" aria-label="Decide">
      <Stack gap="sm">
        <ProblemNote error={isStale ? null : save.error} />
        {!hasArticles && <Text c="dimmed">An issue needs an article. To send none, drop the issue.</Text>}
        <Group justify="space-between">
          <Group gap="sm">
            {/* Marked, not disabled: the focus stays on it when it has saved. */}
            <Button
              aria-disabled={!maySave}
              data-disabled={!maySave}
              onClick={() => maySave && !save.isPending && save.mutate()}
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
            : `${length} characters. It is the headline of the issue as well.${strayWords(draft, draft.title)}`
        }
        maxLength={200}
        value={draft.title}
        error={draft.title.trim() === '' ? 'Write a headline.' : undefined}
        onChange={(event) => onChange({ title: event.currentTarget.value })}
      />
      <TextInput
        label="Preview line"
        description={`What inboxes show after the subject.${strayWords(draft, draft.preheader)}`}
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

/** The words of an issue come from its articles, and stay when one of these is left out. */
function strayWords({ dropped }: IssueDraft, words: string): string {
  const stray = dropped.find(({ article }) => words.includes(article.title));
  return stray === undefined ? '' : ` It still names “${stray.article.title}”, which is left out.`;
}
