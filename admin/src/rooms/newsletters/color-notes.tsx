import { Text } from '@mantine/core';
import type { LookPreview } from '../../api/digest-types.ts';
import { Note } from '../../parts/note.tsx';

/** Says what becomes of an accent colour that cannot be read as it is. */
export function ColorNotes({ preview }: { readonly preview: LookPreview | undefined }) {
  const accent = preview?.accent;
  if (accent === undefined || accent === null) {
    return null;
  }
  const { chosen, light, dark } = accent;
  const isPale = light !== chosen;
  return (
    <Note tone={isPale ? 'wait' : 'calm'} role="status">
      <Text size="sm">
        {isPale
          ? `${chosen} is too pale for words on white: they are written in ${light}, which everybody can read.`
          : `${chosen} can be read on white.`}{' '}
        {dark === chosen ? 'On dark devices it stays as it is.' : `On dark devices it becomes ${dark}.`}
      </Text>
      <span className="swatches" aria-hidden="true">
        <Swatch color={light} />
        <Swatch color={dark} isDark />
      </span>
    </Note>
  );
}

function Swatch({ color, isDark = false }: { readonly color: string; readonly isDark?: boolean }) {
  return (
    <span className="swatch" data-dark={isDark || undefined} style={{ color }}>
      Read on
    </span>
  );
}
