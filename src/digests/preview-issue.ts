import type { Config } from '../config/index.ts';
import { computeNextRun } from '../newsletters/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { compileMail, renderForReader } from '../rendering/index.ts';
import type { MailProblem, MailTemplates, RenderedMail } from '../rendering/index.ts';
import { AppError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import { composeIssue } from './compose-issue.ts';
import { explainIssue } from './explain-issue.ts';
import type { IssueReasons } from './explain-issue.ts';
import { digestMailOf } from './digest-mail.ts';
import { toDigest } from './issue.ts';
import type { IssueContent, IssueRemark } from './issue.ts';
import { hasApprovedIssue, nextIssueNumber } from './issues.repository.ts';

export interface PreviewDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly mailTemplates: MailTemplates;
  readonly config: Pick<Config, 'mailFrom' | 'postalAddress' | 'publicUrl'>;
}

export interface NextIssuePreview {
  readonly nextRunAt: Date | null;
  readonly articleCount: number;
  readonly sections: readonly { readonly name: string; readonly count: number }[];
  readonly willWaitForApproval: boolean;
  /** What would be left out, and why. */
  readonly remarks: readonly IssueRemark[];
  /** Where each article comes from, and why others are not in it. */
  readonly reasons: IssueReasons;
  /** Null while there is too little for an issue: then it would be skipped. */
  readonly mail: IssueMail | null;
}

export interface IssueMail extends RenderedMail {
  /** What the linter has to say about it. */
  readonly warnings: readonly MailProblem[];
}

/** The next issue as it would be if it were built now. Writes nothing: also the dry run of `digest run`. */
export async function previewNextIssue(deps: PreviewDeps, newsletter: Newsletter): Promise<NextIssuePreview> {
  const now = deps.clock.now();
  const window = { from: newsletter.cutoffAt, to: now, now };
  const composed = await composeIssue(deps.db, newsletter, window, (sections) =>
    tryCompiling(deps, newsletter, { title: '-', preheader: '', sections }),
  );
  const { content, articles, remarks, rules } = composed;
  const issue = content === undefined ? undefined : { content, number: await nextIssueNumber(deps.db, newsletter.id) };
  return {
    nextRunAt: newsletter.nextRunAt,
    articleCount: articles.length,
    sections: (content?.sections ?? []).map((section) => ({ name: section.name, count: section.articles.length })),
    remarks,
    reasons: await explainIssue(deps.db, newsletter, composed),
    willWaitForApproval: rules.approval === 'required' || !(await hasApprovedIssue(deps.db, newsletter.id)),
    mail:
      issue === undefined ? null : await renderIssue(deps, newsletter, { ...issue, day: newsletter.nextRunAt ?? now }),
  };
}

async function tryCompiling(
  deps: Pick<PreviewDeps, 'mailTemplates' | 'config'>,
  newsletter: Newsletter,
  content: IssueContent,
): Promise<string | undefined> {
  const digest = toDigest(content, 1, new Date(0), newsletter.timeZone);
  const outcome = await compileMail(deps, digestMailOf(newsletter, deps.config, { digest, preheader: null }));
  return outcome.ok ? undefined : (outcome.problems[0]?.message ?? 'It could not be rendered.');
}

/**
 * An issue as a reader would get it, its personal links dead.
 * @throws AppError `issue_not_rendered`.
 */
export async function renderIssue(
  deps: Pick<PreviewDeps, 'mailTemplates' | 'config'>,
  newsletter: Newsletter,
  issue: { readonly content: IssueContent; readonly number: number; readonly day: Date },
): Promise<IssueMail> {
  const { publicUrl } = deps.config;
  const { preheader } = issue.content;
  const digest = toDigest(issue.content, issue.number, issue.day, newsletter.timeZone);
  const outcome = await compileMail(deps, digestMailOf(newsletter, deps.config, { digest, preheader }));
  if (!outcome.ok) {
    const [problem] = outcome.problems;
    throw new AppError('render', 'issue_not_rendered', problem?.message ?? 'The issue could not be rendered.');
  }
  const links = {
    unsubscribe: `${publicUrl}/unsubscribe/preview`,
    preferences: `${publicUrl}/preferences/preview`,
    accept: `${publicUrl}/accept/preview`,
  };
  return { ...renderForReader(outcome.mail, { subscriber: {}, links }), warnings: outcome.warnings };
}

/** The next fire times; none for a newsletter without a schedule. */
export function nextRuns(newsletter: Newsletter, now: Date, count: number): readonly Date[] {
  const runs: Date[] = [];
  let after = now;
  while (newsletter.cron !== '' && runs.length < count) {
    after = computeNextRun(newsletter.cron, newsletter.timeZone, after);
    runs.push(after);
  }
  return runs;
}
