import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/shared/app-error.ts';
import { parseEmailAddress } from '../../../src/shared/email-address.ts';
import type { AddressKey } from '../../../src/shared/email-address.ts';
import {
  createKeyring,
  deriveMomentToken,
  deriveOpaqueId,
  deriveToken,
  hashAddress,
  hashForLimit,
  keyCheckValue,
  readMomentToken,
  readToken,
  TOKEN_PURPOSES,
} from '../../../src/shared/keyring.ts';
import type { TokenPurpose } from '../../../src/shared/keyring.ts';

const OLD = 'the first secret of the tests, long enough to pass';
const NEW = 'the second secret of the tests, long enough to pass';
const PURPOSES = Object.keys(TOKEN_PURPOSES) as TokenPurpose[];
const MAX_ROW_ID = 2 ** 48 - 1;

const ring = createKeyring([OLD]);
const purposes = fc.constantFrom(...PURPOSES);
const rowIds = fc.integer({ min: 0, max: MAX_ROW_ID });

describe('a token of a mail', () => {
  it('gives back the row it was derived for, whatever the row and the purpose', () => {
    fc.assert(
      fc.property(purposes, rowIds, (purpose, rowId) => {
        const token = deriveToken(ring, purpose, rowId);

        expect(token).toMatch(/^[\w-]{32}$/);
        expect(readToken(ring, purpose, token)).toBe(rowId);
      }),
    );
  });

  it('is the same at each retry', () => {
    expect(deriveToken(createKeyring([OLD]), 'confirm', 7)).toBe(deriveToken(ring, 'confirm', 7));
  });

  it('is worth nothing for any other purpose', () => {
    for (const purpose of PURPOSES) {
      const token = deriveToken(ring, purpose, 7);
      const readable = PURPOSES.filter((other) => readToken(ring, other, token) !== undefined);

      expect(readable).toEqual([purpose]);
    }
  });

  it('is refused when a single bit of it was changed', () => {
    fc.assert(
      fc.property(purposes, rowIds, fc.nat({ max: 24 * 8 - 1 }), (purpose, rowId, bit) => {
        const bytes = Buffer.from(deriveToken(ring, purpose, rowId), 'base64url');
        bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);

        expect(readToken(ring, purpose, bytes.toString('base64url'))).toBeUndefined();
      }),
    );
  });

  it('is refused when it is anything else than a token', () => {
    fc.assert(
      fc.property(purposes, fc.oneof(fc.string({ maxLength: 100 }), fc.base64String()), (purpose, text) => {
        expect(readToken(ring, purpose, text)).toBeUndefined();
      }),
    );
    const token = deriveToken(ring, 'confirm', 7);
    for (const spoilt of ['', token.slice(1), `${token}A`, ` ${token}`, `${token}\n`, token.replace(/^./, '=')]) {
      expect(readToken(ring, 'confirm', spoilt)).toBeUndefined();
    }
  });
});

describe('a token of a moment', () => {
  const moments = fc.record({
    rowId: rowIds,
    at: fc.date({ min: new Date(0), max: new Date(9e12), noInvalidDate: true }),
  });

  it('gives back row and time, for its own purpose only', () => {
    fc.assert(
      fc.property(purposes, moments, (purpose, moment) => {
        const token = deriveMomentToken(ring, purpose, moment);

        expect(token).toMatch(/^[\w-]{40}$/);
        expect(readMomentToken(ring, purpose, token)).toEqual(moment);
        for (const other of PURPOSES.filter((one) => one !== purpose)) {
          expect(readMomentToken(ring, other, token)).toBeUndefined();
        }
        expect(readToken(ring, purpose, token)).toBeUndefined();
      }),
    );
  });

  it('is refused when a single bit of it was changed, and when it is anything else than a token', () => {
    fc.assert(
      fc.property(
        purposes,
        moments,
        fc.nat({ max: 30 * 8 - 1 }),
        fc.string({ maxLength: 60 }),
        (purpose, moment, bit, text) => {
          const bytes = Buffer.from(deriveMomentToken(ring, purpose, moment), 'base64url');
          bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);

          expect(readMomentToken(ring, purpose, bytes.toString('base64url'))).toBeUndefined();
          expect(readMomentToken(ring, purpose, text)).toBeUndefined();
          expect(readMomentToken(ring, purpose, deriveToken(ring, purpose, moment.rowId))).toBeUndefined();
        },
      ),
    );
  });

  it('is known under every key of the ring', () => {
    const moment = { rowId: 7, at: new Date(1_795_000_000_000) };
    const token = deriveMomentToken(ring, 'rejoin', moment);

    expect(readMomentToken(createKeyring([NEW, OLD]), 'rejoin', token)).toEqual(moment);
    expect(readMomentToken(createKeyring([NEW]), 'rejoin', token)).toBeUndefined();
  });
});

describe('a rotated SECRET_KEY', () => {
  const rotated = createKeyring([NEW, OLD]);

  it('signs with the first key and still reads what an older one signed', () => {
    const old = deriveToken(ring, 'unsubscribe', 7);

    expect(readToken(rotated, 'unsubscribe', old)).toBe(7);
    expect(deriveToken(rotated, 'unsubscribe', 7)).not.toBe(old);
    expect(readToken(rotated, 'unsubscribe', deriveToken(rotated, 'unsubscribe', 7))).toBe(7);
  });

  it('derives the token of a mail under the key that the mail was planned with', () => {
    expect(deriveToken(rotated, 'confirm', 7, ring.signingKeyId)).toBe(deriveToken(ring, 'confirm', 7));
    expect(deriveOpaqueId(rotated, 'message-id', 7, ring.signingKeyId)).toBe(
      deriveOpaqueId(ring, 'message-id', 7, ring.signingKeyId),
    );
  });

  it('recognises an address that was hashed under the older key', () => {
    const key = parseEmailAddress('Reader@Example.org')?.key ?? ('' as AddressKey);

    expect(hashAddress(rotated, key, ring.signingKeyId)).toEqual(hashAddress(ring, key));
    expect(hashAddress(rotated, key)).not.toEqual(hashAddress(ring, key));
  });

  it('reads nothing of a key that is not in the list, and says which one is missing', () => {
    const foreign = createKeyring([NEW]);

    expect(readToken(foreign, 'confirm', deriveToken(ring, 'confirm', 7))).toBeUndefined();
    expect(() => deriveToken(foreign, 'confirm', 7, ring.signingKeyId)).toThrow(
      new RegExp(`^SECRET_KEY: key ${ring.signingKeyId} .*add it again`),
    );
  });
});

describe('createKeyring', () => {
  it.each([
    { secrets: [], says: /^SECRET_KEY: is empty/ },
    { secrets: ['too short'], says: /^SECRET_KEY: each key needs at least 32 characters/ },
    { secrets: [OLD, 'too short'], says: /^SECRET_KEY: each key needs at least 32 characters/ },
    { secrets: [OLD, OLD], says: /^SECRET_KEY: two of the keys are the same/ },
  ])('refuses $secrets.length unusable keys with what to do', ({ secrets, says }) => {
    expect(() => createKeyring(secrets)).toThrow(AppError);
    expect(() => createKeyring(secrets)).toThrow(says);
  });

  it('gives a check value that differs for each secret and tells nothing of it', () => {
    const other = createKeyring([NEW]);

    expect(keyCheckValue(ring, ring.signingKeyId)).not.toBe(keyCheckValue(other, other.signingKeyId));
    expect(keyCheckValue(ring, ring.signingKeyId)).not.toContain(OLD);
  });

  it('hashes what a limit counts apart from the suppressions of the same address', () => {
    const key = parseEmailAddress('reader@example.org')?.key ?? ('' as AddressKey);

    expect(hashForLimit(ring, 'address', key)).not.toEqual(hashAddress(ring, key));
    expect(hashForLimit(ring, 'address', key)).not.toEqual(hashForLimit(ring, 'network', key));
  });
});
