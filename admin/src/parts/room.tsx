import { Anchor, Group, Skeleton, Stack, Title } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { ProblemNote } from './problem-note.tsx';

interface RoomProps {
  readonly title: string;
  /** The room above. */
  readonly back?: { readonly to: string; readonly label: string };
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** The head that every room has, and the document's title. */
export function Room({ title, back, actions, children }: RoomProps) {
  useEffect(() => {
    document.title = `${title} · Courant`;
  }, [title]);
  return (
    <Stack gap="lg">
      <Stack gap={4}>
        {back !== undefined && (
          <Anchor component={Link} to={back.to} size="sm" c="dimmed" underline="hover">
            ← {back.label}
          </Anchor>
        )}
        <Group justify="space-between" align="flex-end" gap="md">
          <Title order={1}>{title}</Title>
          {actions !== undefined && <Group gap="sm">{actions}</Group>}
        </Group>
      </Stack>
      {children}
    </Stack>
  );
}

/** What a query brought, or that it is on its way, or why it did not come. */
export function Loaded<Data>({
  query,
  children,
}: {
  readonly query: UseQueryResult<Data>;
  readonly children: (data: Data) => ReactNode;
}) {
  if (query.data !== undefined) {
    return children(query.data);
  }
  return query.error === null ? (
    <div className="sheet" aria-busy="true">
      <span className="visually-hidden" role="status">
        Loading
      </span>
      <Skeleton height={18} width="40%" mb="md" />
      <Skeleton height={12} mb="sm" />
      <Skeleton height={12} mb="sm" />
      <Skeleton height={12} width="70%" />
    </div>
  ) : (
    <ProblemNote error={query.error} />
  );
}
