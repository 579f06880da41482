import { Button, Stack, Text, Title } from '@mantine/core';
import { useRouteError } from 'react-router';

/** When a room breaks, or its files are gone because a newer version was installed meanwhile. */
export function RoomFailure() {
  const error = useRouteError();
  return (
    <Stack p="xl" maw={560} align="flex-start">
      <Title order={1}>This page could not be shown</Title>
      <Text>{error instanceof Error ? error.message : 'Something went wrong.'}</Text>
      <Text c="dimmed">After an update the old pages are gone; loading again brings the new ones.</Text>
      <Button onClick={() => globalThis.location.reload()}>Load again</Button>
    </Stack>
  );
}
