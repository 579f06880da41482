import { listPublishedIssues, selectPublishedIssue } from '../digests/index.ts';
import { formatDay } from '../i18n/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';

/** Enough to see what it is like, little enough to go on to the form. */
const HEADLINES = 6;

export interface SampleIssue {
  readonly number: number;
  readonly title: string;
  readonly url: string;
  readonly day: string;
  readonly dateIso: string;
  readonly headlines: readonly { readonly title: string; readonly section: string }[];
}

/** The newest issue that readers got; undefined before the first. */
export async function findSampleIssue(
  db: DbOrTx,
  newsletter: Newsletter,
  locale: string,
): Promise<SampleIssue | undefined> {
  const [newest] = await listPublishedIssues(db, newsletter.id, 1);
  const issue = newest === undefined ? undefined : await selectPublishedIssue(db, newsletter.id, newest.number);
  if (newest === undefined || issue === undefined) {
    return undefined;
  }
  const headlines = issue.content.sections.flatMap(({ name, articles }) =>
    articles.map(({ title }) => ({ title, section: name })),
  );
  return {
    number: newest.number,
    title: newest.title,
    url: `/archive/${newsletter.slug}/${newest.number}`,
    day: formatDay(locale, newest.publishedAt, newsletter.timeZone),
    dateIso: newest.publishedAt.toISOString(),
    headlines: headlines.slice(0, HEADLINES),
  };
}
