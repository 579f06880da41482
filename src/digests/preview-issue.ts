import type { Config } from '../config/index.ts';
import { selectFreshArticles } from '../content/index.ts';
import { findPendingNotices } from '../legal/index.ts';
import { computeNextRun, newsletterVariantOf } from '../newsletters/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { compileMail, renderForReader } from '../rendering/index.ts';
import type { MailTemplates, RenderedMail } from '../rendering/index.ts';
import { AppError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import { assembleIssue, withNotices } from './assemble-issue.ts';
import { issueUrl, toDigest } from './issue.ts';
import type { IssueContent } from './issue.ts';
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
  /** Null while there is nothing new: then the issue would be skipped. */
  readonly mail: RenderedMail | null;
}

/** The next issue as it would be if it were built now. Writes nothing: also the dry run of `digest run`. */
export async function previewNextIssue(deps: PreviewDeps, newsletter: Newsletter): Promise<NextIssuePreview> {
  const now = deps.clock.now();
  const articles = await selectFreshArticles(deps.db, {
    newsletterId: newsletter.id,
    from: newsletter.cutoffAt,
    to: now,
  });
  const notices = await findPendingNotices(deps.db, newsletter, now);
  const content = withNotices(assembleIssue(newsletter.sections, articles), notices.lines);
  const issue = content === undefined ? undefined : { content, number: await nextIssueNumber(deps.db, newsletter.id) };
  return {
    nextRunAt: newsletter.nextRunAt,
    articleCount: articles.length,
    sections: (content?.sections ?? []).map((section) => ({ name: section.name, count: section.articles.length })),
    willWaitForApproval: !(await hasApprovedIssue(deps.db, newsletter.id)),
    mail:
      issue === undefined ? null : await renderIssue(deps, newsletter, { ...issue, day: newsletter.nextRunAt ?? now }),
  };
}

/**
 * An issue as a reader would get it, its personal links dead.
 * @throws AppError `issue_not_rendered`.
 */
export async function renderIssue(
  deps: Pick<PreviewDeps, 'mailTemplates' | 'config'>,
  newsletter: Newsletter,
  issue: { readonly content: IssueContent; readonly number: number; readonly day: Date },
): Promise<RenderedMail> {
  const { publicUrl } = deps.config;
  const outcome = await compileMail(deps, {
    template: 'digest',
    variant: {
      newsletter: newsletterVariantOf(newsletter, deps.config),
      preheader: issue.content.preheader,
      ...(newsletter.isPublic ? { webViewUrl: issueUrl(publicUrl, newsletter.slug, issue.number) } : {}),
      digest: toDigest(issue.content, issue.number, issue.day, newsletter.timeZone),
    },
  });
  if (!outcome.ok) {
    const [problem] = outcome.problems;
    throw new AppError('render', 'issue_not_rendered', problem?.message ?? 'The issue could not be rendered.');
  }
  const links = {
    unsubscribe: `${publicUrl}/unsubscribe/preview`,
    preferences: `${publicUrl}/preferences/preview`,
    accept: `${publicUrl}/accept/preview`,
  };
  return renderForReader(outcome.mail, { subscriber: {}, links });
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
