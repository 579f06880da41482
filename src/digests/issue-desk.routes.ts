import { z } from 'zod';
import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { SYSTEM_ACTOR } from '../shared/actor.ts';
import { notFound } from '../shared/app-error.ts';
import type { IssueId } from '../shared/ids.ts';
import { issueChangesSchema } from './edit-issue-input.ts';
import { editIssue } from './edit-issue.ts';
import { selectCandidates, selectIssueDesk } from './edit-issue.repository.ts';
import { selectIssue } from './issues.repository.ts';

const LISTED_CANDIDATES = 50;
const params = z.strictObject({
  id: z.coerce
    .number()
    .int()
    .positive()
    .transform((id) => id as IssueId),
});

/** What editors do with an issue that waits for them. */
export function issueDeskRoutes(deps: { readonly db: Db }): readonly ApiRoute[] {
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
      method: 'get',
      path: '/issues/:id/candidates',
      access: 'newsletters:read',
      summary: 'Articles that no issue holds and that this one may take, newest first',
      params,
      query: z.strictObject({ q: z.string().trim().max(200).optional() }),
      handle: async ({ params, query }) => {
        const issue = await selectIssue(deps.db, params.id);
        if (issue === undefined) {
          throw notFound('issue_not_found', 'There is no such issue.');
        }
        const search = { limit: LISTED_CANDIDATES, ...(query.q === undefined ? {} : { words: query.q }) };
        return { articles: await selectCandidates(deps.db, issue.newsletterId, search) };
      },
    }),
  ];
}
