import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { ButtonProps } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { UseMutationResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ProblemNote } from './problem-note.tsx';

interface ConfirmButtonProps {
  readonly label: string;
  readonly title: string;
  readonly question: string;
  readonly confirmLabel: string;
  readonly action: UseMutationResult<unknown, Error, void>;
  readonly buttonProps?: ButtonProps;
  /** What the question is about, below it. */
  readonly children?: ReactNode;
}

/** For what cannot be taken back: asks once, waits for the answer, and says what went wrong. */
export function ConfirmButton({
  label,
  title,
  question,
  confirmLabel,
  action,
  buttonProps,
  children,
}: ConfirmButtonProps) {
  const [isOpen, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button variant="default" {...buttonProps} onClick={open}>
        {label}
      </Button>
      <Modal opened={isOpen} onClose={close} title={title}>
        <Stack>
          <Text>{question}</Text>
          {children}
          <ProblemNote error={action.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close} data-autofocus>
              Not now
            </Button>
            <Button loading={action.isPending} onClick={() => action.mutate(undefined, { onSuccess: close })}>
              {confirmLabel}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
