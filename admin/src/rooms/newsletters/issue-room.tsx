import { Anchor, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { api } from '../../api/api.ts';
import type { IssueDetail } from '../../api/digest-types.ts';
import type { Newsletter } from '../../api/types.ts';
import { announce } from '../../parts/announce.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { countOf, formatMoment } from '../../parts/instants.ts';
import { MailFrame } from '../../parts/mail-frame.tsx';
import { Note } from '../../parts/note.tsx';
import { Loaded, Room } from '../../parts/room.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { useNow } from '../../parts/use-now.ts';
import { IssueDesk } from './issue-desk.tsx';
import { describeEnd, describeWaiting } from './issue-words.ts';

const LOOK_AGAIN_MS = 10_000;

/** One issue: to work on while it waits, to read afterwards. */
export function IssueRoom() {
  const { id: idText = '', issueId: issueText = '' } = useParams();
  const [id, issueId] = [Number(idText), Number(issueText)];
  const newsletter = useQuery({ queryKey: ['newsletters', id], queryFn: () => api.newsletter(id) });
  const issue = useQuery({
    queryKey: ['issue', issueId],
    queryFn: () => api.issue(issueId),
    // What others do to it, and the clock. What was skipped or dropped stays so.
    refetchInterval: ({ state: { data } }) =>
      data?.status === 'awaiting_approval' || data?.isWithdrawable === true ? LOOK_AGAIN_MS : false,
  });
  const back = { to: `/newsletters/${id}/issues`, label: newsletter.data?.name ?? 'Issues' };
  return (
    <Room title={issue.data?.title ?? 'Issue'} back={back}>
      <Loaded query={newsletter}>
        {(paper) => <Loaded query={issue}>{(data) => <IssueSheets issue={data} newsletter={paper} />}</Loaded>}
      </Loaded>
    </Room>
  );
}

interface IssueProps {
  readonly issue: IssueDetail;
  readonly newsletter: Newsletter;
}

function IssueSheets({ issue, newsletter }: IssueProps) {
  const isWaiting = issue.status === 'awaiting_approval';
  return (
    <Stack gap="lg">
      <Standing issue={issue} newsletter={newsletter} />
      {issue.isWithdrawable && <WithdrawBar issue={issue} newsletter={newsletter} />}
      {issue.status !== 'skipped' && <Remarks issue={issue} />}
      {isWaiting && <IssueDesk key={issue.id} issue={issue} newsletter={newsletter} />}
      {!isWaiting && issue.articleCount > 0 && (
        <section className="sheet" aria-label="The mail">
          <MailFrame title={issue.title} html={issue.html} />
        </section>
      )}
    </Stack>
  );
}

function Remarks({ issue: { remarks } }: Pick<IssueProps, 'issue'>) {
  return (
    remarks.length > 0 && (
      <Note tone="wait" title="When it was collected">
        <ul>
          {[...new Set(remarks.map(({ message }) => message))].map((message) => (
            <li key={message}>{message}</li>
          ))}
        </ul>
      </Note>
    )
  );
}

function Standing({ issue, newsletter }: IssueProps) {
  const now = useNow(30_000);
  const status = issue.status === 'approved' ? (issue.campaignStatus ?? 'approved') : issue.status;
  const words = issue.status === 'awaiting_approval' ? describeWaiting(issue, now) : describeEnd(issue);
  return (
    <Stack gap={4}>
      <Group gap="sm">
        <StatusMark status={status} />
        <Text c="dimmed">
          {issue.number === null ? '' : `No. ${issue.number} · `}
          {formatMoment(issue.publishedAt ?? issue.periodAt, newsletter.timeZone)} ·{' '}
          {countOf(issue.articleCount, 'article')}
        </Text>
        {issue.campaignId !== null && (
          <Anchor component={Link} to={`/campaigns/${issue.campaignId}`}>
            {issue.isWithdrawable ? 'Its mailing' : 'How it went out'}
          </Anchor>
        )}
      </Group>
      {words !== undefined && <Text>{words}</Text>}
    </Stack>
  );
}

/** While nothing has left. */
function WithdrawBar({ issue, newsletter }: IssueProps) {
  const queryClient = useQueryClient();
  const refresh = () => queryClient.invalidateQueries();
  const now = useNow(1000);
  const withdraw = useMutation({
    mutationFn: () => api.withdrawIssue(issue.id),
    onSuccess: () => announce('Taken back. It waits for you again.'),
    onSettled: refresh,
  });
  const isAhead = issue.publishedAt !== null && new Date(issue.publishedAt).getTime() > now;
  return (
    <section className="sheet waiting" aria-label="Approved">
      <Group justify="space-between" gap="md">
        <Stack gap={2} flex="1 1 20rem" miw={0}>
          <Text fw={600}>{describeStart(issue, newsletter, isAhead)}</Text>
          <Text size="sm" c="dimmed">
            Nothing has left yet. Taken back, it waits for an editor again.
          </Text>
        </Stack>
        <ConfirmButton
          label="Take back"
          title="Take the approval back?"
          question="The issue waits again, and can be changed. It leaves only when it is approved anew, or by the rules of the newsletter."
          confirmLabel="Take it back"
          action={withdraw}
        />
      </Group>
    </section>
  );
}

function describeStart(issue: IssueDetail, newsletter: Newsletter, isAhead: boolean): string {
  if (issue.campaignStatus === 'cancelled') {
    return 'Its mailing was cancelled before it started.';
  }
  return isAhead && issue.publishedAt !== null
    ? `It leaves on ${formatMoment(issue.publishedAt, newsletter.timeZone)}.`
    : 'It is about to leave.';
}
