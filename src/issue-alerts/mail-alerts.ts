import { describeSite, hasVerifiedAdmin, notifyAdmins } from '../accounts/index.ts';
import type { StoredMail } from '../deliveries/index.ts';
import { matchLocale } from '../i18n/index.ts';
import { alertPath, describeAlert } from './alert.ts';
import { compileAdminMail } from './admin-mails.ts';
import type { IssueMailDeps } from './admin-mails.ts';
import { listUnmailed, markMailed } from './alerts.repository.ts';
import type { UnmailedAlert } from './alerts.repository.ts';

/** What nobody could be told for a day is no news any more; the banner tells what still holds. */
const NEWS_FOR_MS = 24 * 60 * 60_000;
/** After an outage of many newsletters one mail names so many, and how many more there are. */
const NAMED = 20;

/**
 * Tells the admins of alerts that they were not told of: one mail for all of them. That they were told and the mail commit
 * together, so it is one mail, whoever else is at it and whenever a process dies.
 */
export async function mailAlerts(deps: IssueMailDeps): Promise<void> {
  const alerts = await listUnmailed(deps.db, new Date(deps.clock.now().getTime() - NEWS_FOR_MS));
  const [first] = alerts;
  if (first === undefined || !(await hasVerifiedAdmin(deps.db))) {
    return;
  }
  const mail = await writeAlerts(deps, alerts, matchLocale(first.locale));
  const isMailed = await deps.db.transaction().execute(async (tx) => {
    const ids = alerts.map(({ id }) => id);
    // Another process was faster with some of them: the rest is told with the next sweep.
    return (await markMailed(tx, ids, deps.clock.now())) && (await notifyAdmins({ ...deps, tx }, mail)) > 0;
  });
  if (isMailed) {
    deps.doorbell.ring('send-transactional', {});
    deps.log.warn({ alerts: alerts.map(({ newsletterId, code }) => ({ newsletterId, code })) }, 'issue alerts mailed');
  }
}

/** In the language of the newsletter, or of the first of several. */
function writeAlerts(deps: IssueMailDeps, alerts: readonly UnmailedAlert[], locale: string): Promise<StoredMail> {
  const { publicUrl } = deps.config;
  return compileAdminMail(deps, {
    template: 'issue-alert',
    variant: {
      site: describeSite(deps.config, locale),
      alerts: alerts.slice(0, NAMED).map((alert) => ({
        publication: alert.newsletterName,
        text: describeAlert(locale, alert),
        url: `${publicUrl}${alertPath(alert)}`,
      })),
      moreCount: Math.max(0, alerts.length - NAMED),
    },
  });
}
