import type { Newsletter } from '../newsletters/index.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { ComposedIssue } from './compose-issue.ts';
import { selectOrigins } from './explain-issue.repository.ts';
import type { ArticleOrigin } from './explain-issue.repository.ts';

export interface TakenArticle extends Omit<ArticleOrigin, 'isEligible' | 'issueNumber'> {
  /** An earlier article that fills a thin issue. */
  readonly isFill: boolean;
}

/** Why an article is not in an issue. */
export type LeftOutCode =
  | 'in_issue'
  | 'not_eligible'
  | 'article_broken'
  | 'before_cutoff'
  | 'section_too_small'
  | 'no_room'
  | 'issue_too_small';

export interface LeftOutArticle extends Pick<ArticleOrigin, 'id' | 'title' | 'section' | 'firstSeenAt'> {
  readonly code: LeftOutCode;
  readonly message: string;
}

export interface IssueReasons {
  readonly taken: readonly TakenArticle[];
  /** The newest of them. */
  readonly leftOut: readonly LeftOutArticle[];
}

/** However many articles a newsletter has, so many of the newest are looked at. */
const LOOKED_AT = 200;

/** Of each article in the issue where it came from, and of the other new ones why they are not in it. */
export async function explainIssue(db: DbOrTx, newsletter: Newsletter, composed: ComposedIssue): Promise<IssueReasons> {
  const ids = composed.articles.map(({ id }) => id);
  const origins = await selectOrigins(db, newsletter.id, { limit: LOOKED_AT, ids });
  const byId = new Map(origins.map((origin) => [origin.id, origin]));
  const isIssue = composed.content !== undefined;
  const taken = isIssue ? ids.flatMap((id) => byId.get(id) ?? []) : [];
  const takenIds = new Set(taken.map(({ id }) => id));
  return {
    taken: taken.map(({ isEligible: _eligible, issueNumber: _number, ...origin }) => ({
      ...origin,
      isFill: origin.firstSeenAt <= newsletter.cutoffAt,
    })),
    leftOut: origins
      .filter(({ id }) => !takenIds.has(id))
      .map((origin) => ({
        id: origin.id,
        title: origin.title,
        section: origin.section,
        firstSeenAt: origin.firstSeenAt,
        ...findReason(origin, newsletter, composed),
      })),
  };
}

function findReason(
  origin: ArticleOrigin,
  newsletter: Newsletter,
  { articles, broken, remarks, rules }: ComposedIssue,
): Pick<LeftOutArticle, 'code' | 'message'> {
  const { id, issueNumber, isEligible, firstSeenAt, sectionId } = origin;
  if (issueNumber !== null) {
    const message = issueNumber === 0 ? 'An issue that has not gone out holds it.' : `It is in issue ${issueNumber}.`;
    return { code: 'in_issue', message };
  }
  if (!isEligible) {
    return { code: 'not_eligible', message: 'Left out by hand, unfit for a mail, or known before its feed was added.' };
  }
  if (broken.includes(id)) {
    const remark = remarks.find(({ articleId }) => articleId === id);
    return { code: 'article_broken', message: remark?.message ?? 'No mail can show it.' };
  }
  if (articles.some((article) => article.id === id)) {
    const message = `Too little for an issue: ${articles.length} of ${rules.minArticles} articles.`;
    return { code: 'issue_too_small', message };
  }
  if (firstSeenAt <= newsletter.cutoffAt) {
    return { code: 'before_cutoff', message: 'It came before the last issue, which had no room for it.' };
  }
  const section = newsletter.sections.find((one) => one.id === sectionId);
  const hasOthers = articles.some((article) => article.sectionId === sectionId);
  return hasOthers || section === undefined || section.minItems === null
    ? { code: 'no_room', message: 'Its section takes no more, and others rank before it.' }
    : { code: 'section_too_small', message: `Its section needs ${section.minItems} articles and has fewer.` };
}
