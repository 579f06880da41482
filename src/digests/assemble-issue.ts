import type { FreshArticle } from '../content/index.ts';
import type { LegalNotice } from '../legal/index.ts';
import type { Section } from '../newsletters/index.ts';
import type { IssueArticle, IssueContent } from './issue.ts';

const WORDS_PER_MINUTE = 230;
const MAX_TITLE_LENGTH = 200;
const MAX_PREHEADER_LENGTH = 140;

/**
 * Lays the picked articles out in the newsletter's sections; empty sections are left out. The headline of the issue is its
 * first pinned article's, else its first article's, and the preheader goes on with the next ones. Undefined when there is nothing to say.
 */
export function assembleIssue(
  sections: readonly Section[],
  articles: readonly FreshArticle[],
): IssueContent | undefined {
  const bySection = Map.groupBy(articles, (article) => article.sectionId);
  const filled = sections
    .map(({ id, name }) => ({ id, name, articles: (bySection.get(id) ?? []).map(toIssueArticle) }))
    .filter((section) => section.articles.length > 0);
  const all = filled.flatMap((section) => section.articles);
  const pinned = new Set(articles.filter(({ isPinned }) => isPinned === true).map(({ id }) => id));
  const leading = all.find(({ id }) => id !== undefined && pinned.has(id)) ?? all[0];
  if (leading === undefined) {
    return undefined;
  }
  const lead = leading.title;
  const others = all.filter((article) => article !== leading).map(({ title }) => title);
  return { title: cutTitle(lead), preheader: describeRest(others), sections: filled };
}

/** A notice alone makes no issue: it waits for one that has something to read. */
export function withNotices(
  content: IssueContent | undefined,
  notices: readonly LegalNotice[],
): IssueContent | undefined {
  return content === undefined || notices.length === 0 ? content : { ...content, notices };
}

export function toIssueArticle(article: FreshArticle): IssueArticle {
  return {
    id: article.id,
    title: article.title,
    url: article.url,
    summaryText: article.summaryText,
    ...(article.author === null ? {} : { author: article.author }),
    ...(article.sourceName === null ? {} : { source: article.sourceName }),
    ...imageOf(article),
    ...(article.wordCount === null
      ? {}
      : { readingMinutes: Math.max(1, Math.round(article.wordCount / WORDS_PER_MINUTE)) }),
  };
}

function imageOf({ imageUrl, imageAlt, imageWidth, imageHeight }: FreshArticle): Partial<IssueArticle> {
  if (imageUrl === null) {
    return {};
  }
  const isSized = typeof imageWidth === 'number' && typeof imageHeight === 'number';
  return {
    imageUrl,
    imageAlt: imageAlt ?? '',
    ...(isSized && imageWidth > 0 && imageHeight > 0 ? { imageWidth, imageHeight } : {}),
  };
}

/** A headline as the title of an issue. */
export function cutTitle(headline: string): string {
  return cut(headline, MAX_TITLE_LENGTH);
}

/** As many further headlines as fit into the line that mail programs show after the subject. */
export function describeRest(titles: readonly string[]): string {
  let line = '';
  for (const title of titles) {
    const longer = line === '' ? title : `${line} · ${title}`;
    if (longer.length > MAX_PREHEADER_LENGTH) {
      return line === '' ? cut(title, MAX_PREHEADER_LENGTH) : line;
    }
    line = longer;
  }
  return line;
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).replace(/\s+\S*$/, '')}…`;
}
