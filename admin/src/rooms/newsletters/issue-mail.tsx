import { Group, Stack, Text, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../api/api.ts';
import type { IssueDetail, MailWarning } from '../../api/digest-types.ts';
import { MailFrame } from '../../parts/mail-frame.tsx';
import { Note } from '../../parts/note.tsx';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { changesOf } from './issue-draft.ts';
import type { IssueDraft } from './issue-draft.ts';

const TYPING_PAUSE_MS = 400;

interface IssueMailProps {
  readonly issue: IssueDetail;
  /** What is on the screen; undefined when that is what is saved. */
  readonly draft: IssueDraft | undefined;
}

/** The mail as it would be with what is on the screen; nothing is saved for that. */
export function IssueMail({ issue, draft }: IssueMailProps) {
  const [settled] = useDebouncedValue(draft, TYPING_PAUSE_MS);
  const changes = draft === undefined || settled === undefined ? undefined : changesOf(settled);
  const preview = useQuery({
    queryKey: ['issue-preview', issue.id, changes],
    queryFn: () => (changes === undefined ? undefined : api.previewIssue(issue.id, changes)),
    enabled: changes !== undefined,
    placeholderData: (before) => before,
    gcTime: 0,
  });
  const mail = draft === undefined ? issue : (preview.data ?? issue);
  return (
    <section className="sheet beside" aria-label="The mail">
      <Stack gap="sm">
        <Group justify="space-between" gap="xs">
          <Title order={2} size="h3">
            The mail
          </Title>
          <Text size="sm" c="dimmed">
            {draft === undefined ? 'as it is saved' : 'as on this screen, not saved yet'}
          </Text>
        </Group>
        {draft !== undefined && <ProblemNote error={preview.error} />}
        <MailWarnings warnings={mail.warnings} />
        <MailFrame title={draft?.title ?? issue.title} html={mail.html} />
      </Stack>
    </section>
  );
}

/** What the check of the mail found. */
export function MailWarnings({ warnings }: { readonly warnings: readonly MailWarning[] }) {
  const words = [...new Set(warnings.map(({ message }) => message))];
  return (
    words.length > 0 && (
      <Note tone="wait" title="Some readers may have trouble with it">
        <ul>
          {words.map((message) => (
            <li key={message}>{message}</li>
          ))}
        </ul>
      </Note>
    )
  );
}
