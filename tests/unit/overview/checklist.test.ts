import { expect, it } from 'vitest';
import { buildChecklist } from '../../../src/overview/checklist.ts';
import { buildWarnings } from '../../../src/overview/warnings.ts';
import type { OverviewFacts } from '../../../src/overview/overview.ts';
import type { Alert } from '../../../src/issue-alerts/index.ts';
import type { NewsletterId } from '../../../src/shared/ids.ts';

const newsletterId = 7 as NewsletterId;
const fresh: OverviewFacts = {
  numbers: {
    activeSubscribers: 0,
    pendingSubscribers: 0,
    newsletters: 1,
    acceptedLast7Days: 0,
    rejectedLast7Days: 0,
    openDeliveries: 0,
    ambiguous: 0,
  },
  firstNewsletterId: newsletterId,
  hasOwnFeed: false,
  hasTest: false,
  hasCampaign: false,
  hasApprovedIssue: false,
  newslettersWithoutPostalAddress: 1,
  waitingIssues: [],
  failingFeeds: [],
  stoppedCampaigns: [],
  nextIssue: null,
};
const late: Alert = {
  id: 12,
  kind: 'late',
  code: 'late_not_built',
  facts: {},
  newsletterId,
  newsletterName: 'The Weekly',
  newsletterSlug: 'the-weekly',
  locale: 'en',
  timeZone: 'Europe/Berlin',
  issueId: null,
  periodAt: new Date('2026-11-23T07:00:00Z'),
  isOver: false,
};
const local = { publicUrl: 'http://localhost:3000', smtpUrl: undefined, postalAddress: undefined };

it('has everything to do on a fresh installation, each step with a place to do it or a word on how', () => {
  const items = buildChecklist({ facts: fresh, config: local, isVerified: false, hasSampleTexts: true });

  expect(items.filter(({ done }) => done)).toEqual([]);
  expect(items.find(({ key }) => key === 'feed')?.href).toBe('/admin/newsletters/7/feeds');
  expect(items.find(({ key }) => key === 'verify-address')?.href).toBe('/inbox');
  expect(items.find(({ key }) => key === 'relay')?.hint).toMatch(/SMTP_URL/);
});

it('is done when all of it is', () => {
  const facts = {
    ...fresh,
    numbers: { ...fresh.numbers, activeSubscribers: 1 },
    hasOwnFeed: true,
    hasTest: true,
    hasCampaign: true,
    hasApprovedIssue: true,
  };
  const config = {
    publicUrl: 'https://news.example',
    smtpUrl: 'smtp://relay.example',
    postalAddress: 'Paper Street 1',
  };

  const items = buildChecklist({ facts, config, isVerified: true, hasSampleTexts: false });

  expect(items.filter(({ done }) => !done)).toEqual([]);
});

it('warns of what stands still, most pressing first, and is silent when nothing does', () => {
  const quiet = { hasUntrustedProxy: false, burst: undefined };
  const calm = { facts: fresh, liveWorkers: 1, relayError: null, signups: quiet, alerts: [], closed: undefined };
  expect(buildWarnings(calm)).toEqual([]);

  const warnings = buildWarnings({
    facts: {
      ...fresh,
      numbers: { ...fresh.numbers, ambiguous: 2 },
      waitingIssues: [{ newsletterId, newsletterName: 'The Weekly' }],
      failingFeeds: [{ newsletterId, title: 'Harbour news' }],
      stoppedCampaigns: [{ id: 3, subject: 'Hello', message: 'No postal address.' }],
    },
    liveWorkers: 0,
    relayError: 'connection refused',
    signups: { hasUntrustedProxy: true, burst: 'now' },
    alerts: [late, { ...late, id: null, kind: 'skipped', code: 'skipped' }],
    closed: { code: 'legal_sample', message: 'The terms are samples.' },
  });

  expect(warnings.map(({ code }) => code)).toEqual([
    'no_worker',
    'relay_unavailable',
    'legal_sample',
    'deliveries_ambiguous',
    'signup_burst',
    'untrusted_proxy',
    'campaign_stopped',
    'issue_late',
    'issue_skipped',
    'issue_awaiting_approval',
    'feed_failing',
  ]);
  expect(warnings.find(({ code }) => code === 'campaign_stopped')).toMatchObject({
    message: '“Hello” stands still: No postal address.',
    href: '/admin/campaigns/3',
  });
  expect(warnings.filter(({ code }) => code === 'issue_late' || code === 'issue_skipped')).toEqual([
    {
      code: 'issue_late',
      message: 'The issue of The Weekly for Monday 23 November at 08:00 CET has not been made yet.',
      href: '/admin/newsletters/7/issues',
      alertId: 12,
    },
    expect.not.objectContaining({ alertId: expect.anything() as number }),
  ]);
});

it('says once that an issue waits, and not every alert of a long outage', () => {
  const waiting = { ...late, code: 'late_waiting' } as const;
  const input = {
    facts: { ...fresh, waitingIssues: [{ newsletterId, newsletterName: 'The Weekly' }] },
    liveWorkers: 1,
    relayError: null,
    signups: { hasUntrustedProxy: false, burst: undefined },
    closed: undefined,
  };

  expect(buildWarnings({ ...input, alerts: [waiting] }).map(({ code }) => code)).toEqual(['issue_late']);
  const many = buildWarnings({ ...input, alerts: Array.from({ length: 20 }, () => late) });
  expect(many.filter(({ code }) => code === 'issue_late')).toHaveLength(8);
  expect(many.find(({ code }) => code === 'issue_alerts_more')?.message).toBe('And 12 more issues need a look.');
});
