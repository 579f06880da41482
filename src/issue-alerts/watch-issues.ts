import { deleteNotices } from '../accounts/index.ts';
import { readHolds } from '../holds/index.ts';
import type { IssueMailDeps } from './admin-mails.ts';
import { mailAlerts } from './mail-alerts.ts';
import { notifyEditors } from './notify-editors.ts';
import { raiseAlerts } from './raise-alerts.ts';

const NOTICES_KEPT_MS = 30 * 24 * 60 * 60_000;

/** The job `watch-issues`: tells people what they have to know about the clock's work. May run twice, and two at once. */
export async function watchIssues(deps: IssueMailDeps): Promise<void> {
  await raiseAlerts(deps);
  const { hold } = await readHolds(deps.db);
  // Whoever restored a backup, perhaps to look at it only, did not ask for mails about what it calls overdue (T14).
  if (hold?.reason !== 'restored') {
    await notifyEditors(deps);
    await mailAlerts(deps);
  }
  await deleteNotices(deps.db, new Date(deps.clock.now().getTime() - NOTICES_KEPT_MS));
}
