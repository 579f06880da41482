import { hash } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import type { Random } from '../shared/random.ts';

/** A personal value with the salt that ties it to the digest in a consent record; both can be deleted without breaking the chain. */
export interface SaltedValue {
  readonly value: string | null;
  readonly salt: Buffer | null;
  /** SHA-256(salt, value). Each value has a salt of its own, so that retention may delete one and keep another. */
  readonly digest: Buffer | null;
}

/** What stands behind the digests of a record; each can be erased by itself. */
export const PERSONAL_FIELDS = ['address', 'ip', 'agent', 'evidence'] as const;
export type PersonalField = (typeof PERSONAL_FIELDS)[number];

const SALT_BYTES = 16;
const NOTHING: SaltedValue = { value: null, salt: null, digest: null };

export function saltValue(random: Random, value: string | null): SaltedValue {
  if (value === null) {
    return NOTHING;
  }
  const salt = random.bytes(SALT_BYTES);
  return { value, salt, digest: Buffer.from(digestValue(salt, value), 'hex') };
}

/** SHA-256(salt, value) in hex. */
export function digestValue(salt: Buffer, value: string): string {
  return hash('sha256', Buffer.concat([salt, Buffer.from(value, 'utf8')]), 'hex');
}

/** An address of the network, not of the person: /24 for IPv4, /48 for IPv6. Null for anything that is no address. */
export function shortenIp(ip: string | undefined): string | null {
  const plain = ip?.replace(/^::ffff:(?=\d+\.)/i, '') ?? '';
  if (isIPv4(plain)) {
    return `${plain.split('.').slice(0, 3).join('.')}.0/24`;
  }
  if (!isIPv6(plain)) {
    return null;
  }
  const [head = '', tail = ''] = plain.split('%', 1)[0]?.split('::') ?? [];
  const left = head.split(':').filter((group) => group !== '');
  const right = tail.split(':').filter((group) => group !== '');
  const zeros = plain.includes('::')
    ? Array.from({ length: Math.max(8 - left.length - right.length, 0) }, () => '0')
    : [];
  const groups = [...left, ...zeros, ...right].slice(0, 3).map((group) => Number.parseInt(group, 16).toString(16));
  return `${groups.join(':')}::/48`;
}
