import { Stack } from '@mantine/core';
import type { Overview } from '../../api/types.ts';
import { Note } from '../../parts/note.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';

export function Warnings({ warnings }: { readonly warnings: Overview['warnings'] }) {
  if (warnings.length === 0) {
    return null;
  }
  return (
    <Stack gap="sm" component="section" aria-label="What needs attention">
      {warnings.map(({ code, message, href }) => (
        <Note key={`${code} ${message}`} tone="wait">
          {message} {href !== null && <PlaceLink href={href}>Look</PlaceLink>}
        </Note>
      ))}
    </Stack>
  );
}
