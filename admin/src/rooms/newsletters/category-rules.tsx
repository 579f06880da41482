import { Button, Group, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { api } from '../../api/api.ts';
import type { CategoryRule } from '../../api/content-types.ts';
import type { Newsletter } from '../../api/types.ts';
import { announce } from '../../parts/announce.ts';
import { countOf } from '../../parts/instants.ts';
import { fieldError, ProblemNote } from '../../parts/problem-note.tsx';
import { Loaded } from '../../parts/room.tsx';
import { useContentChange } from './use-content-change.ts';

/** Which categories of articles go where, whatever their feed. */
export function CategoryRules({ newsletter }: { readonly newsletter: Newsletter }) {
  const rules = useQuery({
    queryKey: ['category-rules', newsletter.id],
    queryFn: () => api.categoryRules(newsletter.id),
  });
  return (
    <section className="sheet" style={{ marginTop: '1.25rem' }} aria-labelledby="category-rules">
      <Stack>
        <Stack gap={4}>
          <Title order={2} size="h3" id="category-rules">
            Sections by category
          </Title>
          <Text size="sm" c="dimmed">
            Many feeds name a category for each article. An article of a category below goes into the section beside it,
            whatever its feed; of several the first counts.
          </Text>
        </Stack>
        <Loaded query={rules}>{(list) => <RulesForm rules={list} newsletter={newsletter} />}</Loaded>
      </Stack>
    </section>
  );
}

interface Row extends CategoryRule {
  /** Of the page only. */
  readonly key: string;
}

function RulesForm({
  rules,
  newsletter,
}: {
  readonly rules: readonly CategoryRule[];
  readonly newsletter: Newsletter;
}) {
  const queryClient = useQueryClient();
  const refresh = useContentChange(newsletter.id);
  const [rows, setRows] = useState<readonly Row[]>(() => rules.map((rule) => ({ ...rule, key: rule.category })));
  const save = useMutation({
    mutationFn: () =>
      api.replaceCategoryRules(
        newsletter.id,
        rows.map(({ category, sectionSlug }) => ({ category, sectionSlug })),
      ),
    onSuccess: async ({ rules: saved, movedCount }) => {
      queryClient.setQueryData(['category-rules', newsletter.id], saved);
      announce(movedCount === 0 ? 'Rules saved.' : `Rules saved. ${countOf(movedCount, 'article')} moved.`);
      await refresh();
    },
  });
  const change = (key: string, changes: Partial<CategoryRule>): void =>
    setRows((current) => current.map((row) => (row.key === key ? { ...row, ...changes } : row)));
  const add = (): void =>
    setRows((current) => [
      ...current,
      { key: crypto.randomUUID(), category: '', sectionSlug: newsletter.sections[0]?.slug ?? '' },
    ]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  const fields = rows.flatMap((_, index) => [`rules.${index}.category`, `rules.${index}.sectionSlug`]);
  return (
    <form onSubmit={submit}>
      <Stack>
        <ProblemNote error={save.error} fields={fields} />
        {rows.map((row, index) => (
          <Group key={row.key} gap="sm" align="flex-start">
            <TextInput
              aria-label={`Category ${index + 1}`}
              placeholder="Category"
              required
              maxLength={100}
              flex="1 1 12rem"
              value={row.category}
              error={fieldError(save.error, `rules.${index}.category`)}
              onChange={(event) => change(row.key, { category: event.currentTarget.value })}
            />
            <Select
              aria-label={`Section for category ${index + 1}`}
              allowDeselect={false}
              flex="1 1 12rem"
              data={newsletter.sections.map(({ slug, name }) => ({ value: slug, label: name }))}
              value={row.sectionSlug}
              error={fieldError(save.error, `rules.${index}.sectionSlug`)}
              onChange={(sectionSlug) => sectionSlug !== null && change(row.key, { sectionSlug })}
            />
            <Button
              variant="default"
              aria-label={`Remove rule ${index + 1}`}
              onClick={() => setRows((current) => current.filter(({ key }) => key !== row.key))}
            >
              Remove
            </Button>
          </Group>
        ))}
        <Group justify="space-between">
          <Button variant="default" onClick={add} disabled={newsletter.sections.length === 0}>
            Add a rule
          </Button>
          <Button type="submit" loading={save.isPending} disabled={rows.length === 0 && rules.length === 0}>
            Save rules
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
