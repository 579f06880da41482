import { domainToASCII } from 'node:url';

/** One key of one domain. Its private half is not part of it. */
export interface DkimKey {
  readonly id: number;
  readonly domain: string;
  readonly selector: string;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
  readonly createdAt: Date;
  /** It signs the mails made from then on … */
  readonly signsFrom: Date;
  /** … until then. */
  readonly retiredAt: Date | null;
}

export const DKIM_KEY_STATES = ['waiting', 'signing', 'replaced', 'retired'] as const;
export type DkimKeyState = (typeof DKIM_KEY_STATES)[number];

/**
 * How long after it was made a key begins to sign, and after it was retired it ends: every worker has heard of it by then, so that
 * all of them sign a mail, and each retry of it, with the same key.
 */
export const NEWS_DELAY_MS = 10_000;

/**
 * The newest key of the domain that signed at that moment: asked with the time a delivery was made, a retry is signed as the
 * first try was, whatever happened since. `keys` of one domain, in any order.
 */
export function keyInUseAt<Key extends Pick<DkimKey, 'id' | 'signsFrom' | 'retiredAt'>>(
  keys: readonly Key[],
  at: Date,
): Key | undefined {
  let newest: Key | undefined;
  for (const key of keys) {
    const isInUse = key.signsFrom <= at && (key.retiredAt === null || key.retiredAt > at);
    if (isInUse && (newest === undefined || isNewer(key, newest))) {
      newest = key;
    }
  }
  return newest;
}

function isNewer(one: Pick<DkimKey, 'id' | 'signsFrom'>, other: Pick<DkimKey, 'id' | 'signsFrom'>): boolean {
  const difference = one.signsFrom.getTime() - other.signsFrom.getTime();
  return difference > 0 || (difference === 0 && one.id > other.id);
}

/** `replaced`: a newer one signs in its place. */
export function stateOfKey(key: DkimKey, keysOfDomain: readonly DkimKey[], now: Date): DkimKeyState {
  if (key.retiredAt !== null && key.retiredAt <= now) {
    return 'retired';
  }
  if (key.signsFrom > now) {
    return 'waiting';
  }
  return keyInUseAt(keysOfDomain, now)?.id === key.id ? 'signing' : 'replaced';
}

const DOMAIN = /^(?=.{1,253}$)(?!-)[a-z\d-]{1,63}(?<!-)(?:\.(?!-)[a-z\d-]{1,63}(?<!-))+$/;
const SELECTOR = /^(?=.{1,63}$)[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]*[a-z\d])?)*$/;

/** As in d=: lower case, A-labels. Undefined for what is no domain of a mail address. */
export function parseMailDomain(text: string): string | undefined {
  const domain = /[%/?#:@\s]/.test(text) ? '' : domainToASCII(text).toLowerCase();
  return DOMAIN.test(domain) ? domain : undefined;
}

/** As in s=: one or more labels (RFC 6376 3.1). Undefined for anything else. */
export function parseSelector(text: string): string | undefined {
  const selector = text.toLowerCase();
  return SELECTOR.test(selector) ? selector : undefined;
}
