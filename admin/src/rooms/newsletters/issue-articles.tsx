import { ActionIcon, Button, Group, Select, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { announce } from '../../parts/announce.ts';
import { DownIcon, UpIcon } from '../../parts/icons.tsx';
import { changeArticle, dropArticle, moved, placeArticle } from './issue-draft.ts';
import type { DraftArticle, DraftSection, IssueDraft } from './issue-draft.ts';

interface DeskProps {
  readonly draft: IssueDraft;
  readonly onChange: (draft: IssueDraft) => void;
}

/** The articles of an issue in their order: to move, reword, drop and take back. */
export function IssueArticles({ draft, onChange }: DeskProps) {
  return (
    <Stack gap="lg">
      {draft.sections.map((section, index) => (
        <SectionDesk key={section.id} draft={draft} section={section} index={index} onChange={onChange} />
      ))}
      {draft.dropped.length > 0 && <Dropped draft={draft} onChange={onChange} />}
    </Stack>
  );
}

function SectionDesk({
  draft,
  section,
  index,
  onChange,
}: DeskProps & { readonly section: DraftSection; readonly index: number }) {
  const reorder = (articles: readonly DraftArticle[]): void =>
    onChange({
      ...draft,
      sections: draft.sections.map((other) => (other.id === section.id ? { ...section, articles } : other)),
    });
  return (
    <section aria-label={section.name}>
      <Group justify="space-between" gap="xs">
        <Title order={3} size="h4">
          {section.name}
        </Title>
        <MoveButtons
          name={`section ${section.name}`}
          isFirst={index === 0}
          isLast={index === draft.sections.length - 1}
          onMove={(by) => onChange({ ...draft, sections: moved(draft.sections, index, by) })}
        />
      </Group>
      <ol className="plain-list list-rows">
        {section.articles.map((article, position) => (
          <li key={article.id}>
            <ArticleDesk
              draft={draft}
              section={section}
              article={article}
              isLast={position === section.articles.length - 1}
              isFirst={position === 0}
              onMove={(by) => reorder(moved(section.articles, position, by))}
              onChange={onChange}
            />
          </li>
        ))}
      </ol>
      {section.articles.length === 0 && (
        <Text size="sm" c="dimmed">
          No article: the section is left out.
        </Text>
      )}
    </section>
  );
}

interface ArticleDeskProps extends DeskProps {
  readonly section: DraftSection;
  readonly article: DraftArticle;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly onMove: (by: -1 | 1) => void;
}

function ArticleDesk({ draft, section, article, isFirst, isLast, onMove, onChange }: ArticleDeskProps) {
  const [isEditing, { toggle }] = useDisclosure(false);
  return (
    <Stack gap="xs" py="sm">
      <Group justify="space-between" gap="sm" align="flex-start">
        <Stack gap={2} flex="1 1 16rem" miw={0}>
          <span className="row-title">{article.title}</span>
          {article.source !== '' && (
            <Text size="sm" c="dimmed">
              {article.source}
            </Text>
          )}
        </Stack>
        <Group gap="xs">
          <MoveButtons name={article.title} isFirst={isFirst} isLast={isLast} onMove={onMove} />
          <Button
            size="xs"
            variant="default"
            aria-label={`${isEditing ? 'Close' : 'Edit'} ${article.title}`}
            aria-expanded={isEditing}
            onClick={toggle}
          >
            {isEditing ? 'Close' : 'Edit'}
          </Button>
          <Button
            size="xs"
            variant="default"
            aria-label={`Leave out ${article.title}`}
            onClick={() => {
              onChange(dropArticle(draft, article, section.id));
              announce('Left out. It can be taken back below.');
            }}
          >
            Leave out
          </Button>
        </Group>
      </Group>
      {isEditing && <Words draft={draft} section={section} article={article} onChange={onChange} />}
    </Stack>
  );
}

function Words({
  draft,
  section,
  article,
  onChange,
}: DeskProps & { readonly section: DraftSection; readonly article: DraftArticle }) {
  return (
    <Stack gap="xs">
      <TextInput
        label="Headline"
        maxLength={300}
        value={article.title}
        onChange={(event) => onChange(changeArticle(draft, { ...article, title: event.currentTarget.value }))}
      />
      <Textarea
        label="Summary"
        autosize
        minRows={2}
        maxLength={600}
        value={article.summaryText}
        onChange={(event) => onChange(changeArticle(draft, { ...article, summaryText: event.currentTarget.value }))}
      />
      <Select
        label="Section"
        allowDeselect={false}
        data={draft.sections.map(({ id, name }) => ({ value: String(id), label: name }))}
        value={String(section.id)}
        comboboxProps={{ withinPortal: false }}
        onChange={(value) => value !== null && onChange(placeArticle(draft, article, Number(value)))}
      />
    </Stack>
  );
}

function Dropped({ draft, onChange }: DeskProps) {
  return (
    <section aria-label="Left out">
      <Title order={3} size="h4">
        Left out
      </Title>
      <Stack gap="xs" pt="xs">
        {draft.dropped.map(({ sectionId, article }) => (
          <Group key={article.id} justify="space-between" gap="sm">
            <Text flex="1 1 16rem" miw={0} c="dimmed">
              {article.title}
            </Text>
            <Button
              size="xs"
              variant="default"
              aria-label={`Take back ${article.title}`}
              onClick={() => onChange(placeArticle(draft, article, sectionId))}
            >
              Take back
            </Button>
          </Group>
        ))}
      </Stack>
    </section>
  );
}

interface MoveButtonsProps {
  readonly name: string;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly onMove: (by: -1 | 1) => void;
}

/** Marked, not disabled, at the ends: a button that is disabled under the finger loses the focus. */
function MoveButtons({ name, isFirst, isLast, onMove }: MoveButtonsProps) {
  return (
    <Group gap="xs" wrap="nowrap">
      <ActionIcon
        size="lg"
        variant="default"
        aria-label={`Move ${name} up`}
        aria-disabled={isFirst}
        onClick={() => onMove(-1)}
      >
        <UpIcon />
      </ActionIcon>
      <ActionIcon
        size="lg"
        variant="default"
        aria-label={`Move ${name} down`}
        aria-disabled={isLast}
        onClick={() => onMove(1)}
      >
        <DownIcon />
      </ActionIcon>
    </Group>
  );
}
