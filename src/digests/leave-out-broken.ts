import { ZodError } from 'zod';
import { cleanDigest } from '../rendering/index.ts';
import type { IssueArticle, IssueRemark, IssueSection } from './issue.ts';

/** Makes what is to be shown of these sections and says what is in the way; undefined when nothing is. */
export type TrySections = (sections: readonly IssueSection[]) => Promise<string | undefined>;

/** The longest that browsers and mail programs agree on is far below; one such address would push all other articles out of the mail. */
const MAX_ADDRESS_LENGTH = 8000;
const TITLE_SHOWN = 80;
const TOO_LONG = 'its address, or that of its picture, is too long.';

/**
 * One article that cannot be shown must not stop an issue: it is left out, and a remark says which and why. All are tried together; only if that
 * fails each is tried alone. What fails without any article is no article's fault, and everything stays as it is.
 */
export async function leaveOutBroken(
  sections: readonly IssueSection[],
  trySections: TrySections,
): Promise<{ readonly sections: readonly IssueSection[]; readonly remarks: readonly IssueRemark[] }> {
  const long = new Map(
    sections.flatMap(({ articles }) => articles.filter(isTooLong)).map((article) => [article, TOO_LONG]),
  );
  const fit = without(sections, long);
  const isWell = (await trySections(fit)) === undefined || (await trySections([])) !== undefined;
  const failing = isWell ? new Map<IssueArticle, string>() : await findFailing(fit, trySections);
  return {
    sections: without(fit, failing),
    remarks: [...long, ...failing].map(([{ id, title }, problem]) => ({
      code: 'article_broken',
      message: `“${shorten(title)}” cannot be shown and is left out: ${problem}`,
      ...(id === undefined ? {} : { articleId: id }),
    })),
  };
}

/** Whether the contents of the articles are fit for a mail. In no time, so that it can be done under a lock. */
export const tryCleaning: TrySections = (sections) => {
  try {
    cleanDigest({
      number: 1,
      dateIso: '2000-01-01',
      title: '-',
      sections: sections.map((section) => ({ ...section, articles: [...section.articles] })),
    });
    return Promise.resolve(undefined);
  } catch (error) {
    return Promise.resolve(describe(error));
  }
};

function describe(error: unknown): string {
  return error instanceof ZodError
    ? error.issues.map(({ path, message }) => `${String(path.at(-1) ?? '')}: ${message}`).join('; ')
    : String(error);
}

function isTooLong({ url, imageUrl = '' }: IssueArticle): boolean {
  return url.length > MAX_ADDRESS_LENGTH || imageUrl.length > MAX_ADDRESS_LENGTH;
}

async function findFailing(
  sections: readonly IssueSection[],
  trySections: TrySections,
): Promise<ReadonlyMap<IssueArticle, string>> {
  const failing = new Map<IssueArticle, string>();
  for (const section of sections) {
    for (const article of section.articles) {
      const problem = await trySections([{ ...section, articles: [article] }]);
      if (problem !== undefined) {
        failing.set(article, problem);
      }
    }
  }
  return failing;
}

function without(
  sections: readonly IssueSection[],
  broken: ReadonlyMap<IssueArticle, unknown>,
): readonly IssueSection[] {
  return broken.size === 0
    ? sections
    : sections
        .map((section) => ({ ...section, articles: section.articles.filter((article) => !broken.has(article)) }))
        .filter(({ articles }) => articles.length > 0);
}

function shorten(title: string): string {
  return title.length <= TITLE_SHOWN ? title : `${title.slice(0, TITLE_SHOWN).toWellFormed()}…`;
}
