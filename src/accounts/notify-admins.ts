import type { Config } from '../config/index.ts';
import { planDeliveries, storeCompiledMail } from '../deliveries/index.ts';
import type { MailHead, StoredMail } from '../deliveries/index.ts';
import { directionOf } from '../i18n/index.ts';
import { effectiveIdentity } from '../newsletters/index.ts';
import type { Tx } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { Keyring } from '../shared/keyring.ts';
import { insertNotices } from './admins.repository.ts';

/** This installation, as its mails to admins show it. */
export function describeSite(config: Pick<Config, 'publicUrl'>, locale: string) {
  const { host } = new URL(config.publicUrl);
  return { name: host, homeUrl: `${config.publicUrl}/`, locale, dir: directionOf(locale) };
}

/** Mails to admins come from the installation, not from one of its newsletters. */
export function adminMailHead(config: Pick<Config, 'publicUrl' | 'mailFrom' | 'postalAddress'>): MailHead {
  const own = { fromName: null, fromAddress: null, replyTo: null, postalAddress: null, imprintUrl: null };
  const { host } = new URL(config.publicUrl);
  const { fromName, fromAddress, replyTo } = effectiveIdentity({ name: host, ...own }, config);
  return { fromName, fromAddress, replyTo, list: null, archiveUrl: null };
}

/**
 * Plans one mail to each admin who proved the address, in the transaction that notes that they were told. Returns how many.
 * Ring `send-transactional` after the commit.
 */
export async function notifyAdmins(
  deps: { readonly tx: Tx; readonly clock: Clock; readonly keyring: Keyring },
  mail: StoredMail,
): Promise<number> {
  const { tx } = deps;
  const now = deps.clock.now();
  const notices = await insertNotices(tx, now);
  const compiledMailId = await storeCompiledMail(tx, mail, now);
  await planDeliveries(
    { ...deps, db: tx },
    notices.map(({ id, address }) => ({
      kind: 'system',
      causeId: id,
      address,
      subscriberId: null,
      newsletterId: null,
      compiledMailId,
    })),
  );
  return notices.length;
}
