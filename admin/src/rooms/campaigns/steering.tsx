import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { UseMutationResult } from '@tanstack/react-query';
import { Link } from 'react-router';
import { api } from '../../api/api.ts';
import type { Campaign } from '../../api/campaign-types.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { countOf, formatCount, formatCountdown, formatMoment } from '../../parts/instants.ts';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { useNow } from '../../parts/use-now.ts';
import { useZone } from '../../session.ts';

type Action = Parameters<typeof api.steerCampaign>[1];

function useSteering(campaign: Campaign, action: Action): UseMutationResult<unknown, Error, void> {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => api.steerCampaign(campaign.id, action),
    onSettled: async () => {
      await queryClient.invalidateQueries({ queryKey: ['campaign', campaign.id] });
      await queryClient.invalidateQueries({ queryKey: ['campaigns'] });
    },
  });
}

/** The minute in which nothing has left yet. */
export function UndoBar({ campaign }: { readonly campaign: Campaign }) {
  const undo = useSteering(campaign, 'undo');
  const now = useNow(250);
  const zone = useZone();
  const leftMs = campaign.startAt === null ? 0 : new Date(campaign.startAt).getTime() - now;
  return (
    <section className="sheet" aria-label="Undo" style={{ borderInlineStart: '4px solid var(--accent)' }}>
      <Group justify="space-between">
        <Stack gap={2}>
          <Text fw={600}>
            {leftMs > 0 ? (
              <>
                Starts in{' '}
                <span role="timer" aria-live="off">
                  {formatCountdown(leftMs)}
                </span>
              </>
            ) : (
              'Starting …'
            )}
          </Text>
          <Text size="sm" c="dimmed">
            {campaign.startAt === null ? '' : formatMoment(campaign.startAt, zone)}
            {campaign.audienceCount === null ? '' : ` · to ${countOf(campaign.audienceCount, 'subscriber')}`}
          </Text>
        </Stack>
        {campaign.kind === 'issue' ? (
          <Anchor component={Link} to={`/newsletters/${campaign.newsletterId}/issues`}>
            To take it back, open the issue
          </Anchor>
        ) : (
          <Button size="md" loading={undo.isPending} onClick={() => undo.mutate()}>
            Undo
          </Button>
        )}
      </Group>
      <ProblemNote error={undo.error} />
    </section>
  );
}

export function Steering({ campaign }: { readonly campaign: Campaign }) {
  const pause = useSteering(campaign, 'pause');
  const resume = useSteering(campaign, 'resume');
  const cancel = useSteering(campaign, 'cancel');
  const isRunning = campaign.status === 'sending';
  const isPaused = campaign.status === 'paused';
  const underWay = campaign.progress?.underWay ?? 0;
  if (!isRunning && !isPaused && campaign.status !== 'scheduled') {
    return null;
  }
  return (
    <Stack gap="xs">
      <Group gap="xs">
        {isRunning && (
          <Button variant="default" size="xs" loading={pause.isPending} onClick={() => pause.mutate()}>
            Pause
          </Button>
        )}
        {isPaused && (
          <Button size="xs" loading={resume.isPending} onClick={() => resume.mutate()}>
            Resume
          </Button>
        )}
        <ConfirmButton
          label="Cancel"
          title="Cancel this campaign?"
          question={`What has left stays with its readers${underWay > 0 ? `, and at most ${formatCount(underWay)} under way may still leave` : ''}. Nobody else gets it, and it cannot be started again.`}
          confirmLabel="Cancel the campaign"
          action={cancel}
          buttonProps={{ size: 'xs' }}
        />
      </Group>
      <ProblemNote error={pause.error ?? resume.error} />
    </Stack>
  );
}
