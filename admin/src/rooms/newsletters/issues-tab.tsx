import { Group, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/api.ts';
import type { Newsletter } from '../../api/types.ts';
import { announce } from '../../parts/announce.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { countOf, formatMoment } from '../../parts/instants.ts';
import { Loaded } from '../../parts/room.tsx';
import { NextIssue } from '../home/next-issue.tsx';
import { IssueRow, WaitingIssue } from './issue-row.tsx';
import { NextRuns } from './next-runs.tsx';

export function IssuesTab({ newsletter }: { readonly newsletter: Newsletter }) {
  const issues = useQuery({
    queryKey: ['issues', newsletter.id],
    queryFn: () => api.issues(newsletter.id),
    refetchInterval: 5000,
  });
  const waiting = (issues.data ?? []).filter(({ status }) => status === 'awaiting_approval');
  return (
    <Stack gap="lg">
      {waiting.map((issue) => (
        <WaitingIssue key={issue.id} issue={issue} newsletter={newsletter} />
      ))}
      <section className="sheet" aria-labelledby="issues">
        <Group justify="space-between" mb="xs">
          <Title order={2} size="h3" id="issues">
            Issues
          </Title>
          <ExtraIssue newsletter={newsletter} />
        </Group>
        <Loaded query={issues}>
          {(list) => (
            <div className="list-rows">
              {list
                .filter(({ status }) => status !== 'awaiting_approval')
                .map((issue) => (
                  <IssueRow key={issue.id} issue={issue} newsletter={newsletter} />
                ))}
              {list.length === waiting.length && (
                <Text c="dimmed">{list.length === 0 ? describeEmpty(newsletter) : 'No other one yet.'}</Text>
              )}
            </div>
          )}
        </Loaded>
      </section>
      {newsletter.nextRunAt !== null && <NextIssue newsletterId={newsletter.id} />}
      <NextRuns newsletter={newsletter} />
    </Stack>
  );
}

function describeEmpty({ nextRunAt, timeZone }: Newsletter): string {
  return nextRunAt === null
    ? 'None yet, and there is no schedule. Set one under Settings, or send an extra issue.'
    : `None yet. The first one is collected on ${formatMoment(nextRunAt, timeZone)} and then waits for you, here, until you approve it. If nothing is new by then, it is skipped.`;
}

function ExtraIssue({ newsletter }: { readonly newsletter: Newsletter }) {
  const queryClient = useQueryClient();
  const extra = useMutation({
    mutationFn: () => api.sendExtraIssue(newsletter.id),
    onSuccess: async () => {
      announce('The extra issue is made.');
      await queryClient.invalidateQueries();
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
