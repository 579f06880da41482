import { domainToASCII } from 'node:url';
import { deriveOpaqueId } from '../shared/keyring.ts';
import type { Keyring } from '../shared/keyring.ts';
import type { MailHead } from './compiled-mail.repository.ts';
import type { ClaimedDelivery } from './delivery.ts';

/** What is in its ASCII form already, as nearly all are: spares a parser for each mail. */
const PLAIN_DOMAIN = /^[a-z0-9.-]+$/;

/** Stable per delivery (R7): a retry carries the same Message-ID, which lets the receiving side drop a twin. */
export function messageIdOf(
  delivery: Pick<ClaimedDelivery, 'id' | 'keyId'>,
  head: Pick<MailHead, 'fromAddress'>,
  keyring: Keyring,
): string {
  // Only ASCII is read everywhere; beside a local part that needs SMTPUTF8 the domain is kept as it is written.
  const given = head.fromAddress.slice(head.fromAddress.lastIndexOf('@') + 1);
  const domain = PLAIN_DOMAIN.test(given) ? given : domainToASCII(given);
  return `<${deriveOpaqueId(keyring, 'message-id', delivery.id, delivery.keyId)}@${domain}>`;
}
