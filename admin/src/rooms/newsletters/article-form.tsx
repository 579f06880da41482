import { Button, Group, Select, Stack, Textarea, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import type { FormEvent } from 'react';
import type { Article, ArticleDraft } from '../../api/content-types.ts';
import type { Section } from '../../api/types.ts';
import { fieldError, ProblemNote } from '../../parts/problem-note.tsx';
import { WeightSelect } from './weight-select.tsx';

type Draft = ArticleDraft & { readonly url?: string };

interface ArticleFormProps {
  readonly sections: readonly Section[];
  /** Undefined for a new one. */
  readonly article: Article | undefined;
  readonly isBusy: boolean;
  readonly error: Error | null;
  readonly onSave: (draft: Draft) => void;
  readonly onCancel: () => void;
}

export function ArticleForm({ sections, article, isBusy, error, onSave, onCancel }: ArticleFormProps) {
  const [draft, setDraft] = useState<Draft>(() => draftOf(article, sections));
  const change = (changes: Partial<Draft>): void => setDraft((current) => ({ ...current, ...changes }));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSave(draft);
  };
  return (
    <form onSubmit={submit} aria-label={article === undefined ? 'New article' : `Edit ${article.title}`}>
      <Stack>
        {article === undefined && (
          <Title order={2} size="h3">
            Add an article
          </Title>
        )}
        <ProblemNote error={error} fields={[...FIELDS, 'section']} />
        {article === undefined && <Line name="url" type="url" required draft={draft} error={error} onChange={change} />}
        <Line name="title" required draft={draft} error={error} onChange={change} />
        <Textarea
          label="Summary"
          description="Plain text; a sentence or two. Long ones are cut."
          autosize
          minRows={2}
          maxRows={8}
          maxLength={2000}
          value={draft.summary}
          error={fieldError(error, 'summary')}
          onChange={(event) => change({ summary: event.currentTarget.value })}
        />
        <Line name="author" draft={draft} error={error} onChange={change} />
        <Group align="flex-start" gap="sm" grow>
          <Line name="imageUrl" type="url" draft={draft} error={error} onChange={change} />
          <Line name="imageAlt" draft={draft} error={error} onChange={change} />
        </Group>
        <Group align="flex-start" gap="sm">
          <Select
            label="Section"
            description="Where it appears in the mail."
            allowDeselect={false}
            flex="0 1 14rem"
            data={sections.map(({ slug, name }) => ({ value: slug, label: name }))}
            value={draft.section}
            error={fieldError(error, 'section')}
            onChange={(section) => section !== null && change({ section })}
          />
          <WeightSelect value={draft.weight} onChange={(weight) => change({ weight })} />
        </Group>
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            Not now
          </Button>
          <Button type="submit" loading={isBusy}>
            {article === undefined ? 'Add' : 'Save'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

const LABELS = {
  url: 'Address',
  title: 'Title',
  author: 'Author',
  imageUrl: 'Picture (https address)',
  imageAlt: 'What the picture shows',
} as const;
const FIELDS = [...Object.keys(LABELS), 'summary'];

interface LineProps {
  readonly name: keyof typeof LABELS;
  readonly type?: 'url';
  readonly required?: boolean;
  readonly draft: Draft;
  readonly error: Error | null;
  readonly onChange: (changes: Partial<Draft>) => void;
}

function Line({ name, type, required = false, draft, error, onChange }: LineProps) {
  return (
    <TextInput
      label={LABELS[name]}
      type={type ?? 'text'}
      required={required}
      withAsterisk={false}
      maxLength={name === 'url' || name === 'imageUrl' ? 2000 : 300}
      value={draft[name] ?? ''}
      error={fieldError(error, name)}
      onChange={(event) => onChange({ [name]: event.currentTarget.value })}
    />
  );
}

function draftOf(article: Article | undefined, sections: readonly Section[]): Draft {
  return {
    ...(article === undefined ? { url: '' } : {}),
    title: article?.title ?? '',
    summary: article?.summary ?? '',
    author: article?.author ?? '',
    section: article?.sectionSlug ?? sections[0]?.slug ?? '',
    imageUrl: article?.imageUrl ?? '',
    imageAlt: article?.imageAlt ?? '',
    weight: article?.weight ?? 0,
  };
}
