import { Anchor, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { api } from '../../api/api.ts';
import type { IssueDetail } from '../../api/digest-types.ts';
import type { Newsletter } from '../../api/types.ts';
import { countOf, formatMoment } from '../../parts/instants.ts';
import { MailFrame } from '../../parts/mail-frame.tsx';
import { Note } from '../../parts/note.tsx';
import { Loaded, Room } from '../../parts/room.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { IssueDesk } from './issue-desk.tsx';

/** One issue: to work on while it waits, to read afterwards. */
export function IssueRoom() {
  const { id: idText = '', issueId: issueText = '' } = useParams();
  const [id, issueId] = [Number(idText), Number(issueText)];
  const newsletter = useQuery({ queryKey: ['newsletters', id], queryFn: () => api.newsletter(id) });
  const issue = useQuery({ queryKey: ['issue', issueId], queryFn: () => api.issue(issueId) });
  const back = { to: `/newsletters/${id}/issues`, label: newsletter.data?.name ?? 'Issues' };
  return (
    <Room title={issue.data?.title ?? 'Issue'} back={back}>
      <Loaded query={newsletter}>
        {(paper) => <Loaded query={issue}>{(data) => <IssueSheets issue={data} newsletter={paper} />}</Loaded>}
      </Loaded>
    </Room>
  );
}

function IssueSheets({ issue, newsletter }: { readonly issue: IssueDetail; readonly newsletter: Newsletter }) {
  return (
    <Stack gap="lg">
      <Standing issue={issue} newsletter={newsletter} />
      {issue.remarks.length > 0 && (
        <Note tone="wait" title="What was left out or odd">
          <ul>
            {[...new Set(issue.remarks.map(({ message }) => message))].map((message) => (
              <li key={message}>{message}</li>
            ))}
          </ul>
        </Note>
      )}
      {issue.status === 'awaiting_approval' && <IssueDesk key={issue.revision} issue={issue} newsletter={newsletter} />}
      {issue.articleCount > 0 && (
        <section className="sheet" aria-label="The mail">
          <MailFrame title={issue.title} html={issue.html} />
        </section>
      )}
    </Stack>
  );
}

const REASONS = {
  first: 'The first issue of a newsletter waits until somebody has seen it.',
  required: 'Each issue of this newsletter waits for an editor.',
  overdue: 'It is overdue: its time passed while Courant was not running.',
} as const;

function Standing({ issue, newsletter }: { readonly issue: IssueDetail; readonly newsletter: Newsletter }) {
  const status = issue.status === 'approved' ? (issue.campaignStatus ?? 'approved') : issue.status;
  return (
    <Stack gap={4}>
      <Group gap="sm">
        <StatusMark status={status} />
        <Text c="dimmed">
          {issue.number === null ? '' : `No. ${issue.number} · `}
          {formatMoment(issue.periodAt, newsletter.timeZone)} · {countOf(issue.articleCount, 'article')}
        </Text>
        {issue.campaignId !== null && (
          <Anchor component={Link} to={`/campaigns/${issue.campaignId}`}>
            How it went out
          </Anchor>
        )}
      </Group>
      {issue.status === 'awaiting_approval' && issue.waitsBecause !== null && (
        <Text c="dimmed">{REASONS[issue.waitsBecause]}</Text>
      )}
    </Stack>
  );
}
