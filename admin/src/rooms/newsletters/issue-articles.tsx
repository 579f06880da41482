import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { ArticleDesk } from './article-desk.tsx';
import type { DeskProps } from './article-desk.tsx';
import { moved, placeArticle } from './issue-draft.ts';
import type { DraftSection } from './issue-draft.ts';
import { MoveButtons, moveButtonId } from './move-buttons.tsx';

/** The articles of an issue in their order: to move, reword, drop and take back. */
export function IssueArticles(props: DeskProps) {
  const { draft } = props;
  const [openIds, setOpenIds] = useState<ReadonlySet<number>>(() => new Set());
  const toggle = (id: number): void =>
    setOpenIds((before) => new Set(before.has(id) ? [...before].filter((open) => open !== id) : [...before, id]));
  return (
    <Stack gap="lg">
      {draft.sections.map((section, index) => (
        <SectionDesk key={section.id} {...props} section={section} index={index} openIds={openIds} onToggle={toggle} />
      ))}
      {draft.dropped.length > 0 && <Dropped {...props} />}
    </Stack>
  );
}

interface SectionDeskProps extends DeskProps {
  readonly section: DraftSection;
  readonly index: number;
  /** Whose words are being edited; they stay open when the article moves to another section. */
  readonly openIds: ReadonlySet<number>;
  readonly onToggle: (articleId: number) => void;
}

function SectionDesk({ section, index, openIds, onToggle, ...props }: SectionDeskProps) {
  const { draft, onChange, say } = props;
  const id = `section-${section.id}`;
  const move = (by: -1 | 1): void => {
    onChange({ ...draft, sections: moved(draft.sections, index, by) });
    say(`Section ${section.name} is now ${index + by + 1} of ${draft.sections.length}.`, moveButtonId(id, by));
  };
  return (
    <section aria-label={section.name}>
      <Group justify="space-between" gap="xs">
        <Title order={3} size="h4">
          {section.name}
        </Title>
        <MoveButtons
          id={id}
          name={`section ${section.name}`}
          isFirst={index === 0}
          isLast={index === draft.sections.length - 1}
          onMove={move}
        />
      </Group>
      <ol className="plain-list list-rows">
        {section.articles.map((article, position) => (
          <li key={article.id}>
            <ArticleDesk
              {...props}
              section={section}
              article={article}
              position={position}
              isOpen={openIds.has(article.id)}
              onToggle={() => onToggle(article.id)}
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

function Dropped({ draft, onChange, say }: DeskProps) {
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
              id={`back-${article.id}`}
              size="xs"
              variant="default"
              aria-label={`Take back ${article.title}`}
              onClick={() => {
                onChange(placeArticle(draft, article, sectionId));
                say(`${article.title} is back, as the last of its section.`, `drop-${article.id}`);
              }}
            >
              Take back
            </Button>
          </Group>
        ))}
      </Stack>
    </section>
  );
}
