import type { FreshArticle } from '../content/index.ts';
import type { LegalNotice } from '../legal/index.ts';
import type { Section } from '../newsletters/index.ts';
import type { DigestArticle } from '../rendering/index.ts';
import type { IssueContent } from './issue.ts';

const WORDS_PER_MINUTE = 230;
const MAX_TITLE_LENGTH = 200;
const MAX_PREHEADER_LENGTH = 140;

/**
 * Lays the picked articles out in the newsletter's sections; empty sections are left out. The headline of the issue is its
 * first article's, and the preheader goes on with the next ones. Undefined when there is nothing to say.
 */
export function assembleIssue(
  sections: readonly Section[],
  articles: readonly FreshArticle[],
): IssueContent | undefined {
  const bySection = Map.groupBy(articles, (article) => article.sectionId);
  const filled = sections
    .map((section) => ({ name: section.name, articles: (bySection.get(section.id) ?? []).map(toDigestArticle) }))
    .filter((section) => section.articles.length > 0);
  const [lead, ...others] = filled.flatMap((section) => section.articles.map(({ title }) => title));
  if (lead === undefined) {
    return undefined;
  }
  return { title: cut(lead, MAX_TITLE_LENGTH), preheader: describeRest(others), sections: filled };
}

/** A notice alone makes no issue: it waits for one that has something to read. */
export function withNotices(
  content: IssueContent | undefined,
  notices: readonly LegalNotice[],
): IssueContent | undefined {
  return content === undefined || notices.length === 0 ? content : { ...content, notices };
}

function toDigestArticle(article: FreshArticle): DigestArticle {
  return {
    title: article.title,
    url: article.url,
    summaryText: article.summaryText,
    ...(article.author === null ? {} : { author: article.author }),
    ...(article.sourceName === null ? {} : { source: article.sourceName }),
    ...(article.imageUrl === null ? {} : { imageUrl: article.imageUrl, imageAlt: article.imageAlt ?? '' }),
    ...(article.wordCount === null
      ? {}
      : { readingMinutes: Math.max(1, Math.round(article.wordCount / WORDS_PER_MINUTE)) }),
  };
}

/** As many further headlines as fit into the line that mail programs show after the subject. */
function describeRest(titles: readonly string[]): string {
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
