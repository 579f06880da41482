import type { DbOrTx } from '../platform/postgres/index.ts';
import type { AlertCode, AlertKind, AlertReason } from './alert.ts';
import { judgeIssue, LATE_AFTER_MS } from './judge-issue.ts';
import { listLate } from './late.repository.ts';
import { listNewestIssues } from './newest-issues.repository.ts';

/** An issue is looked at until the next one is built, and not for longer. */
const LOOK_BACK_MS = 14 * 24 * 60 * 60_000;

const KIND_OF_CODE: Readonly<Record<AlertCode, AlertKind>> = {
  late_not_built: 'late',
  late_waiting: 'late',
  late_not_started: 'late',
  late_stopped: 'late',
  late_not_sent: 'late',
  late_done: 'late',
  skipped: 'skipped',
  short_of_fill: 'short',
  short_of_usual: 'short',
  short_of_sections: 'short',
  left_out: 'left_out',
};

/**
 * All that an admin has to know at this moment, told by the rows of newsletters, issues and campaigns alone: nobody has to have
 * noticed it when it happened, and it is true also while no worker runs.
 */
export async function findReasons(db: DbOrTx, now: Date): Promise<readonly AlertReason[]> {
  const late = await listLate(db, new Date(now.getTime() - LATE_AFTER_MS));
  const newest = await listNewestIssues(db, new Date(now.getTime() - LOOK_BACK_MS));
  return [
    ...late.map(({ reason, ...issue }) => ({
      ...issue,
      kind: KIND_OF_CODE[issue.code],
      facts: reason === null ? {} : { reason },
      isOver: false,
    })),
    ...newest.flatMap((issue) =>
      judgeIssue(issue, now).map(({ code, facts }) => {
        const { newsletterId, newsletterName, newsletterSlug, locale, timeZone, issueId, periodAt } = issue;
        const about = { newsletterId, newsletterName, newsletterSlug, locale, timeZone, issueId, periodAt };
        return { ...about, kind: KIND_OF_CODE[code], code, facts, isOver: code === 'late_done' };
      }),
    ),
  ];
}
