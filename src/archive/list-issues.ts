import { countPublishedByYear, listPublishedIssues } from '../digests/index.ts';
import type { PublishedIssue } from '../digests/index.ts';
import { formatDay, formatMonth } from '../i18n/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { ArchivedNewsletter } from './archived-newsletter.ts';

const PAGE = 50;

/** Which issues of a newsletter are shown. */
export interface Shelf {
  /** By the newsletter's calendar; undefined: all. */
  readonly year?: number;
  readonly page: number;
}

export interface ListedIssue {
  readonly number: number;
  readonly title: string;
  readonly day: string;
  readonly dateIso: string;
  readonly url: string;
}

/** Undefined for a shelf that there is not. The first is always there, though it may be empty. */
export async function listShelf(db: Db, newsletter: ArchivedNewsletter, shelf: Shelf, locale: string) {
  const { id, timeZone } = newsletter;
  const year = shelf.year === undefined ? {} : { year: shelf.year };
  const [years, issues] = await Promise.all([
    countPublishedByYear(db, id, timeZone),
    listPublishedIssues(db, id, PAGE, { offset: (shelf.page - 1) * PAGE, timeZone, ...year }),
  ]);
  const counted = years.filter((one) => shelf.year === undefined || one.year === shelf.year);
  const count = counted.reduce((sum, one) => sum + one.count, 0);
  const pages = Math.max(1, Math.ceil(count / PAGE));
  if (shelf.page > pages || (shelf.year !== undefined && counted.length === 0)) {
    return undefined;
  }
  return { pages, months: groupByMonth(newsletter, issues, locale), years: years.map((one) => one.year) };
}

/** In the order they come, under the months of the newsletter's calendar. */
function groupByMonth(newsletter: ArchivedNewsletter, issues: readonly PublishedIssue[], locale: string) {
  const months = Map.groupBy(issues, ({ publishedAt }) => formatMonth(locale, publishedAt, newsletter.timeZone));
  return Array.from(months, ([name, ofMonth], index) => ({
    id: `month-${index + 1}`,
    name,
    issues: ofMonth.map((issue) => listIssue(newsletter, issue, locale)),
  }));
}

export function listIssue(
  { slug, timeZone }: ArchivedNewsletter,
  { number, title, publishedAt }: PublishedIssue,
  locale: string,
): ListedIssue {
  return {
    number,
    title,
    day: formatDay(locale, publishedAt, timeZone),
    dateIso: publishedAt.toISOString(),
    url: `/archive/${slug}/${number}`,
  };
}
