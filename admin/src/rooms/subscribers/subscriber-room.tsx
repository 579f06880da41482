import { Group, Stack, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { api } from '../../api/api.ts';
import type { SubscriberStory, Suppression } from '../../api/types.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { formatInstant } from '../../parts/instants.ts';
import { Note } from '../../parts/note.tsx';
import { Loaded, Room } from '../../parts/room.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { useNow } from '../../parts/use-now.ts';
import { useZone } from '../../session.ts';
import { ConsentStory } from './consent-story.tsx';
import { LiftButton } from './lift-button.tsx';
import { MailStory } from './mail-story.tsx';
import { PersonRights } from './person-rights.tsx';
import { KEPT_CLOSED, SUPPRESSION_REASONS } from './suppression-words.ts';
import { usePersonChange } from './use-person-change.ts';

export function SubscriberRoom() {
  const { id: idText = '' } = useParams();
  const id = Number(idText);
  const person = useQuery({ queryKey: ['subscriber', id], queryFn: () => api.subscriber(id), refetchInterval: 15_000 });
  return (
    <Room title={person.data?.address ?? 'Subscriber'} back={{ to: '/subscribers', label: 'Subscribers' }}>
      <Loaded query={person}>
        {(story) => (
          <Stack gap="lg">
            <Subscriptions story={story} />
            <PersonRights story={story} />
            <ConsentStory records={story.consent} />
            <MailStory deliveries={story.deliveries} />
          </Stack>
        )}
      </Loaded>
    </Room>
  );
}

function Subscriptions({ story }: { readonly story: SubscriberStory }) {
  const zone = useZone();
  const nowMs = useNow(60_000);
  return (
    <section className="sheet">
      <Stack>
        <Group justify="space-between">
          <Stack gap={0}>
            {story.name !== null && <Text fw={600}>{story.name}</Text>}
            <Text size="sm" c="dimmed">
              Known since {formatInstant(story.createdAt, zone)}
            </Text>
          </Stack>
        </Group>
        {story.suppressions.length > 0 && <Closed suppressions={story.suppressions} />}
        <div className="list-rows">
          {story.subscriptions.map((subscription) => (
            <Group key={subscription.newsletterId} justify="space-between" py="sm" gap="sm">
              <Group gap="sm">
                <span className="row-title">{subscription.newsletterName}</span>
                <StatusMark status={subscription.status} />
                {subscription.confirmedAt !== null && (
                  <Text size="sm" c="dimmed">
                    confirmed {formatInstant(subscription.confirmedAt, zone)}
                  </Text>
                )}
                {isPaused(subscription.pausedUntil, nowMs) && (
                  <Text size="sm" c="dimmed">
                    paused until {formatInstant(subscription.pausedUntil, zone)}
                  </Text>
                )}
                {chosenWords(subscription) !== '' && (
                  <Text size="sm" c="dimmed">
                    {chosenWords(subscription)}
                  </Text>
                )}
              </Group>
              {subscription.status !== 'unsubscribed' && (
                <Unsubscribe
                  id={story.id}
                  newsletterId={subscription.newsletterId}
                  newsletterName={subscription.newsletterName}
                />
              )}
            </Group>
          ))}
        </div>
      </Stack>
    </section>
  );
}

function chosenWords({ status, sections, frequency }: SubscriberStory['subscriptions'][number]): string {
  if (status !== 'active') {
    return '';
  }
  const which = sections === null ? [] : [`only ${sections.join(', ')}`];
  const often = frequency === null ? [] : [frequency === 'weekly' ? 'one digest a week' : 'one digest a month'];
  return [...which, ...often].join(' · ');
}

function isPaused(until: string | null, nowMs: number): boolean {
  return until !== null && new Date(until).getTime() > nowMs;
}

function Closed({ suppressions }: { readonly suppressions: readonly Suppression[] }) {
  const zone = useZone();
  return (
    <Note tone="bad" title="This address gets no mails">
      {suppressions.map((suppression) => (
        <Group key={suppression.id} justify="space-between" gap="xs" mt={6}>
          <Text size="sm">
            {SUPPRESSION_REASONS[suppression.reason]}, {formatInstant(suppression.createdAt, zone)}.{' '}
            {KEPT_CLOSED[suppression.reason]}
          </Text>
          {suppression.canLift && <LiftButton suppression={suppression} />}
        </Group>
      ))}
    </Note>
  );
}

function Unsubscribe(props: { readonly id: number; readonly newsletterId: number; readonly newsletterName: string }) {
  const refresh = usePersonChange();
  const action = useMutation({ mutationFn: () => api.unsubscribe(props.id, props.newsletterId), onSuccess: refresh });
  return (
    <ConfirmButton
      label="Unsubscribe"
      title={`Unsubscribe from ${props.newsletterName}?`}
      question="No more issues or campaigns of this newsletter. Nothing is mailed about it. Only the reader can come back."
      confirmLabel="Unsubscribe"
      action={action}
      buttonProps={{ size: 'xs' }}
    />
  );
}
