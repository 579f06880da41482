import type { Config } from '../config/index.ts';
import type { StoredMail } from '../deliveries/index.ts';
import { mailHeadOf, newsletterVariantOf } from '../newsletters/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import { compileMail } from '../rendering/index.ts';
import type { MailTemplates } from '../rendering/index.ts';

export interface PreferenceMailDeps {
  readonly config: Config;
  readonly mailTemplates: MailTemplates;
}

/** The fresh link; the two ends of an address change; and what an address hears that somebody has already. */
export type PreferenceMail = 'preference-link' | 'address-agree' | 'address-confirm' | 'address-taken';

/** In the name of a newsletter that the reader knows, in the reader's language. Nothing in it is personal but its links (R6). */
export async function preferenceMail(
  deps: PreferenceMailDeps,
  template: PreferenceMail,
  { newsletter, locale }: { readonly newsletter: Newsletter; readonly locale: string },
): Promise<StoredMail> {
  const { config } = deps;
  const outcome = await compileMail(deps, {
    template,
    variant: {
      locale,
      newsletter: newsletterVariantOf(newsletter, config),
      termsUrl: `${config.publicUrl}/terms`,
      privacyUrl: `${config.publicUrl}/privacy`,
    },
  });
  if (!outcome.ok) {
    throw new Error(`our own template ${template} does not compile: ${outcome.problems[0]?.message ?? ''}`);
  }
  return { head: mailHeadOf(newsletter, config, 'transactional'), compiled: outcome.mail };
}
