import { recordAudit } from '../audit/index.ts';
import { lockContent } from '../content/index.ts';
import { requireNewsletter } from '../newsletters/index.ts';
import type { Db, Tx } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import { conflict, inputError, notFound } from '../shared/app-error.ts';
import type { AppError } from '../shared/app-error.ts';
import type { ArticleId, IssueId, SectionId } from '../shared/ids.ts';
import { toIssueArticle } from './assemble-issue.ts';
import type { IssueChanges } from './edit-issue-input.ts';
import {
  replaceIssueArticles,
  selectCandidates,
  selectIssueDesk,
  updateIssueContent,
} from './edit-issue.repository.ts';
import type { Issue, IssueArticle, IssueContent } from './issue.ts';
import { lockNewsletterRow, selectIssue } from './issues.repository.ts';

type SectionChanges = NonNullable<IssueChanges['sections']>;
type HeldArticle = IssueArticle & { readonly id: ArticleId };

interface EditedSection {
  readonly id: SectionId;
  readonly name: string;
  readonly articles: readonly HeldArticle[];
}

/**
 * Changes an issue that waits for approval. What it no longer holds is free for another issue.
 * @throws AppError `issue_not_found`, `issue_already_decided`, `issue_changed`, `issue_too_old`, `issue_empty`,
 *   `section_unknown`, `article_unknown`, `article_twice`.
 */
export async function editIssue(
  deps: { readonly db: Db },
  issueId: IssueId,
  changes: IssueChanges,
  actor: Actor,
): Promise<void> {
  await deps.db.transaction().execute(async (tx) => {
    const issue = await lockEditable(tx, issueId, changes.revision);
    const sections = changes.sections === undefined ? undefined : await arrange(tx, issue, changes.sections);
    const content = withChanges(issue.content, changes, sections);
    await updateIssueContent(tx, issueId, { content, revision: changes.revision + 1 });
    if (sections !== undefined) {
      const placed = sections.flatMap(({ id, articles }) =>
        articles.map((article) => ({ articleId: article.id, sectionId: id })),
      );
      await replaceIssueArticles(tx, issue, placed);
    }
    const { revision: _revision, ...changed } = changes;
    const details = { fields: Object.keys(changed), revision: changes.revision + 1 };
    await recordAudit(tx, { actor, action: 'issue.edited', subjectKind: 'issue', subjectId: issueId, details });
  });
}

/**
 * For whoever decides on what they have seen.
 * @throws AppError `issue_changed`.
 */
export async function refuseOtherRevision(tx: Tx, issueId: IssueId, revision: number): Promise<void> {
  const desk = await selectIssueDesk(tx, issueId);
  if (desk !== undefined && desk.revision !== revision) {
    throw changedMeanwhile();
  }
}

/** Behind the newsletter's row, as everything that builds or decides: nobody else touches its issues or their articles. */
async function lockEditable(tx: Tx, issueId: IssueId, revision: number): Promise<Issue> {
  const found = await selectIssue(tx, issueId);
  const locked = found === undefined ? undefined : await lockNewsletterRow(tx, found.newsletterId, 'wait');
  const issue = locked === undefined ? undefined : await selectIssue(tx, issueId);
  if (issue === undefined) {
    throw notFound('issue_not_found', 'There is no such issue.');
  }
  if (issue.status === 'approved') {
    throw conflict(
      'issue_already_decided',
      'This issue is approved. Cancel its mailing, if it has not left yet, and send what is missing as an extra issue.',
    );
  }
  if (issue.status !== 'awaiting_approval') {
    throw conflict('issue_already_decided', `This issue was ${issue.status}; only a waiting one can be changed.`);
  }
  await refuseOtherRevision(tx, issueId, revision);
  return issue;
}

function changedMeanwhile(): AppError {
  return conflict(
    'issue_changed',
    'Somebody else has changed this issue meanwhile. Load it anew, then make your changes again.',
  );
}

/** The sections as they shall be, with the words that the issue or the article had unless they are new. */
async function arrange(tx: Tx, issue: Issue, changes: SectionChanges): Promise<readonly EditedSection[]> {
  const known = heldArticles(issue.content);
  const wanted = changes.flatMap((section) => section.articles.map(({ id }) => id));
  refuseTwice(wanted);
  const held = new Map([...known, ...(await takeCandidates(tx, issue, wanted, known))]);
  const names = await sectionNames(tx, issue);
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

async function takeCandidates(
  tx: Tx,
  issue: Issue,
  wanted: readonly ArticleId[],
  known: ReadonlyMap<ArticleId, unknown>,
): Promise<readonly [ArticleId, HeldArticle][]> {
  const ids = wanted.filter((id) => !known.has(id));
  if (ids.length === 0) {
    return [];
  }
  // Nobody takes one of them out of the newsletter before it is in this issue.
  await lockContent(tx, issue.newsletterId);
  const candidates = await selectCandidates(tx, issue.newsletterId, { ids, limit: ids.length });
  return candidates.map((candidate) => [candidate.id, { ...toIssueArticle(candidate), id: candidate.id }]);
}

async function sectionNames(tx: Tx, issue: Issue): Promise<ReadonlyMap<SectionId, string>> {
  const newsletter = await requireNewsletter(tx, { id: issue.newsletterId });
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
