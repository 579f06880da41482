import type { IssueArticle, IssueChanges, IssueDetail } from '../../api/digest-types.ts';
import type { Newsletter } from '../../api/types.ts';

export interface DraftArticle {
  readonly id: number;
  readonly title: string;
  readonly summaryText: string;
  readonly source: string;
}

export interface DraftSection {
  readonly id: number;
  readonly name: string;
  readonly articles: readonly DraftArticle[];
}

export interface IssueDraft {
  /** Of the issue that the draft began with. */
  readonly revision: number;
  readonly title: string;
  readonly preheader: string;
  readonly intro: string;
  /** All of the newsletter, also those without an article. */
  readonly sections: readonly DraftSection[];
  readonly dropped: readonly { readonly sectionId: number; readonly article: DraftArticle }[];
}

/** The issue as it is, with the newsletter's other sections below it, so that articles can be moved there. */
export function draftOf(issue: IssueDetail, newsletter: Newsletter): IssueDraft {
  const filled = issue.sections.flatMap(({ id, name, articles }) =>
    id === undefined ? [] : [{ id, name, articles: articles.flatMap(toDraftArticle) }],
  );
  const empty = newsletter.sections
    .filter(({ id }) => !filled.some((section) => section.id === id))
    .map(({ id, name }) => ({ id, name, articles: [] }));
  const { revision, title, preheader, intro } = issue;
  return { revision, title, preheader, intro, sections: [...filled, ...empty], dropped: [] };
}

function toDraftArticle({ id, title, summaryText, source = '' }: IssueArticle): readonly DraftArticle[] {
  return id === undefined ? [] : [{ id, title, summaryText, source }];
}

export function changesOf({ revision, title, preheader, intro, sections }: IssueDraft): IssueChanges {
  return {
    revision,
    title,
    preheader,
    intro,
    sections: sections
      .filter(({ articles }) => articles.length > 0)
      .map(({ id, articles }) => ({
        id,
        articles: articles.map((article) => ({
          id: article.id,
          title: article.title,
          summaryText: article.summaryText,
        })),
      })),
  };
}

export function isChanged(draft: IssueDraft, issue: IssueDetail, newsletter: Newsletter): boolean {
  const before = { ...draftOf(issue, newsletter), revision: draft.revision };
  return JSON.stringify(changesOf(draft)) !== JSON.stringify(changesOf(before));
}

/** Nothing happens beyond the ends. */
export function moved<Item>(items: readonly Item[], index: number, by: -1 | 1): readonly Item[] {
  const next = [...items];
  const [item] = next.splice(index, 1);
  if (item === undefined || index + by < 0 || index + by >= items.length) {
    return items;
  }
  next.splice(index + by, 0, item);
  return next;
}

export function moveArticle(draft: IssueDraft, section: DraftSection, position: number, by: -1 | 1): IssueDraft {
  const articles = moved(section.articles, position, by);
  return {
    ...draft,
    sections: draft.sections.map((other) => (other.id === section.id ? { ...section, articles } : other)),
  };
}

export function placeArticle(draft: IssueDraft, article: DraftArticle, sectionId: number): IssueDraft {
  return {
    ...draft,
    dropped: draft.dropped.filter((entry) => entry.article.id !== article.id),
    sections: draft.sections.map((section) => {
      const others = section.articles.filter(({ id }) => id !== article.id);
      return { ...section, articles: section.id === sectionId ? [...others, article] : others };
    }),
  };
}

export function dropArticle(draft: IssueDraft, article: DraftArticle, sectionId: number): IssueDraft {
  return {
    ...draft,
    dropped: [...draft.dropped, { sectionId, article }],
    sections: draft.sections.map((section) => ({
      ...section,
      articles: section.articles.filter(({ id }) => id !== article.id),
    })),
  };
}

export function changeArticle(draft: IssueDraft, article: DraftArticle): IssueDraft {
  return {
    ...draft,
    sections: draft.sections.map((section) => ({
      ...section,
      articles: section.articles.map((held) => (held.id === article.id ? article : held)),
    })),
  };
}
