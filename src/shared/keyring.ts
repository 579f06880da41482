import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  timingSafeEqual,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { settingError } from './app-error.ts';
import type { AddressKey } from './email-address.ts';
import type { Random } from './random.ts';

/** What a token in a mail may do. One byte on the wire; never renumber. */
export const TOKEN_PURPOSES = {
  confirm: 1,
  unsubscribe: 2,
  preferences: 3,
  'not-me': 4,
  rejoin: 5,
  'verify-admin': 6,
  'form-token': 7,
  'signup-status': 8,
  'login-device': 9,
  'preference-link': 10,
  'address-change': 11,
  'accept-terms': 12,
  'confirm-page': 13,
  'more-page': 14,
  bounce: 15,
} as const;
export type TokenPurpose = keyof typeof TOKEN_PURPOSES;

const MAC_BYTES = 16;
const ID_BYTES = 6;
const TOKEN_BYTES = ID_BYTES + 1 + 1 + MAC_BYTES;
const TIME_BYTES = 6;
const MOMENT_TOKEN_BYTES = TOKEN_BYTES + TIME_BYTES;

interface Key {
  readonly id: number;
  // Key objects: an HMAC with bytes as its key takes four times as long, and a sign-up takes five of them.
  readonly tokens: KeyObject;
  readonly suppressions: KeyObject;
  readonly seals: KeyObject;
  readonly storedSecrets: KeyObject;
  readonly challenges: Buffer;
  readonly check: string;
}

/** The keys derived from `SECRET_KEY`. The first secret signs, all verify. Built once, immutable. */
export interface Keyring {
  readonly signingKeyId: number;
  readonly keys: ReadonlyMap<number, Key>;
}

/**
 * Derives the subkeys (HKDF-SHA256, RFC 5869). The key id is taken from the secret itself, so that the order of the list
 * may change without touching a mail that has left.
 * @throws AppError `setting_invalid` when a secret is shorter than 32 characters or two secrets share an id.
 */
export function createKeyring(secrets: readonly string[]): Keyring {
  const keys = new Map<number, Key>();
  let signingKeyId: number | undefined;
  for (const secret of secrets) {
    if (secret.length < 32) {
      throw settingError('SECRET_KEY', 'each key needs at least 32 characters; make one with: openssl rand -base64 48');
    }
    const key = deriveKey(secret);
    if (keys.has(key.id)) {
      throw settingError('SECRET_KEY', 'two of the keys are the same or share an id; replace the newer one');
    }
    keys.set(key.id, key);
    signingKeyId ??= key.id;
  }
  if (signingKeyId === undefined) {
    throw settingError('SECRET_KEY', 'is empty; make one with: openssl rand -base64 48');
  }
  return { signingKeyId, keys };
}

function deriveKey(secret: string): Key {
  const subkey = (info: string): Buffer => Buffer.from(hkdfSync('sha256', secret, '', `courant/${info}`, 32));
  return {
    id: subkey('key-id').readUInt8(0),
    tokens: createSecretKey(subkey('tokens')),
    suppressions: createSecretKey(subkey('suppressions')),
    seals: createSecretKey(subkey('seals')),
    storedSecrets: createSecretKey(subkey('stored-secrets')),
    challenges: subkey('challenges'),
    check: subkey('check').toString('base64url'),
  };
}

function keyOf(keyring: Keyring, keyId: number): Key {
  const key = keyring.keys.get(keyId);
  if (key === undefined) {
    throw settingError(
      'SECRET_KEY',
      `key ${keyId} signed mails that have left, but it is not in the list; add it again`,
    );
  }
  return key;
}

/** What signs and verifies proof-of-work challenges, the signing key first: one that was handed out outlives a change of keys. */
export function challengeSecrets(keyring: Keyring): readonly string[] {
  const others = [...keyring.keys.keys()].filter((keyId) => keyId !== keyring.signingKeyId);
  return [keyring.signingKeyId, ...others].map((keyId) => keyOf(keyring, keyId).challenges.toString('hex'));
}

/** A value that tells later whether this secret was in use; safe to store. */
export function keyCheckValue(keyring: Keyring, keyId: number): string {
  return keyOf(keyring, keyId).check;
}

/**
 * HMAC of an address for suppressions, limits and imports: recognises an address that was erased.
 * `keyId` chooses the key; the suppression list is looked up under every key of the ring.
 */
export function hashAddress(keyring: Keyring, key: AddressKey, keyId: number = keyring.signingKeyId): Buffer {
  return createHmac('sha256', keyOf(keyring, keyId).suppressions).update(key).digest();
}

export interface AddressHash {
  readonly keyId: number;
  readonly hash: Buffer;
}

/** The same under every key of the ring, the signing key first: what was closed or counted before a change of keys is found. */
export function hashAddressUnderAll(keyring: Keyring, key: AddressKey): readonly AddressHash[] {
  const others = [...keyring.keys.keys()].filter((keyId) => keyId !== keyring.signingKeyId);
  return [keyring.signingKeyId, ...others].map((keyId) => ({ keyId, hash: hashAddress(keyring, key, keyId) }));
}

/** HMAC of what a rate limit counts (an address, a network), so that its table tells neither. */
export function hashForLimit(keyring: Keyring, limit: string, value: string): Buffer {
  return createHmac('sha256', keyOf(keyring, keyring.signingKeyId).suppressions)
    .update(`limit/${limit}/${value}`)
    .digest();
}

function mac(key: Key, body: Buffer): Buffer {
  return createHmac('sha256', key.tokens).update(body).digest().subarray(0, MAC_BYTES);
}

/**
 * A token for a mail: base64url(row id, purpose, key id, MAC of 128 bits). Derived, not stored: the same row gives the
 * same token at each retry, and the state of the row decides what it may do (R3).
 */
export function deriveToken(
  keyring: Keyring,
  purpose: TokenPurpose,
  rowId: number,
  keyId: number = keyring.signingKeyId,
): string {
  const body = Buffer.alloc(ID_BYTES + 2);
  body.writeUIntBE(rowId, 0, ID_BYTES);
  body.writeUInt8(TOKEN_PURPOSES[purpose], ID_BYTES);
  body.writeUInt8(keyId, ID_BYTES + 1);
  return Buffer.concat([body, mac(keyOf(keyring, keyId), body)]).toString('base64url');
}

/** The row id of a genuine token made for this purpose; undefined for anything else. Constant-time in the MAC. */
export function readToken(keyring: Keyring, purpose: TokenPurpose, token: string): number | undefined {
  if (!/^[\w-]{32}$/.test(token)) {
    return undefined;
  }
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== TOKEN_BYTES || bytes.readUInt8(ID_BYTES) !== TOKEN_PURPOSES[purpose]) {
    return undefined;
  }
  const key = keyring.keys.get(bytes.readUInt8(ID_BYTES + 1));
  if (key === undefined) {
    return undefined;
  }
  const body = bytes.subarray(0, ID_BYTES + 2);
  return timingSafeEqual(mac(key, body), bytes.subarray(ID_BYTES + 2)) ? body.readUIntBE(0, ID_BYTES) : undefined;
}

/** HMAC over the hash of a seal of consent records: who has the database but no key cannot make the chain again. */
export function signSeal(keyring: Keyring, sealHash: Buffer, keyId: number = keyring.signingKeyId): Buffer {
  return createHmac('sha256', keyOf(keyring, keyId).seals).update(sealHash).digest();
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface SealedSecret {
  readonly keyId: number;
  /** Nonce, ciphertext, tag. */
  readonly bytes: Buffer;
}

/** For a secret of ours that must be stored: useless without `SECRET_KEY`. `context` names its row, so that no other row can hold it. */
export function sealSecret(
  { keyring, random }: { readonly keyring: Keyring; readonly random: Random },
  context: string,
  secret: Buffer,
): SealedSecret {
  const nonce = random.bytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, keyOf(keyring, keyring.signingKeyId).storedSecrets, nonce);
  cipher.setAAD(Buffer.from(context));
  const sealed = Buffer.concat([cipher.update(secret), cipher.final()]);
  return { keyId: keyring.signingKeyId, bytes: Buffer.concat([nonce, sealed, cipher.getAuthTag()]) };
}

/** Undefined when the secret it was sealed under is not in the ring, or the bytes are not what was stored for this row. */
export function openSealedSecret(
  keyring: Keyring,
  context: string,
  { keyId, bytes }: SealedSecret,
): Buffer | undefined {
  const key = keyring.keys.get(keyId);
  if (key === undefined || bytes.length < NONCE_BYTES + TAG_BYTES) {
    return undefined;
  }
  const decipher = createDecipheriv(CIPHER, key.storedSecrets, bytes.subarray(0, NONCE_BYTES));
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** What a moment token is about: a row as it was at a moment, to the millisecond. */
export interface Moment {
  readonly rowId: number;
  readonly at: Date;
}

/**
 * A token for one moment of a row: the page that was shown at that time, the leaving that was recorded then. Unlike the token of
 * a mail it does not come back when the same thing happens again.
 */
export function deriveMomentToken(keyring: Keyring, purpose: TokenPurpose, { rowId, at }: Moment): string {
  const body = Buffer.alloc(ID_BYTES + TIME_BYTES + 2);
  body.writeUIntBE(rowId, 0, ID_BYTES);
  body.writeUIntBE(at.getTime(), ID_BYTES, TIME_BYTES);
  body.writeUInt8(TOKEN_PURPOSES[purpose], ID_BYTES + TIME_BYTES);
  body.writeUInt8(keyring.signingKeyId, ID_BYTES + TIME_BYTES + 1);
  return Buffer.concat([body, mac(keyOf(keyring, keyring.signingKeyId), body)]).toString('base64url');
}

/** The moment of a genuine token made for this purpose; undefined for anything else. Constant-time in the MAC. */
export function readMomentToken(keyring: Keyring, purpose: TokenPurpose, token: string): Moment | undefined {
  if (!/^[\w-]{40}$/.test(token)) {
    return undefined;
  }
  const bytes = Buffer.from(token, 'base64url');
  const body = bytes.subarray(0, MOMENT_TOKEN_BYTES - MAC_BYTES);
  const key = keyring.keys.get(body.readUInt8(ID_BYTES + TIME_BYTES + 1));
  const isGenuine =
    key !== undefined &&
    body.readUInt8(ID_BYTES + TIME_BYTES) === TOKEN_PURPOSES[purpose] &&
    timingSafeEqual(mac(key, body), bytes.subarray(MOMENT_TOKEN_BYTES - MAC_BYTES));
  return isGenuine
    ? { rowId: body.readUIntBE(0, ID_BYTES), at: new Date(body.readUIntBE(ID_BYTES, TIME_BYTES)) }
    : undefined;
}

/** An id for public headers that is stable per row and tells nobody how many rows there are. */
export function deriveOpaqueId(keyring: Keyring, use: 'message-id', rowId: number, keyId: number): string {
  return createHmac('sha256', keyOf(keyring, keyId).tokens).update(`${use}:${rowId}`).digest('hex').slice(0, 32);
}

/** For secrets with 128 bits or more of randomness: a plain hash is enough to keep them useless at rest. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
