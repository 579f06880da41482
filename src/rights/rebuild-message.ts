import { createHash } from 'node:crypto';
import { createDkimSigner } from '../dkim/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { MailTemplates } from '../rendering/index.ts';
import { createMailBuilder } from '../sending/index.ts';
import type { DeliveryOfMail } from '../sending/index.ts';
import { AppError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { SignupRequestId } from '../shared/ids.ts';
import type { Keyring } from '../shared/keyring.ts';
import type { SentMessage } from './evidence.ts';
import type { MailRow } from './evidence.repository.ts';

export interface RebuildDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly mailTemplates: Pick<MailTemplates, 'logic'>;
  readonly config: { readonly publicUrl: string; readonly signsMail: boolean };
}

/**
 * Makes confirmation mails again from the ledger: the same delivery gives the same bytes at each try, and so years later, as
 * long as key, PUBLIC_URL and the kind of relay (`sign=off` or not) are those of that day. `address`: where it went, for a row whose
 * address was erased since.
 */
export function createMessageRebuilder(
  deps: RebuildDeps,
): (mail: MailRow, address: string | undefined) => Promise<SentMessage | null> {
  const buildMail = createMailBuilder({
    ...deps,
    publicUrl: deps.config.publicUrl,
    signer: createDkimSigner(deps),
  });
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
      const { parts } = await buildMail(toDelivery(mail, address), { isSigned: deps.config.signsMail });
      return await describeMessage(Buffer.concat(parts));
    } catch (error) {
      if (error instanceof AppError) {
        return { state: 'not-rebuilt', reason: error.code };
      }
      throw error;
    }
  };
}

function toDelivery(mail: MailRow, address: string): DeliveryOfMail {
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
    createdAt: mail.plannedAt,
    // A confirmation never says a name (R38), and binds no subscription yet.
    subscriberName: null,
    subscriberLocale: null,
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
