import { Stack, Text, Title } from '@mantine/core';
import { useEffect } from 'react';
import type { ReactNode } from 'react';

/** The door: what is shown before anybody is known. */
export function EntrySheet({
  title,
  promise,
  insecure,
  children,
}: {
  readonly title: string;
  readonly promise?: string;
  readonly insecure?: boolean | undefined;
  readonly children: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Courant`;
  }, [title]);
  return (
    <Stack component="main" mih="100dvh" justify="center" px="md" py="xl" bg="var(--paper)">
      <Stack gap="lg" w="100%" maw={440} mx="auto">
        <div className="sheet">
          <Stack gap="lg">
            <div style={{ borderBottom: '3px double var(--ink)', paddingBottom: '0.75rem' }}>
              <span className="masthead">Courant</span>
            </div>
            <Stack gap="xs">
              <Title order={1} size="h2">
                {title}
              </Title>
              {promise !== undefined && <Text c="dimmed">{promise}</Text>}
            </Stack>
            {children}
          </Stack>
        </div>
        {insecure === true && (
          <Text size="sm" c="dimmed" ta="center">
            This connection is plain http, which is fine on your own machine only. For others set PUBLIC_URL to an https
            address.
          </Text>
        )}
      </Stack>
    </Stack>
  );
}
