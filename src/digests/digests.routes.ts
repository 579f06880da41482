import { z } from 'zod';
import type { Config } from '../config/index.ts';
import { apiRoute } from '../http/index.ts';
import type { ApiRoute } from '../http/index.ts';
import { findStartBarrier } from '../legal/index.ts';
import { requireNewsletter } from '../newsletters/index.ts';
import { SYSTEM_ACTOR } from '../shared/actor.ts';
import { conflict } from '../shared/app-error.ts';
import type { IssueId, NewsletterId } from '../shared/ids.ts';
import type { BuildDeps } from './build-issue.ts';
import { approveIssue, dropIssue } from './decide-issue.ts';
import { selectIssueDesk } from './edit-issue.repository.ts';
import { issueDeskRoutes, requireIssue } from './issue-desk.routes.ts';
import type { IssueSummary } from './issue.ts';
import { selectStandings } from './issue-standing.repository.ts';
import { listIssues, nextIssueNumber } from './issues.repository.ts';
import { previewLook, triedLookSchema } from './preview-look.ts';
import { nextRuns, previewNextIssue, renderIssue } from './preview-issue.ts';
import type { PreviewDeps } from './preview-issue.ts';
import { runDigestNow } from './run-digest-now.ts';
import { withdrawApproval } from './withdraw-approval.ts';

const LISTED_ISSUES = 100;
const LISTED_RUNS = 10;
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
      handle: async ({ params }) => {
        const issues = await listIssues(deps.db, params.id, LISTED_ISSUES);
        return { issues: await describeIssues(deps, issues) };
      },
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
        const runs = nextRuns(newsletter, justBefore(newsletter.nextRunAt, deps.clock.now()), LISTED_RUNS);
        return { ...preview, runs, timeZone: newsletter.timeZone, ...rendered };
      },
    }),
    apiRoute({
      method: 'post',
      path: '/newsletters/:id/look-preview',
      access: 'newsletters:read',
      summary: 'An issue in a look that is tried, such as other colours; stores nothing',
      params: newsletterParams,
      body: triedLookSchema,
      handle: async ({ params, body }) => {
        const newsletter = await requireNewsletter(deps.db, { id: params.id });
        const { shows, mail, accent } = await previewLook(deps, newsletter, body);
        return { shows, accent, html: mail.html, subject: mail.subject, warnings: mail.warnings };
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
        return describeIssue(deps, outcome.issueId);
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
        const described = await describeIssue(deps, params.id);
        return { ...described, ...desk, preheader, intro, sections, html, subject, warnings };
      },
    }),
    apiRoute({
      method: 'post',
      path: '/issues/:id/approve',
      access: 'newsletters:write',
      summary: 'Lets a waiting issue go out: at its time, or `now`. Of an approved one it answers the same',
      params: issueParams,
      body: z
        .strictObject({
          revision: z.number().int().min(0).optional(),
          when: z.enum(['at_time', 'now']).optional(),
        })
        .optional(),
      handle: async ({ params, body, actor }) => {
        await approveIssue(deps, params.id, actor ?? SYSTEM_ACTOR, {
          ...(body?.revision === undefined ? {} : { seenRevision: body.revision }),
          ...(body?.when === undefined ? {} : { when: body.when }),
        });
        return describeIssue(deps, params.id);
      },
    }),
    apiRoute({
      method: 'post',
      path: '/issues/:id/withdraw',
      access: 'newsletters:write',
      summary: 'Takes an approval back while nothing has left: the issue waits again',
      params: issueParams,
      handle: async ({ params, actor }) => {
        await withdrawApproval(deps, params.id, actor ?? SYSTEM_ACTOR);
        return describeIssue(deps, params.id);
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
        return describeIssue(deps, params.id);
      },
    }),
  ];
}

/** What was built ahead of its time is not to come any more. */
function justBefore(nextRunAt: Date | null, now: Date): Date {
  return nextRunAt !== null && nextRunAt > now ? new Date(nextRunAt.getTime() - 1) : now;
}

async function describeIssue(deps: Pick<DigestsRoutesDeps, 'db'>, issueId: IssueId) {
  const [described] = await describeIssues(deps, [await requireIssue(deps, issueId)]);
  return { ...described };
}

async function describeIssues(deps: Pick<DigestsRoutesDeps, 'db'>, issues: readonly IssueSummary[]) {
  const ids = issues.map((issue) => issue.id);
  const standings = await selectStandings(deps.db, ids);
  return issues.map((issue) => ({ ...toJson(issue), ...standings.get(issue.id) }));
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
