import { Button, Group, NumberInput, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { api } from '../../api/api.ts';
import type { ReadersWhoLost } from '../../api/digest-types.ts';
import type { Newsletter, Section } from '../../api/types.ts';
import { announce } from '../../parts/announce.ts';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { MoveButtons, moveButtonId } from './move-buttons.tsx';
import { useDeskVoice } from './use-desk-voice.ts';

interface Row {
  /** Of the page only: a new section has no id yet. */
  readonly key: string;
  readonly id: number | undefined;
  readonly name: string;
  readonly maxItems: number | null;
  readonly minItems: number | null;
  readonly ranking: Section['ranking'];
}

export function SectionsTab({ newsletter }: { readonly newsletter: Newsletter }) {
  const queryClient = useQueryClient();
  const [rows, setRows] = useState<readonly Row[]>(() => rowsOf(newsletter));
  const { words, say } = useDeskVoice();
  const save = useMutation({
    mutationFn: () =>
      api.replaceSections(
        newsletter.id,
        rows.map(({ key: _key, id, ...section }) => ({ ...(id === undefined ? {} : { id }), ...section })),
      ),
    onSuccess: async ({ lostBy }) => {
      announce(`Sections saved.${lostWords(lostBy)}`);
      await queryClient.invalidateQueries({ queryKey: ['newsletters'] });
      setRows(
        rowsOf(
          await queryClient.fetchQuery({
            queryKey: ['newsletters', newsletter.id],
            queryFn: () => api.newsletter(newsletter.id),
            staleTime: 0,
          }),
        ),
      );
    },
  });
  const change = (key: string, changes: Partial<Row>): void =>
    setRows((current) => current.map((row) => (row.key === key ? { ...row, ...changes } : row)));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <section className="sheet">
      <form onSubmit={submit}>
        <Stack>
          <Title order={2} size="h3">
            Sections, in the order of the mail
          </Title>
          <p className="visually-hidden" role="status">
            {words}
          </p>
          <ProblemNote error={save.error} />
          {rows.map((row, index) => (
            <SectionRow
              key={row.key}
              row={row}
              fallback={newsletter.maxPerSection}
              isFirst={index === 0}
              isLast={index === rows.length - 1}
              onChange={(changes) => change(row.key, changes)}
              onMove={(by) => {
                setRows((current) => moved(current, index, by));
                say(`${row.name} is now ${index + by + 1} of ${rows.length}.`, moveButtonId(row.key, by));
              }}
              onRemove={() => setRows((current) => current.filter(({ key }) => key !== row.key))}
            />
          ))}
          <Group justify="space-between">
            <Button
              variant="default"
              onClick={() =>
                setRows((current) => [
                  ...current,
                  {
                    key: crypto.randomUUID(),
                    id: undefined,
                    name: '',
                    maxItems: null,
                    minItems: null,
                    ranking: 'newest',
                  },
                ])
              }
            >
              Add a section
            </Button>
            <Button type="submit" loading={save.isPending} disabled={rows.length === 0}>
              Save sections
            </Button>
          </Group>
          <Text size="sm" c="dimmed">
            A section that articles belong to cannot be removed.
          </Text>
        </Stack>
      </form>
    </section>
  );
}

const RANKINGS: readonly { readonly value: Section['ranking']; readonly label: string }[] = [
  { value: 'newest', label: 'The newest' },
  { value: 'weight', label: 'The heaviest' },
  { value: 'spread', label: 'One of each source' },
];

interface SectionRowProps {
  readonly row: Row;
  readonly fallback: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly onChange: (changes: Partial<Row>) => void;
  readonly onMove: (by: -1 | 1) => void;
  readonly onRemove: () => void;
}

function SectionRow({ row, fallback, isFirst, isLast, onChange, onMove, onRemove }: SectionRowProps) {
  const name = row.name === '' ? 'new section' : row.name;
  return (
    <Group gap="xs" align="flex-end">
      <TextInput
        label="Name"
        required
        withAsterisk={false}
        maxLength={120}
        flex="1 1 12rem"
        value={row.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
      />
      <NumberInput
        label="At most"
        flex="0 1 7rem"
        min={1}
        max={50}
        allowDecimal={false}
        placeholder={String(fallback)}
        value={row.maxItems ?? ''}
        onChange={(value) => onChange({ maxItems: typeof value === 'number' ? value : null })}
      />
      <NumberInput
        label="At least"
        flex="0 1 7rem"
        min={1}
        max={50}
        allowDecimal={false}
        placeholder="1"
        value={row.minItems ?? ''}
        onChange={(value) => onChange({ minItems: typeof value === 'number' ? value : null })}
      />
      <Select
        label="First come"
        flex="0 1 12rem"
        allowDeselect={false}
        data={RANKINGS}
        value={row.ranking}
        onChange={(value) => value !== null && onChange({ ranking: value })}
      />
      <MoveButtons id={row.key} name={name} isFirst={isFirst} isLast={isLast} onMove={onMove} />
      <Button variant="default" onClick={onRemove} aria-label={`Remove ${name}`}>
        Remove
      </Button>
    </Group>
  );
}

function rowsOf(newsletter: Newsletter): readonly Row[] {
  return newsletter.sections.map(({ id, name, maxItems, minItems, ranking }) => ({
    key: String(id),
    id,
    name,
    maxItems,
    minItems,
    ranking,
  }));
}

function moved(rows: readonly Row[], index: number, by: -1 | 1): readonly Row[] {
  const next = [...rows];
  const [row] = next.splice(index, 1);
  if (row !== undefined) {
    next.splice(index + by, 0, row);
  }
  return next;
}

function lostWords({ readers, readersOfNothingElse }: ReadersWhoLost): string {
  if (readers === 0) {
    return '';
  }
  const had = readers === 1 ? '1 reader had' : `${readers} readers had`;
  const rest =
    readersOfNothingElse === 0 ? '' : ` ${readersOfNothingElse} of them had chosen no other and now get all sections.`;
  return ` ${had} chosen what you removed.${rest}`;
}
