import { z } from 'zod';
import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import { requireNewsletter } from '../newsletters/index.ts';
import { SYSTEM_ACTOR } from '../shared/actor.ts';
import { notFound } from '../shared/app-error.ts';
import type { IssueId } from '../shared/ids.ts';
import { applyChanges } from './apply-changes.ts';
import { issueChangesSchema } from './edit-issue-input.ts';
import { editIssue, refuseDecidedEdit } from './edit-issue.ts';
import { selectCandidates, selectIssueDesk } from './edit-issue.repository.ts';
import type { Issue } from './issue.ts';
import { nextIssueNumber, selectIssue } from './issues.repository.ts';
import { renderIssue } from './preview-issue.ts';
import type { PreviewDeps } from './preview-issue.ts';

const LISTED_CANDIDATES = 50;
const params = z.strictObject({
  id: z.coerce
    .number()
    .int()
    .positive()
    .transform((id) => id as IssueId),
});

/** What editors do with an issue that waits for them. */
export function issueDeskRoutes(deps: PreviewDeps): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'patch',
      path: '/issues/:id',
      access: 'newsletters:write',
      summary: 'Changes a waiting issue: words, order, articles; what is left out stays',
      params,
      body: issueChangesSchema,
      handle: async ({ params, body, actor }) => {
        await editIssue(deps, params.id, body, actor ?? SYSTEM_ACTOR);
        return { ...(await selectIssueDesk(deps.db, params.id)) };
      },
    }),
    apiRoute({
      method: 'post',
      path: '/issues/:id/preview',
      access: 'newsletters:read',
      summary: 'The mail of a waiting issue as it would be with these changes; stores nothing',
      params,
      body: issueChangesSchema,
      handle: async ({ params, body }) => {
        const issue = await requireIssue(deps, params.id);
        refuseDecidedEdit(issue);
        const newsletter = await requireNewsletter(deps.db, { id: issue.newsletterId });
        const { content } = await applyChanges(deps.db, issue, body);
        const number = await nextIssueNumber(deps.db, issue.newsletterId);
        const { html, subject, warnings } = await renderIssue(deps, newsletter, {
          content,
          number,
          day: issue.periodAt,
        });
        return { html, subject, warnings };
      },
    }),
    apiRoute({
      method: 'get',
      path: '/issues/:id/candidates',
      access: 'newsletters:read',
      summary: 'Articles that no issue holds and that this one may take, newest first',
      params,
      query: z.strictObject({ q: z.string().trim().max(200).optional() }),
      handle: async ({ params, query }) => {
        const issue = await requireIssue(deps, params.id);
        const search = { limit: LISTED_CANDIDATES, ...(query.q === undefined ? {} : { words: query.q }) };
        return { articles: await selectCandidates(deps.db, issue.newsletterId, search) };
      },
    }),
  ];
}

export async function requireIssue(deps: Pick<PreviewDeps, 'db'>, issueId: IssueId): Promise<Issue> {
  const issue = await selectIssue(deps.db, issueId);
  if (issue === undefined) {
    throw notFound('issue_not_found', 'There is no such issue.');
  }
  return issue;
}
