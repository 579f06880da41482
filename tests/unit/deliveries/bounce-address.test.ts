import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bounceAddressOf, bounceTokenOf, readBounceAddress } from '../../../src/deliveries/index.ts';
import type { DeliveryId } from '../../../src/shared/ids.ts';
import { createKeyring, deriveToken } from '../../../src/shared/keyring.ts';

const OLD = 'the first secret of the tests, long enough to pass';
const NEW = 'the second secret of the tests, long enough to pass';
const DOMAIN = 'bounces.example.org';

const ring = createKeyring([OLD]);
const ids = fc.integer({ min: 1, max: 2 ** 48 - 1 }).map((id) => id as DeliveryId);
const addressOf = (id: DeliveryId, keyring = ring, keyId = keyring.signingKeyId): string =>
  bounceAddressOf(bounceTokenOf({ id, keyId }, keyring), DOMAIN);

describe('a return path', () => {
  it('gives back the delivery it was made for, in at most 64 octets before the @ (R12)', () => {
    fc.assert(
      fc.property(ids, (id) => {
        const address = addressOf(id);

        expect(address).toMatch(/^bounce\+[\da-f]{48}@bounces\.example\.org$/);
        expect(address.indexOf('@')).toBeLessThanOrEqual(64);
        expect(readBounceAddress(ring, address)).toBe(id);
      }),
    );
  });

  it('is the same at each try, and one for each delivery (R12)', () => {
    const id = 7 as DeliveryId;

    expect(addressOf(id, createKeyring([OLD]))).toBe(addressOf(id));
    expect(addressOf(8 as DeliveryId)).not.toBe(addressOf(id));
  });

  it('is still known after a server on the way folded its case, and after BOUNCE_DOMAIN was changed', () => {
    const address = addressOf(7 as DeliveryId);

    expect(readBounceAddress(ring, address.toUpperCase())).toBe(7);
    expect(readBounceAddress(ring, address.replace(DOMAIN, 'returns.example.net'))).toBe(7);
  });

  it('is known as long as its key is in the list', () => {
    const address = addressOf(7 as DeliveryId);

    expect(readBounceAddress(createKeyring([NEW, OLD]), address)).toBe(7);
    expect(readBounceAddress(createKeyring([NEW]), address)).toBeUndefined();
  });

  it('is nothing when a single digit of it was changed (R12)', () => {
    fc.assert(
      fc.property(ids, fc.nat({ max: 47 }), fc.integer({ min: 1, max: 15 }), (id, place, step) => {
        const address = addressOf(id);
        const at = 'bounce+'.length + place;
        const digit = ((Number.parseInt(address.charAt(at), 16) + step) % 16).toString(16);

        expect(readBounceAddress(ring, `${address.slice(0, at)}${digit}${address.slice(at + 1)}`)).toBeUndefined();
      }),
    );
  });

  it.each([
    ['another address', 'news@example.org'],
    ['no token', `bounce+@${DOMAIN}`],
    ['a short token', `bounce+${'0'.repeat(47)}@${DOMAIN}`],
    ['a long token', addressOf(7 as DeliveryId).replace('@', '00@')],
    ['something before it', `x${addressOf(7 as DeliveryId)}`],
    ['no domain', addressOf(7 as DeliveryId).replace(/@.*/, '')],
    ['zeros', `bounce+${'0'.repeat(48)}@${DOMAIN}`],
  ])('is nothing with %s (R12)', (_, address) => {
    expect(readBounceAddress(ring, address)).toBeUndefined();
  });

  it('cannot be made from a link of the mail: tokens of another purpose are none', () => {
    const token = Buffer.from(deriveToken(ring, 'unsubscribe', 7), 'base64url').toString('hex');

    expect(readBounceAddress(ring, bounceAddressOf(token, DOMAIN))).toBeUndefined();
  });
});
