import { adminMailHead } from '../accounts/index.ts';
import type { Config } from '../config/index.ts';
import type { StoredMail } from '../deliveries/index.ts';
import type { Doorbell } from '../jobs/index.ts';
import type { Logger } from '../platform/logging/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { compileMail } from '../rendering/index.ts';
import type { MailInput, MailTemplates } from '../rendering/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { Keyring } from '../shared/keyring.ts';

export interface IssueMailDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly doorbell: Doorbell;
  readonly log: Logger;
  readonly mailTemplates: MailTemplates;
  readonly config: Pick<Config, 'publicUrl' | 'mailFrom' | 'postalAddress'>;
}

/** Outside any transaction: the first compile of a process loads MJML, which takes a second. */
export async function compileAdminMail(
  deps: Pick<IssueMailDeps, 'config' | 'mailTemplates'>,
  input: Extract<MailInput, { template: 'issue-alert' | 'issue-waiting' }>,
): Promise<StoredMail> {
  const outcome = await compileMail(deps, input);
  if (!outcome.ok) {
    throw new Error(`the ${input.template} template does not compile: ${outcome.problems[0]?.message ?? ''}`);
  }
  return { head: adminMailHead(deps.config), compiled: outcome.mail };
}
