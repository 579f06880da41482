import { Group, Radio, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/api.ts';
import type { IssueDetail } from '../../api/digest-types.ts';
import type { Newsletter } from '../../api/types.ts';
import { announce } from '../../parts/announce.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { countOf, formatMoment } from '../../parts/instants.ts';
import { useNow } from '../../parts/use-now.ts';

interface IssueDecisionProps {
  readonly issue: IssueDetail;
  readonly newsletter: Newsletter;
  readonly hasChanges: boolean;
}

type When = 'at_time' | 'now';

/** Approves what is shown, and nothing that somebody else has made of it meanwhile. */
export function IssueDecision({ issue, newsletter, hasChanges }: IssueDecisionProps) {
  const queryClient = useQueryClient();
  const refresh = () => queryClient.invalidateQueries();
  const [chosen, setChosen] = useState<When>('at_time');
  const isAhead = new Date(issue.periodAt).getTime() > useNow(10_000);
  const when = isAhead ? chosen : 'now';
  const approve = useMutation({
    mutationFn: () => api.approveIssue(issue.id, { revision: issue.revision, when }),
    onSuccess: () => announce(when === 'now' ? 'Approved. It leaves now.' : 'Approved. It leaves at its time.'),
    onSettled: refresh,
  });
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
          question={`It goes to ${countOf(newsletter.activeSubscribers, 'subscriber')} of ${newsletter.name}${isAhead ? '.' : ' at once.'}`}
          confirmLabel={when === 'now' ? 'Approve and send' : 'Approve'}
          action={approve}
          buttonProps={{ variant: 'filled' }}
        >
          {isAhead && (
            <Radio.Group
              label="When"
              value={chosen}
              onChange={(value) => setChosen(value === 'now' ? 'now' : 'at_time')}
            >
              <Stack gap="xs" pt="xs">
                <Radio value="at_time" label={`At its time: ${formatMoment(issue.periodAt, newsletter.timeZone)}`} />
                <Radio value="now" label="Now" />
              </Stack>
            </Radio.Group>
          )}
        </ConfirmButton>
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
