import { Alert, Stack } from '@mantine/core';
import type { Overview } from '../../api/types.ts';
import { PlaceLink } from '../../parts/place-link.tsx';

export function Warnings({ warnings }: { readonly warnings: Overview['warnings'] }) {
  if (warnings.length === 0) {
    return null;
  }
  return (
    <Stack gap="sm" component="section" aria-label="What needs attention">
      {warnings.map(({ code, message, href }) => (
        <Alert key={`${code} ${message}`} variant="light" color="yellow" c="var(--ink)">
          {message} {href !== null && <PlaceLink href={href}>Look</PlaceLink>}
        </Alert>
      ))}
    </Stack>
  );
}
