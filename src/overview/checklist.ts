import type { Config } from '../config/index.ts';
import type { ChecklistItem, OverviewFacts } from './overview.ts';

export interface ChecklistInput {
  readonly facts: OverviewFacts;
  readonly config: Pick<Config, 'publicUrl' | 'smtpUrl' | 'postalAddress'>;
  readonly isVerified: boolean;
  readonly hasSampleTexts: boolean;
}

/** The way through the first ten minutes, then what is left to do before readers come. */
export function buildChecklist(input: ChecklistInput): readonly ChecklistItem[] {
  return [...firstSteps(input), ...goingPublic(input)];
}

function firstSteps({ facts, config, isVerified }: ChecklistInput): readonly ChecklistItem[] {
  const newsletter = `/admin/newsletters${facts.firstNewsletterId === null ? '' : `/${facts.firstNewsletterId}`}`;
  const group = 'first-steps';
  return [
    {
      key: 'verify-address',
      group,
      done: isVerified,
      title: 'Confirm your own address',
      hint: 'Test mails go only to addresses that their owners confirmed. A mail with a link is on its way to you.',
      href: config.smtpUrl === undefined ? '/inbox' : null,
    },
    {
      key: 'subscribe',
      group,
      done: facts.numbers.activeSubscribers > 0,
      title: 'Subscribe yourself',
      hint: 'Go the reader’s way once: the form, the mail, the button, the welcome.',
      href: '/',
    },
    {
      key: 'feed',
      group,
      done: facts.hasOwnFeed,
      title: 'Add your first feed',
      hint: 'The address of an RSS, Atom or JSON feed. Your issues are collected from it.',
      href: `${newsletter}/feeds`,
    },
    {
      key: 'postal-address',
      group,
      done: config.postalAddress !== undefined || facts.newslettersWithoutPostalAddress === 0,
      title: 'Give your postal address',
      hint: 'It stands at the foot of every issue and campaign; without it none is sent.',
      href: `${newsletter}/settings`,
    },
    {
      key: 'issue',
      group,
      done: facts.hasApprovedIssue,
      title: 'Approve your first issue',
      hint: 'The first issue of a newsletter waits for your eyes. Those after it send themselves.',
      href: `${newsletter}/issues`,
    },
    {
      key: 'test',
      group,
      done: facts.hasTest,
      title: 'Write a campaign and send yourself a test',
      hint: 'Markdown or MJML, with a live preview.',
      href: '/admin/campaigns/new',
    },
    {
      key: 'campaign',
      group,
      done: facts.hasCampaign,
      title: 'Send your first campaign',
      hint: 'You see newsletter, number and subject before it starts, and have a minute to undo.',
      href: '/admin/campaigns',
    },
  ];
}

function goingPublic({ config, hasSampleTexts }: ChecklistInput): readonly ChecklistItem[] {
  const group = 'going-public';
  return [
    {
      key: 'legal-texts',
      group,
      done: !hasSampleTexts,
      title: 'Publish your own Terms and privacy notice',
      hint: 'Samples are in place. Once a relay is set, public signup stays closed until yours replace them.',
      href: '/admin/settings/legal',
    },
    {
      key: 'relay',
      group,
      done: config.smtpUrl !== undefined,
      title: 'Connect your mail relay',
      hint: 'Set SMTP_URL and MAIL_FROM and start again. Until then every mail stays in the local inbox.',
      href: null,
    },
    {
      key: 'https',
      group,
      done: config.publicUrl.startsWith('https:'),
      title: 'Give it a public https address',
      hint: 'Set PUBLIC_URL to the address that readers will see in their mails.',
      href: null,
    },
  ];
}
