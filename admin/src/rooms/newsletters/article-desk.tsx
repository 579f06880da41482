import { Button, Group, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { changeArticle, dropArticle, moveArticle, placeArticle } from './issue-draft.ts';
import type { DraftArticle, DraftSection, IssueDraft } from './issue-draft.ts';
import { MoveButtons, moveButtonId } from './move-buttons.tsx';
import type { DeskVoice } from './use-desk-voice.ts';

export interface DeskProps {
  readonly draft: IssueDraft;
  readonly onChange: (draft: IssueDraft) => void;
  readonly say: DeskVoice;
}

interface ArticleDeskProps extends DeskProps {
  readonly section: DraftSection;
  readonly article: DraftArticle;
  /** Within its section, from 0. */
  readonly position: number;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

export function ArticleDesk(props: ArticleDeskProps) {
  const { draft, section, article, position, isOpen, onToggle, onChange, say } = props;
  const { length } = section.articles;
  const id = `article-${article.id}`;
  const move = (by: -1 | 1): void => {
    onChange(moveArticle(draft, section, position, by));
    say(`${article.title} is now ${position + by + 1} of ${length} in ${section.name}.`, moveButtonId(id, by));
  };
  const drop = (): void => {
    const neighbour = section.articles[position + 1] ?? section.articles[position - 1];
    onChange(dropArticle(draft, article, section.id));
    say(
      `${article.title} is left out. It can be taken back below.`,
      neighbour === undefined ? `back-${article.id}` : `drop-${neighbour.id}`,
    );
  };
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
          <MoveButtons
            id={id}
            name={article.title}
            isFirst={position === 0}
            isLast={position === length - 1}
            onMove={move}
          />
          <Button
            size="xs"
            variant="default"
            aria-label={`${isOpen ? 'Close' : 'Edit'} ${article.title}`}
            aria-expanded={isOpen}
            onClick={onToggle}
          >
            {isOpen ? 'Close' : 'Edit'}
          </Button>
          <Button
            id={`drop-${article.id}`}
            size="xs"
            variant="default"
            aria-label={`Leave out ${article.title}`}
            onClick={drop}
          >
            Leave out
          </Button>
        </Group>
      </Group>
      {isOpen && <Words {...props} />}
    </Stack>
  );
}

function Words({ draft, section, article, onChange, say }: ArticleDeskProps) {
  const selectId = `section-of-${article.id}`;
  const place = (sectionId: number): void => {
    const name = draft.sections.find((other) => other.id === sectionId)?.name ?? '';
    onChange(placeArticle(draft, article, sectionId));
    say(`${article.title} is now the last of ${name}.`, selectId);
  };
  return (
    <Stack gap="xs">
      <TextInput
        label="Headline"
        maxLength={300}
        value={article.title}
        error={article.title.trim() === '' ? 'Write a headline.' : undefined}
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
        id={selectId}
        label="Section"
        allowDeselect={false}
        data={draft.sections.map(({ id, name }) => ({ value: String(id), label: name }))}
        value={String(section.id)}
        comboboxProps={{ withinPortal: false }}
        onChange={(value) => value !== null && Number(value) !== section.id && place(Number(value))}
      />
    </Stack>
  );
}
