import { z } from 'zod';
import type { Config } from '../config/index.ts';
import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import { findStartBarrier } from '../legal/index.ts';
import { requireNewsletter } from '../newsletters/index.ts';
import { SYSTEM_ACTOR } from '../shared/actor.ts';
import { conflict, notFound } from '../shared/app-error.ts';
import type { IssueId, NewsletterId } from '../shared/ids.ts';
import type { BuildDeps } from './build-issue.ts';
import { approveIssue, dropIssue } from './decide-issue.ts';
import { selectIssueDesk } from './edit-issue.repository.ts';
import { issueDeskRoutes } from './issue-desk.routes.ts';
import type { Issue, IssueSummary } from './issue.ts';
import { listIssues, nextIssueNumber, selectIssue } from './issues.repository.ts';
import { previewNextIssue, renderIssue } from './preview-issue.ts';
import type { PreviewDeps } from './preview-issue.ts';
import { runDigestNow } from './run-digest-now.ts';

const LISTED_ISSUES = 100;
const id = z.coerce.number().int().positive();
const newsletterParams = z.strictObject({ id: id.transform((value) => value as NewsletterId) });
const issueParams = z.strictObject({ id: id.transform((value) => value as IssueId) });

export type DigestsRoutesDeps = BuildDeps &
  PreviewDeps & { readonly config: PreviewDeps['config'] & Pick<Config, 'smtpIsLoopback'> };

export function digestsRoutes(deps: DigestsRoutesDeps): readonly ApiRoute[] {
  return [...newsletterIssueRoutes(deps), ...issueRoutes(deps), ...issueDeskRoutes(deps)];
}

function newsletterIssueRoutes(deps: DigestsRoutesDeps): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'get',
      path: '/newsletters/:id/issues',
      access: 'newsletters:read',
      summary: 'Issues of a newsletter, newest first',
      params: newsletterParams,
      handle: async ({ params }) => ({ issues: (await listIssues(deps.db, params.id, LISTED_ISSUES)).map(toJson) }),
    }),
    apiRoute({
      method: 'get',
      path: '/newsletters/:id/next-issue',
      access: 'newsletters:read',
      summary: 'The next issue as it would be now',
      params: newsletterParams,
      handle: async ({ params }) => {
        const newsletter = await requireNewsletter(deps.db, { id: params.id });
        const { mail, ...preview } = await previewNextIssue(deps, newsletter);
        const rendered = { html: mail?.html ?? null, subject: mail?.subject ?? null, warnings: mail?.warnings ?? [] };
        return { ...preview, timeZone: newsletter.timeZone, ...rendered };
      },
    }),
    apiRoute({
      method: 'post',
      path: '/newsletters/:id/issues',
      access: 'newsletters:write',
      summary: 'Sends an extra issue now',
      status: 201,
      params: newsletterParams,
      body: z.strictObject({}),
      handle: async ({ params, actor }) => {
        const newsletter = await requireNewsletter(deps.db, { id: params.id });
        const barrier = await findStartBarrier(deps, newsletter);
        if (barrier !== undefined) {
          throw conflict(barrier.code, barrier.message);
        }
        const outcome = await runDigestNow(deps, newsletter, actor ?? SYSTEM_ACTOR);
        if (outcome.kind === 'nothing-new') {
          throw conflict('nothing_new', 'There is no new article since the last issue.');
        }
        return toJson(await requireIssue(deps, outcome.issueId));
      },
    }),
  ];
}

function issueRoutes(deps: DigestsRoutesDeps): readonly ApiRoute[] {
  return [
    apiRoute({
      method: 'get',
      path: '/issues/:id',
      access: 'newsletters:read',
      summary: 'An issue with its articles and its mail',
      params: issueParams,
      handle: async ({ params }) => {
        const issue = await requireIssue(deps, params.id);
        const newsletter = await requireNewsletter(deps.db, { id: issue.newsletterId });
        const number = issue.number ?? (await nextIssueNumber(deps.db, issue.newsletterId));
        const day = issue.publishedAt ?? deps.clock.now();
        const mail = await renderIssue(deps, newsletter, { content: issue.content, number, day });
        const { html, subject, warnings } = mail;
        const { preheader, intro = '', sections } = issue.content;
        const desk = await selectIssueDesk(deps.db, params.id);
        return { ...toJson(issue), ...desk, preheader, intro, sections, html, subject, warnings };
      },
    }),
    apiRoute({
      method: 'post',
      path: '/issues/:id/approve',
      access: 'newsletters:write',
      summary: 'Lets a waiting issue go out now',
      params: issueParams,
      body: z.strictObject({ revision: z.number().int().min(0).optional() }).optional(),
      handle: async ({ params, body, actor }) => {
        await approveIssue(deps, params.id, actor ?? SYSTEM_ACTOR, body?.revision);
        return toJson(await requireIssue(deps, params.id));
      },
    }),
    apiRoute({
      method: 'post',
      path: '/issues/:id/drop',
      access: 'newsletters:write',
      summary: 'Drops a waiting issue; its articles are free for the next one',
      params: issueParams,
      handle: async ({ params, actor }) => {
        await dropIssue(deps, params.id, actor ?? SYSTEM_ACTOR);
        return toJson(await requireIssue(deps, params.id));
      },
    }),
  ];
}

async function requireIssue(deps: Pick<DigestsRoutesDeps, 'db'>, issueId: IssueId): Promise<Issue> {
  const issue = await selectIssue(deps.db, issueId);
  if (issue === undefined) {
    throw notFound('issue_not_found', 'There is no such issue.');
  }
  return issue;
}

function toJson(issue: IssueSummary) {
  return {
    id: issue.id,
    number: issue.number,
    kind: issue.kind,
    status: issue.status,
    title: issue.title,
    periodAt: issue.periodAt,
    articleCount: issue.articleCount,
    campaignId: issue.campaignId,
    campaignStatus: issue.campaignStatus,
    publishedAt: issue.publishedAt,
  };
}
