import { createHash } from 'node:crypto';
import type { ClaimedDelivery } from '../deliveries/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { createMailBuilder } from '../sending/index.ts';
import { AppError } from '../shared/app-error.ts';
import type { SignupRequestId } from '../shared/ids.ts';
import type { Keyring } from '../shared/keyring.ts';
import type { SentMessage } from './evidence.ts';
import type { MailRow } from './evidence.repository.ts';

export interface RebuildDeps {
  readonly db: Db;
  readonly keyring: Keyring;
  readonly config: { readonly publicUrl: string };
}

/**
 * Makes confirmation mails again from the ledger: the same delivery gives the same bytes at each try, and so years later, as
 * long as key and PUBLIC_URL are those of that day. `address`: where it went, for a row whose address was erased since.
 */
export function createMessageRebuilder(
  deps: RebuildDeps,
): (mail: MailRow, address: string | undefined) => Promise<SentMessage | null> {
  const buildMail = createMailBuilder({ db: deps.db, keyring: deps.keyring, publicUrl: deps.config.publicUrl });
  return async (mail, address) => {
    if (mail.kind !== 'confirm' || mail.tries === 0) {
      return null;
    }
    if (mail.openUntil !== null) {
      return { state: 'withheld', openUntil: mail.openUntil };
    }
    if (address === undefined) {
      return { state: 'not-rebuilt', reason: 'address_erased' };
    }
    try {
      const { bytes } = await buildMail(toDelivery(mail, address));
      return await describeMessage(bytes);
    } catch (error) {
      if (error instanceof AppError) {
        return { state: 'not-rebuilt', reason: error.code };
      }
      throw error;
    }
  };
}

function toDelivery(mail: MailRow, address: string): ClaimedDelivery {
  return {
    id: mail.deliveryId,
    kind: 'confirm',
    address,
    keyId: mail.keyId,
    compiledMailId: mail.compiledMailId,
    campaignId: null,
    subscriberId: mail.subscriberId,
    newsletterId: mail.newsletterId,
    causeId: mail.causeId,
    signupRequestId: mail.signupRequestId as SignupRequestId | null,
    attempt: mail.tries,
    createdAt: mail.plannedAt,
    giveUpAt: mail.giveUpAt,
    // A confirmation never says a name (R38), and binds no subscription yet.
    subscriberName: null,
    subscriptionId: null,
  };
}

async function describeMessage(bytes: Buffer): Promise<SentMessage> {
  const { default: PostalMime } = await import('postal-mime');
  const email = await PostalMime.parse(bytes);
  const end = bytes.indexOf('\r\n\r\n');
  return {
    state: 'rebuilt',
    messageId: email.messageId ?? '',
    subject: email.subject ?? '',
    header: bytes.subarray(0, end).toString('utf8').replaceAll('\r\n', '\n'),
    text: (email.text ?? '').trim(),
    source: bytes.toString('utf8'),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}
