import { Button, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { api } from '../../api/api.ts';
import { ApiProblem } from '../../api/client.ts';
import { messageOf, ProblemNote } from '../../parts/problem-note.tsx';
import { Loaded } from '../../parts/room.tsx';

const KEY = ['signup-origins'];

/** Sites whose pages may hold the form; the same list for all newsletters. */
export function SignupOrigins() {
  const queryClient = useQueryClient();
  const origins = useQuery({ queryKey: KEY, queryFn: api.signupOrigins });
  const [origin, setOrigin] = useState('');
  const refresh = (): Promise<void> => queryClient.invalidateQueries({ queryKey: KEY });
  // The list as it is now, so that what somebody else named meanwhile stays.
  const add = useMutation({
    mutationFn: async () => api.replaceSignupOrigins([...(await api.signupOrigins()), origin]),
    onSuccess: async () => {
      setOrigin('');
      await refresh();
    },
  });
  const drop = useMutation({
    mutationFn: async (gone: string) =>
      api.replaceSignupOrigins((await api.signupOrigins()).filter((other) => other !== gone)),
    onSuccess: refresh,
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <section className="sheet">
      <Stack>
        <Title order={2} size="h3">
          Sites
        </Title>
        <Text size="sm" c="dimmed">
          Only pages of these sites may show the embedded form. The list counts for all newsletters; www.example.org and
          example.org are two sites.
        </Text>
        <Loaded query={origins}>
          {(list) =>
            list.length === 0 ? (
              <Text>No site yet.</Text>
            ) : (
              list.map((site) => (
                <Group key={site} justify="space-between">
                  <Text>{site}</Text>
                  <Button
                    size="xs"
                    variant="default"
                    aria-label={`Remove ${site}`}
                    loading={drop.isPending && drop.variables === site}
                    onClick={() => drop.mutate(site)}
                  >
                    Remove
                  </Button>
                </Group>
              ))
            )
          }
        </Loaded>
        <ProblemNote error={drop.error} />
        <form onSubmit={submit}>
          <Group align="flex-start" gap="sm">
            <TextInput
              aria-label="Address of a site"
              placeholder="https://www.example.org"
              required
              flex="1 1 14rem"
              value={origin}
              error={add.error === null ? undefined : siteProblem(add.error)}
              onChange={(event) => setOrigin(event.currentTarget.value)}
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

/** The field of a refusal is a place in the list; here there is one field. */
function siteProblem(error: Error): string {
  return error instanceof ApiProblem && error.fields[0] !== undefined ? error.fields[0].message : messageOf(error);
}
