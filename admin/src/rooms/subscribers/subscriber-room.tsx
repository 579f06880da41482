import { Group, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { api } from '../../api/api.ts';
import type { SubscriberStory } from '../../api/types.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { formatInstant } from '../../parts/instants.ts';
import { Note } from '../../parts/note.tsx';
import { Loaded, Room } from '../../parts/room.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { useZone } from '../../session.ts';
import { ConsentStory } from './consent-story.tsx';
import { MailStory } from './mail-story.tsx';

const SUPPRESSIONS: Readonly<Record<string, string>> = {
  'hard-bounce': 'its server said that the address does not exist',
  complaint: 'the reader reported a mail as spam',
  manual: 'an admin stopped it',
  erasure: 'the reader asked to be forgotten',
};

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
          {story.suppressed.length === 0 && <Suppress id={story.id} />}
        </Group>
        {story.suppressed.length > 0 && (
          <Note tone="bad" title="This address gets no mails">
            <p>{story.suppressed.map((reason) => SUPPRESSIONS[reason] ?? reason).join('; ')}.</p>
          </Note>
        )}
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

function usePersonChange(id: number): () => Promise<void> {
  const queryClient = useQueryClient();
  return async () => {
    await Promise.all([
      queryClient.invalidateQueries({ queryKey: ['subscriber', id] }),
      queryClient.invalidateQueries({ queryKey: ['subscribers'] }),
      queryClient.invalidateQueries({ queryKey: ['overview'] }),
    ]);
  };
}

function Unsubscribe(props: { readonly id: number; readonly newsletterId: number; readonly newsletterName: string }) {
  const refresh = usePersonChange(props.id);
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

function Suppress({ id }: { readonly id: number }) {
  const refresh = usePersonChange(id);
  const action = useMutation({ mutationFn: () => api.suppress(id), onSuccess: refresh });
  return (
    <ConfirmButton
      label="Suppress"
      title="Stop all mails to this address?"
      question="Nothing goes to it any more, not even a confirmation. For people who asked never to hear from you again."
      confirmLabel="Suppress"
      action={action}
      buttonProps={{ size: 'xs' }}
    />
  );
}
