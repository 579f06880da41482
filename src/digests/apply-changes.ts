import { requireNewsletter } from '../newsletters/index.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';
import { conflict, inputError } from '../shared/app-error.ts';
import type { AppError } from '../shared/app-error.ts';
import type { ArticleId, SectionId } from '../shared/ids.ts';
import { toIssueArticle } from './assemble-issue.ts';
import type { IssueChanges } from './edit-issue-input.ts';
import { selectCandidates } from './edit-issue.repository.ts';
import type { Issue, IssueArticle, IssueContent } from './issue.ts';

type SectionChanges = NonNullable<IssueChanges['sections']>;
type HeldArticle = IssueArticle & { readonly id: ArticleId };

interface EditedSection {
  readonly id: SectionId;
  readonly name: string;
  readonly articles: readonly HeldArticle[];
}

export interface ChangedIssue {
  readonly content: IssueContent;
  /** Undefined when only words were changed. */
  readonly sections: readonly EditedSection[] | undefined;
}

/**
 * What an issue says once it is changed so. Writes nothing.
 * @throws AppError `issue_too_old`, `issue_empty`, `section_unknown`, `article_unknown`, `article_twice`.
 */
export async function applyChanges(db: DbOrTx, issue: Issue, changes: IssueChanges): Promise<ChangedIssue> {
  const sections = changes.sections === undefined ? undefined : await arrange(db, issue, changes.sections);
  return { content: withChanges(issue.content, changes, sections), sections };
}

/** True when an article comes in that the issue did not hold. */
export function takesOthers(issue: Issue, changes: IssueChanges): boolean {
  const held = new Set(issue.content.sections.flatMap(({ articles }) => articles.map(({ id }) => id)));
  return (changes.sections ?? []).some(({ articles }) => articles.some(({ id }) => !held.has(id)));
}

/** The sections as they shall be, with the words that the issue or the article had unless they are new. */
async function arrange(db: DbOrTx, issue: Issue, changes: SectionChanges): Promise<readonly EditedSection[]> {
  const known = heldArticles(issue.content);
  const wanted = changes.flatMap((section) => section.articles.map(({ id }) => id));
  refuseTwice(wanted);
  const held = new Map([...known, ...(await findCandidates(db, issue, wanted, known))]);
  const names = await sectionNames(db, issue);
  const sections = changes.map(({ id, articles }, index) => {
    const name = names.get(id);
    if (name === undefined) {
      throw unknown('section_unknown', `sections.${index}.id`, 'The newsletter has no such section.');
    }
    return {
      id,
      name,
      articles: articles.map((wish, position) => {
        const article = held.get(wish.id);
        if (article === undefined) {
          const field = `sections.${index}.articles.${position}.id`;
          throw unknown('article_unknown', field, 'This article is gone, left out, or in another issue.');
        }
        return withWords(article, wish);
      }),
    };
  });
  if (wanted.length === 0) {
    throw inputError('issue_empty', 'An issue needs an article. To send none, drop the issue.');
  }
  return sections.filter(({ articles }) => articles.length > 0);
}

function refuseTwice(ids: readonly ArticleId[]): void {
  if (new Set(ids).size < ids.length) {
    throw inputError('article_twice', 'An article can be in an issue once.');
  }
}

function heldArticles(content: IssueContent): ReadonlyMap<ArticleId, HeldArticle> {
  const articles = content.sections.flatMap((section) => section.articles);
  return new Map(
    articles.map((article) => {
      const { id } = article;
      if (id === undefined) {
        const message = 'This issue was built before issues could be rearranged. Approve or drop it as it is.';
        throw conflict('issue_too_old', message);
      }
      return [id, { ...article, id }];
    }),
  );
}

async function findCandidates(
  db: DbOrTx,
  issue: Issue,
  wanted: readonly ArticleId[],
  known: ReadonlyMap<ArticleId, unknown>,
): Promise<readonly [ArticleId, HeldArticle][]> {
  const ids = wanted.filter((id) => !known.has(id));
  if (ids.length === 0) {
    return [];
  }
  const candidates = await selectCandidates(db, issue.newsletterId, { ids, limit: ids.length });
  return candidates.map((candidate) => [candidate.id, { ...toIssueArticle(candidate), id: candidate.id }]);
}

async function sectionNames(db: DbOrTx, issue: Issue): Promise<ReadonlyMap<SectionId, string>> {
  const newsletter = await requireNewsletter(db, { id: issue.newsletterId });
  const own = newsletter.sections.map(({ id, name }) => [id, name] as const);
  // A section that was removed since keeps its place in the issue that has it.
  const frozen = issue.content.sections.flatMap(({ id, name }) => (id === undefined ? [] : [[id, name] as const]));
  return new Map([...own, ...frozen]);
}

function withWords(article: HeldArticle, wish: SectionChanges[number]['articles'][number]): HeldArticle {
  return {
    ...article,
    ...(wish.title === undefined ? {} : { title: wish.title }),
    ...(wish.summaryText === undefined ? {} : { summaryText: wish.summaryText }),
  };
}

function withChanges(
  content: IssueContent,
  changes: IssueChanges,
  sections: readonly EditedSection[] | undefined,
): IssueContent {
  const { intro: introBefore, ...rest } = content;
  const intro = changes.intro ?? introBefore ?? '';
  return {
    ...rest,
    title: changes.title ?? content.title,
    preheader: changes.preheader ?? content.preheader,
    ...(intro === '' ? {} : { intro }),
    sections: sections ?? content.sections,
  };
}

function unknown(code: string, field: string, message: string): AppError {
  return inputError(code, message, { fields: [{ field, code, message }] });
}
