import { DEFAULT_LOCALE } from '../i18n/index.ts';
import { alertPath, describeAlert } from '../issue-alerts/index.ts';
import type { Alert } from '../issue-alerts/index.ts';
import { PROXY_ADVICE } from '../signup-guard/index.ts';
import type { SignupWarnings } from '../signup-guard/index.ts';
import type { OverviewFacts, Warning } from './overview.ts';

export interface WarningsInput {
  readonly facts: OverviewFacts;
  readonly liveWorkers: number;
  readonly relayError: string | null;
  readonly signups: SignupWarnings;
  readonly alerts: readonly Alert[];
  /** Why public signup is closed; undefined while it is open. */
  readonly closed: { readonly code: string; readonly message: string } | undefined;
}

/** After a long outage there may be one for each newsletter. */
const ALERTS_SHOWN = 8;

/** What an admin should know before anything else, most pressing first. */
export function buildWarnings(input: WarningsInput): readonly Warning[] {
  return [...platformWarnings(input), ...signupWarnings(input.signups), ...editorialWarnings(input)];
}

function platformWarnings({ liveWorkers, relayError, closed, facts }: WarningsInput): readonly Warning[] {
  const warnings: Warning[] = [];
  if (liveWorkers === 0) {
    warnings.push({
      code: 'no_worker',
      message: 'No worker is running, so nothing is sent or collected. Start one with: npm run worker',
      href: null,
    });
  }
  if (relayError !== null) {
    warnings.push({
      code: 'relay_unavailable',
      message: `The mail relay does not take mails: ${relayError}. They wait and are tried again.`,
      href: null,
    });
  }
  if (closed !== undefined) {
    warnings.push({ ...closed, href: '/admin/settings/legal' });
  }
  if (facts.numbers.ambiguous > 0) {
    const count = facts.numbers.ambiguous;
    warnings.push({
      code: 'deliveries_ambiguous',
      message: `Nobody can know whether ${count === 1 ? 'one mail' : `${count} mails`} left: the line broke between the last byte and the answer. They are not sent again by themselves.`,
      href: '/admin/campaigns',
    });
  }
  return warnings;
}

function signupWarnings({ burst, hasUntrustedProxy }: SignupWarnings): readonly Warning[] {
  const warnings: Warning[] = [];
  if (burst !== undefined) {
    warnings.push({
      code: 'signup_burst',
      message:
        burst === 'now'
          ? 'There are far more sign-ups than usual at the moment. If you did not ask for them, somebody may be misusing the form; it defends itself (SIGNUP_PROOF_OF_WORK).'
          : 'In the last 24 hours there were far more sign-ups than usual for a while. The form defended itself; nothing is left to do.',
      href: null,
    });
  }
  if (hasUntrustedProxy) {
    warnings.push({ code: 'untrusted_proxy', message: PROXY_ADVICE, href: null });
  }
  return warnings;
}

function editorialWarnings({ facts, alerts }: WarningsInput): readonly Warning[] {
  const isToldAsLate = ({ newsletterId }: OverviewFacts['waitingIssues'][number]): boolean =>
    alerts.some((alert) => alert.newsletterId === newsletterId && alert.code === 'late_waiting');
  return [
    ...facts.stoppedCampaigns.map((campaign) => ({
      code: 'campaign_stopped',
      message: `“${campaign.subject}” stands still: ${campaign.message}`,
      href: `/admin/campaigns/${campaign.id}`,
    })),
    ...alertWarnings(alerts),
    ...facts.waitingIssues
      .filter((issue) => !isToldAsLate(issue))
      .map((issue) => ({
        code: 'issue_awaiting_approval',
        message: `An issue of ${issue.newsletterName} waits for your approval.`,
        href: `/admin/newsletters/${issue.newsletterId}/issues`,
      })),
    ...facts.failingFeeds.map((feed) => ({
      code: 'feed_failing',
      message: `The feed “${feed.title}” cannot be read at the moment.`,
      href: `/admin/newsletters/${feed.newsletterId}/feeds`,
    })),
  ];
}

function alertWarnings(alerts: readonly Alert[]): readonly Warning[] {
  const more = alerts.length - ALERTS_SHOWN;
  return [
    ...alerts.slice(0, ALERTS_SHOWN).map((alert) => ({
      code: `issue_${alert.kind}`,
      message: describeAlert(DEFAULT_LOCALE, alert),
      href: alertPath(alert),
      ...(alert.id === null ? {} : { alertId: alert.id }),
    })),
    ...(more > 0
      ? [{ code: 'issue_alerts_more', message: `And ${more} more issues need a look.`, href: '/admin/newsletters' }]
      : []),
  ];
}
