import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { api } from '../../api/api.ts';
import { fieldError, ProblemNote } from '../../parts/problem-note.tsx';
import { useSession } from '../../session.ts';

/** The campaign as one mail, marked as a test; its unsubscribe link is dead. */
export function TestDialog({ saveFirst }: { readonly saveFirst: () => Promise<number> }) {
  const session = useSession();
  const [isOpen, { open, close }] = useDisclosure(false);
  const [typed, setTyped] = useState<string>();
  const to = typed ?? session.data?.admin?.address ?? '';
  const inboxUrl = session.data?.inboxUrl ?? null;
  const test = useMutation({ mutationFn: async () => api.testCampaign(await saveFirst(), to) });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    test.mutate();
  };
  return (
    <>
      <Button
        variant="default"
        onClick={() => {
          test.reset();
          open();
        }}
      >
        Send a test
      </Button>
      <Modal opened={isOpen} onClose={close} title="Send a test">
        <form onSubmit={submit}>
          <Stack>
            <ProblemNote error={test.error} fields={['to']} />
            <TextInput
              label="To"
              description="Your own confirmed address, or a proofreader of this newsletter."
              type="email"
              required
              withAsterisk={false}
              data-autofocus
              value={to}
              error={fieldError(test.error, 'to')}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
            {test.isSuccess && (
              <Text role="status">
                On its way to {to}.{' '}
                {inboxUrl !== null && (
                  <a href={inboxUrl} target="_blank" rel="noreferrer">
                    Open the local inbox
                  </a>
                )}
              </Text>
            )}
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                Close
              </Button>
              <Button type="submit" loading={test.isPending}>
                {test.isSuccess ? 'Send another' : 'Send test'}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
