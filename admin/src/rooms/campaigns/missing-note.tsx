import { Anchor, Button, Code, Group, Stack, Text } from '@mantine/core';
import type { MissingMergeData } from '../../api/campaign-types.ts';
import { countOf } from '../../parts/instants.ts';
import { Note } from '../../parts/note.tsx';

interface MissingNoteProps {
  readonly id: number;
  readonly missing: MissingMergeData;
  readonly onClose: () => void;
}

/** Why a campaign is not sent while some of its readers lack what it prints, who they are, and what to do. */
export function MissingNote({ id, missing, onClose }: MissingNoteProps) {
  const { count, field, readers } = missing;
  return (
    <Stack>
      <Note role="alert" tone="wait" title={`${countOf(count, 'subscriber')} without a name`}>
        <Text size="sm">
          The mail prints <Code>{`{{ ${field} }}`}</Code> and says nothing for those who have none. Give it a default,
          such as <Code>{`{{ ${field} | default: "reader" }}`}</Code>, or put what prints it between{' '}
          <Code>{`{% if ${field} %}`}</Code> and <Code>{'{% endif %}'}</Code>.
        </Text>
      </Note>
      <ul className="address-list" aria-label="Subscribers without a name">
        {readers.map(({ subscriberId, address }) => (
          <li key={subscriberId}>
            <Anchor href={`/admin/subscribers/${subscriberId}`} size="sm" target="_blank" rel="noreferrer">
              {address}
            </Anchor>
          </li>
        ))}
      </ul>
      <Group justify="space-between" gap="sm">
        <Anchor href={`/api/v1/campaigns/${id}/missing-merge-data.csv`} size="sm" download>
          {count > readers.length ? `All ${count.toLocaleString('en')} as CSV` : 'As CSV'}
        </Anchor>
        <Button onClick={onClose}>Back to the text</Button>
      </Group>
    </Stack>
  );
}
