import type { Config } from '../config/index.ts';
import { effectiveIdentity } from '../newsletters/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import { hasSampleDocuments } from './current-documents.ts';
import type { DocumentDeps } from './current-documents.ts';
import { signupClosedReason } from './legal-document.ts';

export interface StartBarrier {
  readonly code: 'postal_address_missing' | 'legal_sample';
  readonly message: string;
}

/** What the law or our own rules put in the way of any mail to many; undefined when it may go. */
export async function findStartBarrier(
  deps: DocumentDeps & { readonly config: Pick<Config, 'mailFrom' | 'postalAddress' | 'smtpIsLoopback'> },
  newsletter: Newsletter,
): Promise<StartBarrier | undefined> {
  // CAN-SPAM, 15 U.S.C. 7704(a)(5)(A)(iii), and its kin elsewhere: a mail to many names a postal address.
  if (effectiveIdentity(newsletter, deps.config).postalAddress === null) {
    return {
      code: 'postal_address_missing',
      message: `${newsletter.name} has no postal address; give it one in its settings, or set POSTAL_ADDRESS.`,
    };
  }
  return signupClosedReason(deps.config, !deps.config.smtpIsLoopback && (await hasSampleDocuments(deps)));
}
