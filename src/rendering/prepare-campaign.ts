import { checkMjml } from './check-mjml.ts';
import { joinLines } from './clean-text.ts';
import type { AuthorFact } from './merge-fields.ts';
import type { Marks } from './marks.ts';
import type { MailProblem } from './problems.ts';
import { readMergeFields } from './read-merge-fields.ts';
import type { CleanMailInput } from './variant.ts';
import { writeMarkdown } from './write-markdown.ts';

export type CampaignVariant = Extract<CleanMailInput, { template: 'campaign' }>['variant'];

export interface PreparedCampaign {
  /** All with marks in place of merge fields. */
  readonly subject: string;
  readonly preheader: string;
  readonly body: { readonly kind: 'html' | 'mjml'; readonly source: string };
  readonly problems: readonly MailProblem[];
}

/** Reads what the author wrote and finds everything that is wrong with it at once. */
export function prepareCampaign(marks: Marks, variant: CampaignVariant): PreparedCampaign {
  const { campaign, newsletter } = variant;
  const facts: Readonly<Record<AuthorFact, string>> = {
    'newsletter.name': newsletter.name,
    'newsletter.homeUrl': newsletter.homeUrl,
    'newsletter.archiveUrl': newsletter.archiveUrl,
    'newsletter.postalAddress': joinLines(newsletter.postalAddress),
  };
  const subject = readMergeFields(marks, facts, 'subject', campaign.subject);
  const preheader = readMergeFields(marks, facts, 'preheader', campaign.preheader ?? '');
  const body = readMergeFields(marks, facts, 'body', campaign.source.toWellFormed());
  const written =
    campaign.format === 'markdown'
      ? writeMarkdown(marks, body.source)
      : { html: body.source, problems: checkMjml(marks, body.source) };
  return {
    subject: subject.source,
    preheader: preheader.source,
    body: { kind: campaign.format === 'markdown' ? 'html' : 'mjml', source: written.html },
    problems: [...subject.problems, ...preheader.problems, ...body.problems, ...written.problems],
  };
}
