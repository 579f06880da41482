import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { api } from '../../api/api.ts';
import type { Suppression } from '../../api/types.ts';
import { announce } from '../../parts/announce.ts';
import { fieldError, ProblemNote } from '../../parts/problem-note.tsx';
import { usePersonChange } from './use-person-change.ts';

/** Opens an address again; asks why, since the answer is kept. */
export function LiftButton({ suppression }: { readonly suppression: Suppression }) {
  const [isOpen, { open, close }] = useDisclosure(false);
  const [why, setWhy] = useState('');
  const refresh = usePersonChange();
  const lift = useMutation({
    mutationFn: () => api.liftSuppression(suppression.id, why),
    onSuccess: async () => {
      close();
      setWhy('');
      announce('The address is open again.');
      await refresh();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    lift.mutate();
  };
  return (
    <>
      <Button
        variant="default"
        size="xs"
        onClick={open}
        aria-label={`Open again: ${suppression.address ?? 'an address that is not stored'}`}
      >
        Open again
      </Button>
      <Modal opened={isOpen} onClose={close} title="Open this address again?">
        <form onSubmit={submit}>
          <Stack>
            <Text>
              Mails may go to it again. Subscriptions that ended stay ended: only the reader can come back, by signing
              up.
            </Text>
            <TextInput
              label="Why"
              description="Kept in the audit log for ever. Leave addresses out."
              required
              minLength={3}
              maxLength={500}
              data-autofocus
              value={why}
              error={fieldError(lift.error, 'why')}
              onChange={(event) => setWhy(event.currentTarget.value)}
            />
            <ProblemNote error={lift.error} fields={['why']} />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                Not now
              </Button>
              <Button type="submit" loading={lift.isPending}>
                Open again
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
