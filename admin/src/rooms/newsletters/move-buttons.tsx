import { ActionIcon, Group } from '@mantine/core';
import { DownIcon, UpIcon } from '../../parts/icons.tsx';

interface MoveButtonsProps {
  /** Of what they move; their own are `up-` and `down-` with it. */
  readonly id: string;
  readonly name: string;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly onMove: (by: -1 | 1) => void;
}

/** Marked, not disabled, at the ends: a button that is disabled under the finger loses the focus. */
export function MoveButtons({ id, name, isFirst, isLast, onMove }: MoveButtonsProps) {
  return (
    <Group gap="xs" wrap="nowrap">
      <ActionIcon
        id={moveButtonId(id, -1)}
        size="lg"
        variant="default"
        aria-label={`Move ${name} up`}
        aria-disabled={isFirst}
        data-disabled={isFirst}
        onClick={() => !isFirst && onMove(-1)}
      >
        <UpIcon />
      </ActionIcon>
      <ActionIcon
        id={moveButtonId(id, 1)}
        size="lg"
        variant="default"
        aria-label={`Move ${name} down`}
        aria-disabled={isLast}
        data-disabled={isLast}
        onClick={() => !isLast && onMove(1)}
      >
        <DownIcon />
      </ActionIcon>
    </Group>
  );
}

export function moveButtonId(id: string, by: -1 | 1): string {
  return `${by < 0 ? 'up' : 'down'}-${id}`;
}
