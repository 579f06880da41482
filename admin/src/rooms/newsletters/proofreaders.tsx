import { Button, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { api } from '../../api/api.ts';
import { fieldError, ProblemNote } from '../../parts/problem-note.tsx';
import { Loaded } from '../../parts/room.tsx';

export function Proofreaders({ newsletterId }: { readonly newsletterId: number }) {
  const queryClient = useQueryClient();
  const key = ['proofreaders', newsletterId];
  const readers = useQuery({ queryKey: key, queryFn: () => api.proofreaders(newsletterId) });
  const [address, setAddress] = useState('');
  const refresh = (): Promise<void> => queryClient.invalidateQueries({ queryKey: key });
  const add = useMutation({
    mutationFn: () => api.addProofreader(newsletterId, address),
    onSuccess: async () => {
      setAddress('');
      await refresh();
    },
  });
  const drop = useMutation({
    mutationFn: (gone: string) => api.removeProofreader(newsletterId, gone),
    onSuccess: refresh,
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <section className="sheet" style={{ marginTop: '1.25rem' }}>
      <Stack>
        <Title order={2} size="h3">
          Proofreaders
        </Title>
        <Text size="sm" c="dimmed">
          Test mails go to admins who confirmed their address, and to these.
        </Text>
        <Loaded query={readers}>
          {(list) =>
            list.map((reader) => (
              <Group key={reader.address} justify="space-between">
                <Text>{reader.address}</Text>
                <Button
                  size="xs"
                  variant="default"
                  aria-label={`Remove ${reader.address}`}
                  loading={drop.isPending && drop.variables === reader.address}
                  onClick={() => drop.mutate(reader.address)}
                >
                  Remove
                </Button>
              </Group>
            ))
          }
        </Loaded>
        <ProblemNote error={drop.error} />
        <ProblemNote error={add.error} fields={['address']} />
        <form onSubmit={submit}>
          <Group align="flex-start" gap="sm">
            <TextInput
              aria-label="Address of a proofreader"
              placeholder="name@example.org"
              type="email"
              required
              flex="1 1 14rem"
              value={address}
              error={fieldError(add.error, 'address')}
              onChange={(event) => setAddress(event.currentTarget.value)}
            />
            <Button type="submit" variant="default" loading={add.isPending}>
              Add
            </Button>
          </Group>
        </form>
      </Stack>
    </section>
  );
}
