import { AppError } from '../shared/app-error.ts';
import type { DbOrTx } from '../platform/postgres/index.ts';
import { planDelivery } from '../deliveries/index.ts';
import type { StoredMail } from '../deliveries/index.ts';
import { DEFAULT_LOCALE } from '../i18n/index.ts';
import { compileMail } from '../rendering/index.ts';
import { VERIFICATION_HOURS } from './account.ts';
import type { AccountsDeps, Admin } from './account.ts';
import { insertVerification, latestVerificationAt } from './admins.repository.ts';
import { adminMailHead, describeSite } from './notify-admins.ts';

const SECONDS_BETWEEN_MAILS = 60;

/**
 * Mails the admin a link that proves the address is theirs.
 * @throws AppError `too_many_attempts` within a minute of the last one.
 */
export async function requestVerification(deps: AccountsDeps, admin: Admin): Promise<void> {
  if (admin.verifiedAt !== null) {
    return;
  }
  const mail = await compileVerificationMail(deps);
  await deps.db.transaction().execute(async (tx) => {
    const last = await latestVerificationAt(tx, admin.id);
    const waitMs = (last?.getTime() ?? 0) + SECONDS_BETWEEN_MAILS * 1000 - deps.clock.now().getTime();
    if (waitMs > 0) {
      throw new AppError(
        'rate_limited',
        'too_many_attempts',
        'A mail was sent less than a minute ago. Look there first.',
        {
          retryAfterSeconds: Math.ceil(waitMs / 1000),
        },
      );
    }
    await queueVerification({ ...deps, db: tx }, admin, mail);
  });
  deps.doorbell.ring('send-transactional', {});
}

/** In the caller's transaction; the caller rings `send-transactional` after the commit. */
export async function queueVerification(
  deps: Pick<AccountsDeps, 'clock' | 'keyring'> & { readonly db: DbOrTx },
  admin: Pick<Admin, 'id' | 'address'>,
  mail: StoredMail,
): Promise<void> {
  const now = deps.clock.now();
  const causeId = await insertVerification(deps.db, {
    adminId: admin.id,
    address: admin.address,
    now,
    expiresAt: new Date(now.getTime() + VERIFICATION_HOURS * 3_600_000),
  });
  await planDelivery(deps, {
    kind: 'system',
    causeId,
    address: admin.address,
    subscriberId: null,
    newsletterId: null,
    mail,
  });
}

/** Compiled outside the transaction: the first compile of a process loads MJML, which takes a second. */
export async function compileVerificationMail(
  deps: Pick<AccountsDeps, 'config' | 'mailTemplates'>,
): Promise<StoredMail> {
  const outcome = await compileMail(deps, {
    template: 'verify-admin',
    variant: { site: describeSite(deps.config, DEFAULT_LOCALE) },
  });
  if (!outcome.ok) {
    throw new Error(`the verify-admin template does not compile: ${outcome.problems[0]?.message ?? 'no reason given'}`);
  }
  return { head: adminMailHead(deps.config), compiled: outcome.mail };
}
