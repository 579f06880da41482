import { Button, Group, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/api.ts';
import type { Overview } from '../../api/types.ts';
import { Note } from '../../parts/note.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { ProblemNote } from '../../parts/problem-note.tsx';

export function Warnings({ warnings }: { readonly warnings: Overview['warnings'] }) {
  if (warnings.length === 0) {
    return null;
  }
  return (
    <Stack gap="sm" component="section" aria-label="What needs attention">
      {warnings.map(({ code, message, href, alertId }) => (
        <Note key={`${code} ${message}`} tone="wait">
          <Group justify="space-between" gap="xs">
            <span>
              {message} {href !== null && <PlaceLink href={href}>Look</PlaceLink>}
            </span>
            {alertId !== undefined && <DismissButton alertId={alertId} message={message} />}
          </Group>
        </Note>
      ))}
    </Stack>
  );
}

function DismissButton({ alertId, message }: { readonly alertId: number; readonly message: string }) {
  const queryClient = useQueryClient();
  const dismiss = useMutation({
    mutationFn: () => api.dismissAlert(alertId),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['overview'] }),
  });
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        loading={dismiss.isPending}
        onClick={() => dismiss.mutate()}
        aria-label={`Dismiss: ${message}`}
      >
        Dismiss
      </Button>
      {dismiss.error !== null && <ProblemNote error={dismiss.error} />}
    </>
  );
}
