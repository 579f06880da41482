import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/api.ts';
import type { Campaign } from '../../api/campaign-types.ts';
import { announce } from '../../parts/announce.ts';
import { countOf } from '../../parts/instants.ts';
import { ProblemNote } from '../../parts/problem-note.tsx';

/** Asks how many it would reach before it asks whether. */
export function RetryButton({ campaign }: { readonly campaign: Campaign }) {
  const [isOpen, { open, close }] = useDisclosure(false);
  const queryClient = useQueryClient();
  const count = useQuery({
    queryKey: ['failed', campaign.id, campaign.progress?.rejected],
    queryFn: () => api.countFailed(campaign.id),
    enabled: isOpen,
    gcTime: 0,
  });
  const retry = useMutation({
    mutationFn: () => api.retryFailed(campaign.id),
    onSuccess: ({ retried }) => {
      close();
      announce(`${countOf(retried, 'mail')} sent once more.`);
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['campaign', campaign.id] }),
  });
  const closed = (campaign.progress?.rejected ?? 0) - (count.data ?? 0);
  return (
    <>
      <Button variant="default" size="xs" onClick={open}>
        Retry the rejected
      </Button>
      <Modal opened={isOpen} onClose={close} title="Send once more?">
        <Stack>
          <ProblemNote error={count.error ?? retry.error} />
          {count.data === undefined ? (
            count.error === null && <Text>Counting …</Text>
          ) : (
            <Text>
              {count.data === 0
                ? 'Nobody is left to whom it could go.'
                : `It goes once more to ${countOf(count.data, 'reader')} whose mail was refused or given up.`}
              {closed > 0
                ? ` ${countOf(closed, 'other')} left since, or their addresses are closed: they get nothing.`
                : ''}
            </Text>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={close} data-autofocus>
              Not now
            </Button>
            <Button
              disabled={count.data === undefined || count.data === 0}
              loading={retry.isPending}
              onClick={() => retry.mutate()}
            >
              Send once more
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
