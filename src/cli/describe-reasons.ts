import type { IssueReasons } from '../digests/index.ts';
import { formatInstant } from './output.ts';

const SECTION_BY = { person: 'chosen by hand', category: 'by its category', feed: 'by its feed' } as const;

/** For people: each article of an issue with where it came from, then the others with why they are not in it. */
export function describeReasons({ taken, leftOut }: IssueReasons, timeZone: string): readonly string[] {
  const inIssue = taken.flatMap((article) => [
    `+ ${article.title}`,
    `    ${[
      `${article.section} (${SECTION_BY[article.sectionBy]})`,
      article.feed === null ? 'by API or by hand' : `from ${article.feed}`,
      `seen ${formatInstant(article.firstSeenAt, timeZone)}`,
      ...(article.isPinned ? ['pinned'] : []),
      ...(article.weight === 0 ? [] : [`weight ${article.weight}`]),
      ...(article.isFill ? ['fills a thin issue'] : []),
    ].join(', ')}`,
  ]);
  const others = leftOut.flatMap(({ title, section, firstSeenAt, message }) => [
    `- ${title}`,
    `    ${section}, seen ${formatInstant(firstSeenAt, timeZone)}: ${message}`,
  ]);
  return [
    ...(inIssue.length === 0 ? [] : ['In the issue:', ...inIssue]),
    ...(others.length === 0 ? [] : ['Not in it, the newest first:', ...others]),
  ];
}
