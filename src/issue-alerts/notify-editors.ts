import { describeSite, hasVerifiedAdmin, notifyAdmins } from '../accounts/index.ts';
import type { StoredMail } from '../deliveries/index.ts';
import { formatAppointment, matchLocale, translatorFor } from '../i18n/index.ts';
import { alertPath } from './alert.ts';
import { compileAdminMail } from './admin-mails.ts';
import type { IssueMailDeps } from './admin-mails.ts';
import { listUntold, markTold } from './waiting.repository.ts';
import type { WaitingIssue } from './waiting.repository.ts';

/** Nobody is told of what has waited for longer: it is in the admin, and on its banner. */
const NEWS_FOR_MS = 7 * 24 * 60 * 60_000;
const AT_ONCE = 20;
const HEADLINES = 30;

/**
 * Tells the admins of each issue that waits for them, once, where its newsletter wants that: everybody who can sign in may
 * approve. That they were told and the mails commit together.
 */
export async function notifyEditors(deps: IssueMailDeps): Promise<void> {
  const since = new Date(deps.clock.now().getTime() - NEWS_FOR_MS);
  const issues = await listUntold(deps.db, since, AT_ONCE);
  if (issues.length === 0 || !(await hasVerifiedAdmin(deps.db))) {
    return;
  }
  for (const issue of issues) {
    const mail = await writeWaiting(deps, issue);
    const isMailed = await deps.db.transaction().execute(async (tx) => {
      return (await markTold(tx, issue.id, deps.clock.now())) && (await notifyAdmins({ ...deps, tx }, mail)) > 0;
    });
    if (isMailed) {
      deps.doorbell.ring('send-transactional', {});
    }
  }
}

function writeWaiting(deps: IssueMailDeps, issue: WaitingIssue): Promise<StoredMail> {
  const locale = matchLocale(issue.locale);
  const text = translatorFor(locale);
  const count = issue.sections.reduce((sum, { titles }) => sum + titles.length, 0);
  return compileAdminMail(deps, {
    template: 'issue-waiting',
    variant: {
      site: describeSite(deps.config, locale),
      publication: issue.newsletterName,
      title: issue.title,
      reason: text(`issue_waiting.because_${issue.because ?? 'required'}`),
      deadline: describeDeadline(issue, locale, deps.clock.now()),
      sections: cutSections(issue.sections),
      moreCount: Math.max(0, count - HEADLINES),
      url: `${deps.config.publicUrl}${alertPath({ newsletterId: issue.newsletterId, issueId: issue.id })}`,
    },
  });
}

/** What becomes of it if nobody does anything. */
function describeDeadline(issue: WaitingIssue, locale: string, now: Date): string {
  const when = formatAppointment(locale, issue.periodAt, issue.timeZone);
  const text = translatorFor(locale);
  if (issue.periodAt <= now) {
    return text('issue_waiting.past', { when });
  }
  // What is new or overdue is for a person to see, whatever the newsletter does otherwise.
  const policy = issue.because === 'required' ? issue.deadlinePolicy : 'wait';
  return text(`issue_waiting.policy_${policy}`, { when });
}

function cutSections(sections: WaitingIssue['sections']): { name: string; titles: string[] }[] {
  let left = HEADLINES;
  return sections.flatMap(({ name, titles }) => {
    const shown = titles.slice(0, left);
    left -= shown.length;
    return shown.length === 0 ? [] : [{ name, titles: shown }];
  });
}
