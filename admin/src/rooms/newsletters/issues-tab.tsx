import { Anchor, Button, Group, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { api } from '../../api/api.ts';
import type { Issue, Newsletter } from '../../api/types.ts';
import { announce } from '../../parts/announce.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { countOf, formatInstant } from '../../parts/instants.ts';
import { MailFrame } from '../../parts/mail-frame.tsx';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { Loaded } from '../../parts/room.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { NextIssue } from '../home/next-issue.tsx';

export function IssuesTab({ newsletter }: { readonly newsletter: Newsletter }) {
  const issues = useQuery({
    queryKey: ['issues', newsletter.id],
    queryFn: () => api.issues(newsletter.id),
    refetchInterval: 5000,
  });
  return (
    <Stack gap="lg">
      <section className="sheet">
        <Group justify="space-between" mb="xs">
          <Title order={2} size="h3">
            Issues
          </Title>
          <ExtraIssue newsletter={newsletter} />
        </Group>
        <Loaded query={issues}>
          {(list) => (
            <div className="list-rows">
              {list.map((issue) => (
                <IssueRow key={issue.id} issue={issue} newsletter={newsletter} />
              ))}
              {list.length === 0 && <Text c="dimmed">None yet. The next one is below.</Text>}
            </div>
          )}
        </Loaded>
      </section>
      {newsletter.nextRunAt !== null && <NextIssue newsletterId={newsletter.id} />}
    </Stack>
  );
}

function useIssuesChange(newsletterId: number): () => Promise<void> {
  const queryClient = useQueryClient();
  return async () => {
    await Promise.all([
      queryClient.invalidateQueries({ queryKey: ['issues', newsletterId] }),
      queryClient.invalidateQueries({ queryKey: ['next-issue', newsletterId] }),
      queryClient.invalidateQueries({ queryKey: ['overview'] }),
      queryClient.invalidateQueries({ queryKey: ['campaigns'] }),
    ]);
  };
}

function ExtraIssue({ newsletter }: { readonly newsletter: Newsletter }) {
  const refresh = useIssuesChange(newsletter.id);
  const extra = useMutation({
    mutationFn: () => api.sendExtraIssue(newsletter.id),
    onSuccess: async () => {
      announce('The extra issue is made.');
      await refresh();
    },
  });
  return (
    <ConfirmButton
      label="Send an extra issue"
      title="Send an extra issue now?"
      question={`It takes all that is new, and goes to ${countOf(newsletter.activeSubscribers, 'subscriber')} of ${newsletter.name}. The scheduled issues go on as planned, with what comes later.`}
      confirmLabel="Send it"
      action={extra}
    />
  );
}

function IssueRow({ issue, newsletter }: { readonly issue: Issue; readonly newsletter: Newsletter }) {
  const [isShown, { toggle }] = useDisclosure(false);
  return (
    <Stack gap="xs" py="md">
      <Group justify="space-between" gap="sm">
        <Stack gap={2} flex="1 1 16rem" miw={0}>
          <Group gap="xs">
            <Anchor
              component={Link}
              className="row-title"
              c="inherit"
              to={`/newsletters/${newsletter.id}/issues/${issue.id}`}
            >
              {issue.title}
            </Anchor>
            <StatusMark status={issue.status === 'approved' ? (issue.campaignStatus ?? 'approved') : issue.status} />
          </Group>
          <Text size="sm" c="dimmed">
            {issue.number === null ? '' : `No. ${issue.number} · `}
            {issue.kind === 'extra' ? 'Extra issue · ' : ''}
            {formatInstant(issue.periodAt, newsletter.timeZone)} · {countOf(issue.articleCount, 'article')}
          </Text>
        </Stack>
        <Group gap="xs">
          {issue.campaignId !== null && (
            <Anchor component={Link} size="sm" to={`/campaigns/${issue.campaignId}`}>
              How it went out
            </Anchor>
          )}
          {issue.status === 'awaiting_approval' && (
            <>
              <Button size="xs" variant="default" onClick={toggle} aria-expanded={isShown}>
                {isShown ? 'Hide' : 'Look at it'}
              </Button>
              <Decision issue={issue} newsletter={newsletter} />
            </>
          )}
        </Group>
      </Group>
      {isShown && <IssueMail id={issue.id} title={issue.title} />}
    </Stack>
  );
}

function Decision({ issue, newsletter }: { readonly issue: Issue; readonly newsletter: Newsletter }) {
  const refresh = useIssuesChange(newsletter.id);
  const approve = useMutation({ mutationFn: () => api.approveIssue(issue.id), onSuccess: refresh });
  const drop = useMutation({ mutationFn: () => api.dropIssue(issue.id), onSuccess: refresh });
  return (
    <>
      <ConfirmButton
        label="Approve"
        title="Send this issue?"
        question={`It goes to ${countOf(newsletter.activeSubscribers, 'subscriber')} of ${newsletter.name} at once.`}
        confirmLabel="Approve and send"
        action={approve}
        buttonProps={{ size: 'xs', variant: 'filled' }}
      />
      <ConfirmButton
        label="Drop"
        title="Drop this issue?"
        question="Nobody will get it. Its articles are free for a later issue."
        confirmLabel="Drop"
        action={drop}
        buttonProps={{ size: 'xs' }}
      />
    </>
  );
}

function IssueMail({ id, title }: { readonly id: number; readonly title: string }) {
  const mail = useQuery({ queryKey: ['issue', id], queryFn: () => api.issueHtml(id) });
  return mail.error === null ? (
    <Loaded query={mail}>{({ html }) => <MailFrame title={title} html={html} />}</Loaded>
  ) : (
    <ProblemNote error={mail.error} />
  );
}
