import type { Config } from '../config/index.ts';
import type { StoredMail } from '../deliveries/index.ts';
import { digestMailOf } from '../digests/index.ts';
import { mailHeadOf, newsletterVariantOf } from '../newsletters/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import { compileMail } from '../rendering/index.ts';
import type { CompileOutcome, DigestContent, MailInput, MailProblem, MailTemplates } from '../rendering/index.ts';
import { inputError } from '../shared/app-error.ts';
import type { AppError } from '../shared/app-error.ts';
import type { Campaign } from './campaign.ts';

export interface CompileDeps {
  readonly mailTemplates: MailTemplates;
  readonly config: Pick<Config, 'mailFrom' | 'postalAddress' | 'publicUrl'>;
}

export type CampaignText = Pick<Campaign, 'subject' | 'preheader' | 'format' | 'source'>;

/** The mail as this newsletter would send it now. What the author got wrong is returned, never thrown. */
export function compileCampaign(
  deps: CompileDeps,
  text: CampaignText,
  newsletter: Newsletter,
): Promise<CompileOutcome> {
  return compileMail(deps, toMailInput(deps, text, newsletter));
}

/** @throws AppError with the code of the first problem and all of them as fields. */
export async function compileOrRefuse(
  deps: CompileDeps,
  text: CampaignText,
  newsletter: Newsletter,
): Promise<{ readonly mail: StoredMail; readonly warnings: readonly MailProblem[] }> {
  const outcome = await compileCampaign(deps, text, newsletter);
  if (!outcome.ok) {
    throw refusal(outcome.problems);
  }
  const head = mailHeadOf(newsletter, deps.config, 'list');
  return { mail: { head, compiled: outcome.mail }, warnings: outcome.warnings };
}

/** A problem in one line, with its line number in the part that it is in. */
export function describeProblem(problem: MailProblem): string {
  return problem.line === undefined ? problem.message : `line ${problem.line}: ${problem.message}`;
}

function toMailInput({ config }: CompileDeps, text: CampaignText, newsletter: Newsletter): MailInput {
  if (text.format === 'digest') {
    // Written by digests; compileMail checks it once more.
    const digest = JSON.parse(text.source) as DigestContent;
    return digestMailOf(newsletter, config, { digest, preheader: text.preheader });
  }
  const shown = newsletterVariantOf(newsletter, config);
  const preheader = text.preheader === null ? {} : { preheader: text.preheader };
  const { subject, format, source } = text;
  return { template: 'campaign', variant: { newsletter: shown, campaign: { subject, format, source, ...preheader } } };
}

/** Of a template with one mistake in a loop nobody wants to read a hundred lines. */
const PROBLEMS_NAMED = 5;

function refusal(problems: readonly MailProblem[]): AppError {
  const fields = problems.map((problem) => ({
    field: problem.where === 'subject' || problem.where === 'preheader' ? problem.where : 'source',
    code: problem.code,
    message: describeProblem(problem),
  }));
  const named = fields.slice(0, PROBLEMS_NAMED).map(({ field, message }) => `${field}, ${message}`);
  const more = fields.length > named.length ? ` (and ${fields.length - named.length} more)` : '';
  return inputError(fields[0]?.code ?? 'campaign_invalid', `The mail cannot be made: ${named.join('; ')}${more}`, {
    fields,
  });
}
