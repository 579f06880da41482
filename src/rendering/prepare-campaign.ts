import { checkMjml } from './check-mjml.ts';
import { joinLines } from './clean-text.ts';
import type { AuthorFact } from './merge-fields.ts';
import type { Marks } from './marks.ts';
import type { MailProblem } from './problems.ts';
import { readMergeFields } from './read-merge-fields.ts';
import type { MergeReading } from './read-merge-fields.ts';
import type { CleanMailInput } from './variant.ts';
import { writeMarkdown } from './write-markdown.ts';

export type CampaignVariant = Extract<CleanMailInput, { template: 'campaign' }>['variant'];

export interface PreparedCampaign {
  /** All with marks in place of what stood between braces. */
  readonly subject: string;
  readonly preheader: string;
  readonly body: { readonly kind: 'html' | 'mjml'; readonly source: string };
  readonly facts: Readonly<Record<AuthorFact, string>>;
  readonly problems: readonly MailProblem[];
  /** What is found in the body later, at the lines that the author wrote. */
  readonly toAuthorLines: (problems: readonly MailProblem[]) => readonly MailProblem[];
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
  const read = (where: MailProblem['where'], source: string): MergeReading =>
    readMergeFields({ marks, facts, where }, source);
  const subject = read('subject', campaign.subject);
  const preheader = read('preheader', campaign.preheader ?? '');
  const body = read('body', campaign.source.toWellFormed());
  const isMarkdown = campaign.format === 'markdown';
  const written = isMarkdown ? writeMarkdown(marks, body.source) : checkMjml(marks, body.source);
  const toAuthorLines = (problems: readonly MailProblem[]): readonly MailProblem[] =>
    problems.map((problem) => atAuthorLine(marks, body, problem));
  return {
    subject: subject.source,
    preheader: preheader.source,
    body: { kind: isMarkdown ? 'html' : 'mjml', source: written.source },
    facts,
    problems: [...subject.problems, ...preheader.problems, ...body.problems, ...toAuthorLines(written.problems)],
    toAuthorLines,
  };
}

function atAuthorLine(marks: Marks, body: MergeReading, problem: MailProblem): MailProblem {
  const line = problem.line === undefined ? undefined : (body.lines[problem.line - 1] ?? problem.line);
  return { ...problem, ...(line === undefined ? {} : { line }), message: marks.describe(problem.message) };
}
