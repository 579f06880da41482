import { Button, Checkbox, Group, Stack, Text, Title } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/api.ts';
import type { Campaign, Resolution } from '../../api/campaign-types.ts';
import { announce } from '../../parts/announce.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { countOf, formatInstant } from '../../parts/instants.ts';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { useZone } from '../../session.ts';

/** The mails whose fate nobody knows, and what somebody who looked into the relay's log decides about them. */
export function DoubtSheet({ campaign }: { readonly campaign: Campaign }) {
  const [chosen, setChosen] = useState<readonly number[]>([]);
  const found = useInfiniteQuery({
    queryKey: ['ambiguous', campaign.id, campaign.progress?.ambiguous],
    queryFn: ({ pageParam }) => api.ambiguous(campaign.id, pageParam),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: (before) => before,
  });
  const zone = useZone();
  const mails = found.data?.pages.flatMap(({ deliveries }) => deliveries) ?? [];
  const stillThere = chosen.filter((id) => mails.some(({ deliveryId }) => deliveryId === id));
  const toggle = (id: number): void =>
    setChosen(stillThere.includes(id) ? stillThere.filter((one) => one !== id) : [...stillThere, id]);
  return (
    <section className="sheet">
      <Stack>
        <div>
          <Title order={2} size="h3">
            In doubt
          </Title>
          <Text size="sm" c="dimmed">
            The connection broke before the server answered, so nobody can know whether these arrived. The log of the
            relay may tell, by the Message-ID.{' '}
            {campaign.ambiguousPolicy === 'resend'
              ? 'They are sent again by themselves after ten minutes.'
              : 'They are not sent again unless you say so.'}
          </Text>
        </div>
        <ProblemNote error={found.error} />
        <div className="list-rows">
          {mails.map((mail) => (
            <Checkbox
              key={mail.deliveryId}
              py="sm"
              checked={stillThere.includes(mail.deliveryId)}
              onChange={() => toggle(mail.deliveryId)}
              label={mail.address === '' ? 'An erased reader' : mail.address}
              description={[
                mail.dotAt === null ? undefined : formatInstant(mail.dotAt, zone),
                `attempt ${mail.attempt}`,
                mail.messageId ?? undefined,
              ]
                .filter((words) => words !== undefined)
                .join(' · ')}
              styles={{ body: { overflowWrap: 'anywhere' }, labelWrapper: { minWidth: 0 } }}
            />
          ))}
        </div>
        {found.hasNextPage && (
          <Button variant="default" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            Show more
          </Button>
        )}
        <Decisions campaign={campaign} chosen={stillThere} onDone={() => setChosen([])} />
      </Stack>
    </section>
  );
}

interface DecisionsProps {
  readonly campaign: Campaign;
  /** Empty: all of them. */
  readonly chosen: readonly number[];
  readonly onDone: () => void;
}

function Decisions({ campaign, chosen, onDone }: DecisionsProps) {
  const queryClient = useQueryClient();
  const resolve = useMutation({
    mutationFn: (resolution: Resolution) =>
      api.resolveAmbiguous(campaign.id, {
        resolution,
        ...(chosen.length === 0 ? { all: true as const } : { deliveryIds: chosen }),
      }),
    onSuccess: ({ resolved }, resolution) => {
      onDone();
      announce(
        resolution === 'resend'
          ? `${countOf(resolved, 'mail')} sent once more.`
          : `${countOf(resolved, 'mail')} noted as ${resolution}.`,
      );
    },
    onSettled: async () => {
      await queryClient.invalidateQueries({ queryKey: ['campaign', campaign.id] });
      await queryClient.invalidateQueries({ queryKey: ['ambiguous', campaign.id] });
    },
  });
  const resend = useMutation({ mutationFn: () => resolve.mutateAsync('resend') });
  const which = chosen.length === 0 ? 'all' : String(chosen.length);
  const count = chosen.length === 0 ? (campaign.progress?.ambiguous ?? 0) : chosen.length;
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <Button variant="default" size="xs" loading={resolve.isPending} onClick={() => resolve.mutate('accepted')}>
          Note {which} as accepted
        </Button>
        <Button variant="default" size="xs" loading={resolve.isPending} onClick={() => resolve.mutate('rejected')}>
          Note {which} as rejected
        </Button>
        {campaign.status !== 'cancelled' && (
          <ConfirmButton
            label={`Send ${which} again`}
            title="Send again?"
            question={`${countOf(count, 'mail')} will be sent once more. Whom the first one reached gets it twice.`}
            confirmLabel="Send again"
            action={resend}
            buttonProps={{ size: 'xs' }}
          />
        )}
      </Group>
      <ProblemNote error={resend.error === null ? resolve.error : null} />
    </Stack>
  );
}
