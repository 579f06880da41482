import { selectFreshArticles, selectMissedArticles } from '../content/index.ts';
import type { FreshArticle } from '../content/index.ts';
import { findPendingNotices } from '../legal/index.ts';
import { selectDigestRules } from '../newsletters/index.ts';
import type { DigestRules, Newsletter } from '../newsletters/index.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';
import type { ArticleId } from '../shared/ids.ts';
import { assembleIssue, withNotices } from './assemble-issue.ts';
import type { IssueContent, IssueRemark } from './issue.ts';
import { leaveOutBroken, tryCleaning } from './leave-out-broken.ts';
import type { TrySections } from './leave-out-broken.ts';

export interface ComposedIssue {
  readonly rules: DigestRules;
  /** Undefined: too few articles for an issue. */
  readonly content: IssueContent | undefined;
  readonly articles: readonly FreshArticle[];
  readonly notices: Awaited<ReturnType<typeof findPendingNotices>>;
  readonly remarks: readonly IssueRemark[];
  /** What no mail can show: not among the articles, and not to be tried again. */
  readonly broken: readonly ArticleId[];
}

/** What an issue of this window would hold by the rules of its newsletter. Writes nothing. */
export async function composeIssue(
  db: DbOrTx,
  newsletter: Newsletter,
  window: { readonly from: Date; readonly to: Date; readonly now: Date },
  trySections: TrySections = tryCleaning,
): Promise<ComposedIssue> {
  const newsletterId = newsletter.id;
  const rules = await selectDigestRules(db, newsletterId);
  const fresh = await selectFreshArticles(db, { newsletterId, from: window.from, to: window.to });
  const whole = await dropBroken(newsletter, fresh, trySections);
  const { articles: kept, remarks: short } = dropShortSections(newsletter, whole.articles);
  const missing = kept.length === 0 ? 0 : Math.max(0, rules.fillTo - kept.length);
  const missed =
    missing === 0 ? [] : await selectMissedArticles(db, { newsletterId, before: window.from, limit: missing });
  const wholeMissed = await dropBroken(newsletter, missed, trySections);
  const articles = inOrderOfSections(newsletter, [...kept, ...wholeMissed.articles]);
  const remarks = [...short, ...whole.remarks, ...wholeMissed.remarks];
  const broken = remarks.flatMap(({ articleId }) => (articleId === undefined ? [] : [articleId]));
  const notices = await findPendingNotices(db, newsletter, window.now);
  if (articles.length < rules.minArticles) {
    const thin = describeThin(articles, rules);
    return { rules, content: undefined, articles, notices, remarks: [...remarks, ...thin], broken };
  }
  const content = withNotices(assembleIssue(newsletter.sections, articles), notices.lines);
  const withIntro =
    content === undefined || rules.nextIntro === null ? content : { ...content, intro: rules.nextIntro };
  return { rules, content: withIntro, articles, notices, remarks, broken };
}

async function dropBroken(
  newsletter: Newsletter,
  articles: readonly FreshArticle[],
  trySections: TrySections,
): Promise<{ readonly articles: readonly FreshArticle[]; readonly remarks: readonly IssueRemark[] }> {
  const content = assembleIssue(newsletter.sections, articles);
  const { remarks } = await leaveOutBroken(content?.sections ?? [], trySections);
  const broken = new Set(remarks.map(({ articleId }) => articleId));
  return { articles: articles.filter(({ id }) => !broken.has(id)), remarks };
}

function dropShortSections(
  newsletter: Newsletter,
  articles: readonly FreshArticle[],
): { readonly articles: readonly FreshArticle[]; readonly remarks: readonly IssueRemark[] } {
  const counts = new Map<number, number>();
  for (const { sectionId } of articles) {
    counts.set(sectionId, (counts.get(sectionId) ?? 0) + 1);
  }
  const short = newsletter.sections.filter(({ id, minItems }) => {
    const count = counts.get(id) ?? 0;
    return count > 0 && minItems !== null && count < minItems;
  });
  const dropped = new Set<number>(short.map(({ id }) => id));
  return {
    articles: articles.filter(({ sectionId }) => !dropped.has(sectionId)),
    remarks: short.map(({ id, name, minItems }) => ({
      code: 'section_too_small',
      message: `${name} has ${counts.get(id) ?? 0} articles and needs ${minItems ?? 0}: the section is left out.`,
    })),
  };
}

function describeThin(articles: readonly FreshArticle[], rules: DigestRules): readonly IssueRemark[] {
  return articles.length === 0
    ? []
    : [
        {
          code: 'issue_too_small',
          message: `There are ${articles.length} articles and an issue needs ${rules.minArticles}: they wait for the next one.`,
        },
      ];
}

function inOrderOfSections(newsletter: Newsletter, articles: readonly FreshArticle[]): readonly FreshArticle[] {
  const places = new Map<number, number>(newsletter.sections.map(({ id }, place) => [id, place]));
  return articles.toSorted((a, b) => (places.get(a.sectionId) ?? 0) - (places.get(b.sectionId) ?? 0));
}
