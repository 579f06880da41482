import { formatAppointment, joinWords, translatorFor } from '../i18n/index.ts';
import type { IssueId, NewsletterId } from '../shared/ids.ts';

/** late: more than half an hour after its time. short: thinner than it should be. left_out: an article could not be shown. */
export type AlertKind = 'late' | 'skipped' | 'short' | 'left_out';

/** What exactly is the matter; also the name of its words. */
export type AlertCode =
  /** Its time is over, and nobody has built it. */
  | 'late_not_built'
  /** It waits for approval. */
  | 'late_waiting'
  /** It is to go out, and its campaign has not begun. */
  | 'late_not_started'
  /** The same, for a reason that its campaign names. */
  | 'late_stopped'
  /** It has begun, and no server has taken any of its mails. */
  | 'late_not_sent'
  /** It was built late and has gone out since. */
  | 'late_done'
  | 'skipped'
  | 'short_of_fill'
  | 'short_of_usual'
  | 'short_of_sections'
  | 'left_out';

export interface AlertFacts {
  readonly count?: number | undefined;
  /** What there should be of it. */
  readonly wanted?: number | undefined;
  readonly minutes?: number | undefined;
  readonly names?: readonly string[] | undefined;
  /** The words of a campaign that stands still, or of what was left out. */
  readonly reason?: string | undefined;
}

/** Something an admin has to know, as the rows tell it at this moment. */
export interface AlertReason {
  readonly kind: AlertKind;
  readonly code: AlertCode;
  readonly facts: AlertFacts;
  readonly newsletterId: NewsletterId;
  readonly newsletterName: string;
  readonly newsletterSlug: string;
  readonly locale: string;
  readonly timeZone: string;
  /** Null: there is none yet. */
  readonly issueId: IssueId | null;
  readonly periodAt: Date;
  /** Worth a mail and nothing to look at any more. */
  readonly isOver: boolean;
}

/** One sentence about one issue. */
export function describeAlert(
  locale: string,
  alert: Pick<AlertReason, 'code' | 'facts' | 'newsletterName' | 'timeZone' | 'periodAt'>,
): string {
  const { facts } = alert;
  return translatorFor(locale)(`issue_alerts.${alert.code}`, {
    newsletter: alert.newsletterName,
    when: formatAppointment(locale, alert.periodAt, alert.timeZone),
    count: facts.count ?? facts.minutes ?? 0,
    wanted: facts.wanted ?? 0,
    sections: joinWords(locale, facts.names ?? []),
    reason: facts.reason ?? '',
  });
}

/** Where an admin looks at it, below PUBLIC_URL. */
export function alertPath(alert: Pick<AlertReason, 'newsletterId' | 'issueId'>): string {
  const issues = `/admin/newsletters/${alert.newsletterId}/issues`;
  return alert.issueId === null ? issues : `${issues}/${alert.issueId}`;
}
