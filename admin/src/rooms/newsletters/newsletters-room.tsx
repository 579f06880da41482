import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { Link, useNavigate } from 'react-router';
import { api } from '../../api/api.ts';
import type { Newsletter } from '../../api/types.ts';
import { countOf, formatMoment } from '../../parts/instants.ts';
import { fieldError, ProblemNote } from '../../parts/problem-note.tsx';
import { Loaded, Room } from '../../parts/room.tsx';
import { useZone } from '../../session.ts';

export function NewslettersRoom() {
  const newsletters = useQuery({ queryKey: ['newsletters'], queryFn: api.newsletters });
  const [isOpen, { open, close }] = useDisclosure(false);
  return (
    <Room title="Newsletters" actions={<Button onClick={open}>New newsletter</Button>}>
      <Loaded query={newsletters}>
        {(list) => (
          <div className="sheet list-rows">
            {list.map((newsletter) => (
              <Row key={newsletter.id} newsletter={newsletter} />
            ))}
            {list.length === 0 && <Text c="dimmed">There is no newsletter yet.</Text>}
          </div>
        )}
      </Loaded>
      <Modal opened={isOpen} onClose={close} title="New newsletter">
        <NewNewsletter />
      </Modal>
    </Room>
  );
}

function Row({ newsletter }: { readonly newsletter: Newsletter }) {
  return (
    <Link className="row-link" to={`/newsletters/${newsletter.id}`}>
      <Group justify="space-between" py="md" gap="xs">
        <Stack gap={2}>
          <span className="row-title">{newsletter.name}</span>
          <Text size="sm" c="dimmed">
            {newsletter.description === ''
              ? newsletter.sections.map(({ name }) => name).join(' · ')
              : newsletter.description}
          </Text>
        </Stack>
        <Stack gap={2} ta={{ base: 'start', sm: 'end' }}>
          <Text size="sm">{countOf(newsletter.activeSubscribers, 'subscriber')}</Text>
          <Text size="sm" c="dimmed">
            {newsletter.nextRunAt === null ? 'No schedule' : formatMoment(newsletter.nextRunAt, newsletter.timeZone)}
          </Text>
        </Stack>
      </Group>
    </Link>
  );
}

function NewNewsletter() {
  const timeZone = useZone();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [name, setName] = useState('');
  const create = useMutation({
    mutationFn: api.createNewsletter,
    onSuccess: async ({ id }) => {
      await queryClient.invalidateQueries({ queryKey: ['newsletters'] });
      await navigate(`/newsletters/${id}/sections`);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate({ name, timeZone });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <ProblemNote error={create.error} fields={['name']} />
        <TextInput
          label="Name"
          description="Readers see it on the signup page and in each mail."
          required
          withAsterisk={false}
          data-autofocus
          maxLength={120}
          value={name}
          error={fieldError(create.error, 'name')}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={create.isPending}>
            Create
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
