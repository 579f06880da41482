import { createPrivateKey, generateKeyPair } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { unavailable } from '../shared/app-error.ts';
import type { AppError } from '../shared/app-error.ts';
import { openSealedSecret, sealSecret } from '../shared/keyring.ts';
import type { Keyring, SealedSecret } from '../shared/keyring.ts';
import type { Random } from '../shared/random.ts';
import type { SealedDkimKey } from './dkim-keys.repository.ts';

/** RFC 8301: 2048 bits should be used; 4096 does not fit into one UDP answer. */
const MODULUS_BITS = 2048;

interface KeyName {
  readonly domain: string;
  readonly selector: string;
}

export interface NewKeyPair {
  readonly publicKey: Buffer;
  readonly sealed: SealedSecret;
}

export async function makeKeyPair(
  deps: { readonly keyring: Keyring; readonly random: Random },
  name: KeyName,
): Promise<NewKeyPair> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: MODULUS_BITS });
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
    sealed: sealSecret(deps, contextOf(name), privateKey.export({ type: 'pkcs8', format: 'der' })),
  };
}

/** @throws AppError `dkim_key_unreadable` */
export function openPrivateKey(keyring: Keyring, key: SealedDkimKey): KeyObject {
  const der = openSealedSecret(keyring, contextOf(key), key.sealed);
  if (der === undefined) {
    throw unreadable(key);
  }
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

/** Retryable: the mail waits until somebody has put the secret back. Unsigned it would not be the mail it is to be. */
function unreadable({ domain, selector }: KeyName): AppError {
  return unavailable(
    'dkim_key_unreadable',
    `the DKIM key ${selector} of ${domain} was sealed under a secret that SECRET_KEY no longer lists; add that secret again, behind the first`,
  );
}

function contextOf({ domain, selector }: KeyName): string {
  return `dkim/${domain}/${selector}`;
}
