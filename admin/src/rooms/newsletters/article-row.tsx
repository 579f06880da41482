import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { api } from '../../api/api.ts';
import type { Article, ArticleDraft } from '../../api/content-types.ts';
import type { Newsletter } from '../../api/types.ts';
import { announce } from '../../parts/announce.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { formatDistance } from '../../parts/instants.ts';
import { ProblemNote } from '../../parts/problem-note.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { useNow } from '../../parts/use-now.ts';
import { ArticleForm } from './article-form.tsx';
import { useContentChange } from './use-content-change.ts';

interface ArticleProps {
  readonly article: Article;
  readonly newsletter: Newsletter;
}

export function ArticleRow({ article, newsletter }: ArticleProps) {
  const [isEditing, { open, close }] = useDisclosure(false);
  return (
    <Stack gap="sm" py="md">
      <Group justify="space-between" gap="sm" align="flex-start">
        <Summary article={article} newsletter={newsletter} />
        {article.state !== 'used' && !isEditing && <Actions article={article} newsletter={newsletter} onEdit={open} />}
      </Group>
      {isEditing && <Editor article={article} newsletter={newsletter} onDone={close} />}
    </Stack>
  );
}

function Summary({ article, newsletter }: ArticleProps) {
  const now = useNow(60_000);
  const section = newsletter.sections.find(({ slug }) => slug === article.sectionSlug)?.name ?? article.sectionSlug;
  const source = article.feedId === null ? (article.sourceName ?? 'added by hand') : article.sourceName;
  const when = formatDistance(article.publishedAt ?? article.firstSeenAt, now);
  return (
    <Stack gap={2} miw={0} flex="1 1 20rem">
      <Group gap="xs">
        <Anchor className="row-title" href={article.url} target="_blank" rel="noreferrer" c="inherit">
          {article.title}
        </Anchor>
        {article.isPinned && <StatusMark status="pinned" />}
        {article.state !== 'unsent' && <StatusMark status={article.state} />}
        {article.isSample && <StatusMark status="sample" />}
      </Group>
      <Text size="sm" c="dimmed">
        {[section, source, article.author, when].filter(Boolean).join(' · ')}
      </Text>
      {article.summary !== '' && (
        <Text size="sm" lineClamp={2}>
          {article.summary}
        </Text>
      )}
    </Stack>
  );
}

function Actions({ article, newsletter, onEdit }: ArticleProps & { readonly onEdit: () => void }) {
  const refresh = useContentChange(newsletter.id);
  const change = useMutation({
    mutationFn: (changes: { isPinned?: boolean; isEligible?: boolean }) => api.changeArticle(article.id, changes),
    onSuccess: refresh,
  });
  const drop = useMutation({ mutationFn: () => api.removeArticle(article.id), onSuccess: refresh });
  const { title, isPinned, isEligible } = article;
  return (
    <Stack gap="xs">
      <Group gap="xs">
        {isEligible && (
          <Button
            size="xs"
            variant="default"
            aria-label={`${isPinned ? 'Unpin' : 'Pin'} ${title}`}
            onClick={() => change.mutate({ isPinned: !isPinned })}
          >
            {isPinned ? 'Unpin' : 'Pin'}
          </Button>
        )}
        <Button
          size="xs"
          variant="default"
          aria-label={`${isEligible ? 'Leave out' : 'Take in'} ${title}`}
          onClick={() => change.mutate({ isEligible: !isEligible })}
        >
          {isEligible ? 'Leave out' : 'Take in'}
        </Button>
        <Button size="xs" variant="default" aria-label={`Edit ${title}`} onClick={onEdit}>
          Edit
        </Button>
        <ConfirmButton
          label="Remove"
          title="Remove this article?"
          question="It leaves the list and goes into no issue, also when its feed still offers it."
          confirmLabel="Remove"
          action={drop}
          buttonProps={{ size: 'xs' }}
        />
      </Group>
      <ProblemNote error={change.error} />
    </Stack>
  );
}

function Editor({ article, newsletter, onDone }: ArticleProps & { readonly onDone: () => void }) {
  const refresh = useContentChange(newsletter.id);
  const save = useMutation({
    mutationFn: (draft: ArticleDraft) => api.changeArticle(article.id, changesOf(article, draft)),
    onSuccess: async () => {
      announce('Saved.');
      onDone();
      await refresh();
    },
  });
  return (
    <ArticleForm
      sections={newsletter.sections}
      article={article}
      isBusy={save.isPending}
      error={save.error}
      onSave={(draft) => save.mutate(draft)}
      onCancel={onDone}
    />
  );
}

/** Only what was touched: a section that nobody chose goes on following its feed, and so do words. */
function changesOf(article: Article, draft: ArticleDraft): Partial<ArticleDraft> {
  const before = { ...article, section: article.sectionSlug, author: article.author ?? '' };
  const now = { ...before, imageUrl: article.imageUrl ?? '', imageAlt: article.imageAlt ?? '' };
  const names = Object.keys(draft) as (keyof ArticleDraft)[];
  return Object.fromEntries(names.filter((name) => draft[name] !== now[name]).map((name) => [name, draft[name]]));
}
