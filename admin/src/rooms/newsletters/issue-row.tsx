import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { Issue, Newsletter } from '../../api/types.ts';
import { countOf, formatInstant } from '../../parts/instants.ts';
import { StatusMark } from '../../parts/status-mark.tsx';
import { useNow } from '../../parts/use-now.ts';
import { describeEnd, describeWaiting } from './issue-words.ts';

interface IssueProps {
  readonly issue: Issue;
  readonly newsletter: Newsletter;
}

/** What needs somebody, before all else. */
export function WaitingIssue({ issue, newsletter }: IssueProps) {
  const now = useNow(30_000);
  return (
    <section className="sheet waiting" aria-label={`Waits for you: ${issue.title}`}>
      <Group justify="space-between" gap="md">
        <Stack gap={4} flex="1 1 20rem" miw={0}>
          <span className="kicker">Waits for you</span>
          <span className="waiting-title">{issue.title}</span>
          <Text>{describeWaiting(issue, now)}</Text>
          <Facts issue={issue} newsletter={newsletter} />
        </Stack>
        <Button component={Link} size="md" to={roomOf(issue, newsletter)} aria-label={`Open ${issue.title}`}>
          Open
        </Button>
      </Group>
    </section>
  );
}

export function IssueRow({ issue, newsletter }: IssueProps) {
  const end = describeEnd(issue);
  return (
    <Group justify="space-between" gap="sm" py="md">
      <Stack gap={2} flex="1 1 16rem" miw={0}>
        <Group gap="xs">
          <Anchor component={Link} className="row-title" c="inherit" to={roomOf(issue, newsletter)}>
            {issue.title}
          </Anchor>
          <StatusMark status={issue.status === 'approved' ? (issue.campaignStatus ?? 'approved') : issue.status} />
        </Group>
        <Facts issue={issue} newsletter={newsletter} />
        {end !== undefined && <Text size="sm">{end}</Text>}
      </Stack>
      {issue.campaignId !== null && (
        <Anchor
          component={Link}
          size="sm"
          to={`/campaigns/${issue.campaignId}`}
          aria-label={`How it went out: ${issue.title}`}
        >
          How it went out
        </Anchor>
      )}
    </Group>
  );
}

function Facts({ issue, newsletter }: IssueProps) {
  const facts = [
    issue.number === null ? '' : `No. ${issue.number}`,
    issue.kind === 'extra' ? 'Extra issue' : '',
    formatInstant(issue.publishedAt ?? issue.periodAt, newsletter.timeZone),
    issue.status === 'skipped' ? '' : countOf(issue.articleCount, 'article'),
  ];
  return (
    <Text size="sm" c="dimmed">
      {facts.filter((fact) => fact !== '').join(' · ')}
    </Text>
  );
}

function roomOf(issue: Issue, newsletter: Newsletter): string {
  return `/newsletters/${newsletter.id}/issues/${issue.id}`;
}
