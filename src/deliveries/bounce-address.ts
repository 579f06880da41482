import type { DeliveryId } from '../shared/ids.ts';
import { deriveToken, readToken } from '../shared/keyring.ts';
import type { Keyring } from '../shared/keyring.ts';
import type { ClaimedDelivery } from './delivery.ts';

const ADDRESS = /^bounce\+(?<token>[\da-f]{48})@/i;

/**
 * Names one delivery in its return path and in what a server is asked to report (RFC 3461): the same at each try, and nothing of the
 * reader in it. Hexadecimal, because servers on the way fold the case of an address as they like.
 */
export function bounceTokenOf({ id, keyId }: Pick<ClaimedDelivery, 'id' | 'keyId'>, keyring: Keyring): string {
  return Buffer.from(deriveToken(keyring, 'bounce', id, keyId), 'base64url').toString('hex');
}

/** The return path of one delivery (VERP, R12). 55 octets before the @, of the 64 there may be (RFC 5321 4.5.3.1.1). */
export function bounceAddressOf(token: string, bounceDomain: string): string {
  return `bounce+${token}@${bounceDomain}`;
}

/**
 * The delivery whose return path this is. Undefined for anything that was not made here: a stranger who invents a bounce closes
 * nobody's address. Its domain is not looked at, since BOUNCE_DOMAIN may have been another one when the mail left.
 */
export function readBounceAddress(keyring: Keyring, address: string): DeliveryId | undefined {
  const token = ADDRESS.exec(address)?.groups?.['token'];
  return token === undefined
    ? undefined
    : (readToken(keyring, 'bounce', Buffer.from(token, 'hex').toString('base64url')) as DeliveryId | undefined);
}
