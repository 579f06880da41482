import { Group, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/api.ts';
import type { IssueDetail } from '../../api/digest-types.ts';
import type { Newsletter } from '../../api/types.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { countOf } from '../../parts/instants.ts';

interface IssueDecisionProps {
  readonly issue: IssueDetail;
  readonly newsletter: Newsletter;
  readonly hasChanges: boolean;
}

/** Approves what is shown, and nothing that somebody else has made of it meanwhile. */
export function IssueDecision({ issue, newsletter, hasChanges }: IssueDecisionProps) {
  const queryClient = useQueryClient();
  const refresh = () => queryClient.invalidateQueries();
  const approve = useMutation({ mutationFn: () => api.approveIssue(issue.id, issue.revision), onSettled: refresh });
  const drop = useMutation({ mutationFn: () => api.dropIssue(issue.id), onSettled: refresh });
  return (
    <Group gap="sm">
      {hasChanges ? (
        <Text size="sm" c="dimmed">
          Save or discard your changes, then approve.
        </Text>
      ) : (
        <ConfirmButton
          label="Approve"
          title="Send this issue?"
          question={`It goes to ${countOf(newsletter.activeSubscribers, 'subscriber')} of ${newsletter.name}.`}
          confirmLabel="Approve and send"
          action={approve}
          buttonProps={{ variant: 'filled' }}
        />
      )}
      <ConfirmButton
        label="Drop"
        title="Drop this issue?"
        question="Nobody will get it. Its articles are free for a later issue."
        confirmLabel="Drop"
        action={drop}
      />
    </Group>
  );
}
