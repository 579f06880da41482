import type { Config } from '../config/index.ts';
import type { StoredMail } from '../deliveries/index.ts';
import { formatAppointment } from '../i18n/index.ts';
import { mailHeadOf, newsletterVariantOf } from '../newsletters/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import { compileMail } from '../rendering/index.ts';
import type { MailInput, MailTemplates } from '../rendering/index.ts';

export interface SignupMailDeps {
  readonly config: Config;
  readonly mailTemplates: MailTemplates;
}

export interface WelcomeIssues {
  readonly latest: { readonly title: string; readonly url: string } | undefined;
  /** Null: nobody knows. */
  readonly nextAt: Date | null;
}

/** Sent in the name of the first newsletter of the request. @param locale one of ours, as for the others here. */
export function confirmationMail(
  deps: SignupMailDeps,
  newsletters: readonly Newsletter[],
  locale: string,
): Promise<StoredMail> {
  return aboutNewsletters(deps, 'confirm', newsletters, locale);
}

export function alreadySubscribedMail(
  deps: SignupMailDeps,
  newsletters: readonly Newsletter[],
  locale: string,
): Promise<StoredMail> {
  return aboutNewsletters(deps, 'already-subscribed', newsletters, locale);
}

export function welcomeMail(
  deps: SignupMailDeps,
  newsletter: Newsletter,
  { latest, nextAt }: WelcomeIssues,
  locale: string,
): Promise<StoredMail> {
  const { config } = deps;
  const nextDateText = nextAt && formatAppointment(locale, nextAt, newsletter.timeZone);
  const variant = {
    locale,
    newsletter: newsletterVariantOf(newsletter, config),
    ...(latest === undefined ? {} : { latestIssue: latest }),
    ...(nextDateText === null ? {} : { nextDateText }),
    ...legalLinks(config),
  };
  return compile(deps, { template: 'welcome', variant }, mailHeadOf(newsletter, config, 'list'));
}

function aboutNewsletters(
  deps: SignupMailDeps,
  template: 'confirm' | 'already-subscribed',
  newsletters: readonly Newsletter[],
  locale: string,
): Promise<StoredMail> {
  const { config } = deps;
  const [first] = newsletters;
  if (first === undefined) {
    throw new Error('a signup request without a newsletter');
  }
  const variant = {
    locale,
    newsletter: newsletterVariantOf(first, config),
    newsletterNames: newsletters.map((newsletter) => newsletter.name),
    ...legalLinks(config),
  };
  return compile(deps, { template, variant }, mailHeadOf(first, config, 'transactional'));
}

function legalLinks(config: Config): { readonly termsUrl: string; readonly privacyUrl: string } {
  return { termsUrl: `${config.publicUrl}/terms`, privacyUrl: `${config.publicUrl}/privacy` };
}

async function compile(deps: SignupMailDeps, input: MailInput, head: StoredMail['head']): Promise<StoredMail> {
  const outcome = await compileMail(deps, input);
  if (!outcome.ok) {
    throw new Error(`our own template ${input.template} does not compile: ${outcome.problems[0]?.message ?? ''}`);
  }
  return { head, compiled: outcome.mail };
}
