import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { api } from '../../api/api.ts';
import type { SubscriberStory } from '../../api/types.ts';
import { announce } from '../../parts/announce.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { usePersonChange } from './use-person-change.ts';

/** What can be proved of a person, what is handed over to them, and how they are forgotten. */
export function PersonRights({ story }: { readonly story: SubscriberStory }) {
  return (
    <section className="sheet" aria-labelledby="rights">
      <Stack>
        <Stack gap={0}>
          <Title order={2} size="h3" id="rights">
            Proof and rights
          </Title>
          <Text size="sm" c="dimmed">
            Who looks at the evidence or takes a copy is written to the audit log.
          </Text>
        </Stack>
        <Group gap="sm">
          <Button component="a" href={`/admin/evidence/${story.id}`} target="_blank" rel="noreferrer" variant="default">
            Evidence, to print
          </Button>
          <Button
            component="a"
            href={`/api/v1/subscribers/${story.id}/export`}
            download={`subscriber-${story.id}.json`}
            variant="default"
          >
            Copy for the person
          </Button>
          {story.suppressions.every(({ reason }) => reason !== 'manual') && <Suppress id={story.id} />}
          <Erase id={story.id} />
        </Group>
      </Stack>
    </section>
  );
}

function Suppress({ id }: { readonly id: number }) {
  const refresh = usePersonChange();
  const action = useMutation({ mutationFn: () => api.suppress(id), onSuccess: refresh });
  return (
    <ConfirmButton
      label="Close the address"
      title="Stop all mails to this address?"
      question="Nothing goes to it any more, not even a confirmation, until you open it again. For people who asked never to hear from you."
      confirmLabel="Close it"
      action={action}
    />
  );
}

function Erase({ id }: { readonly id: number }) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const refresh = usePersonChange();
  const action = useMutation({
    mutationFn: () => api.eraseSubscriber(id),
    onSuccess: async () => {
      announce('The person is forgotten.');
      await navigate('/subscribers');
      queryClient.removeQueries({ queryKey: ['subscriber', id] });
      await refresh();
    },
  });
  return (
    <ConfirmButton
      label="Forget this person"
      title="Forget this person?"
      question="Name, address, subscriptions and reasons are deleted, open mails cancelled, and the address is closed until its owner signs up and confirms. If they ever consented, the proof of it stays, restricted, to the end of the third year. This cannot be taken back."
      confirmLabel="Forget for good"
      action={action}
    />
  );
}
