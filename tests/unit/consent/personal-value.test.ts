import { describe, expect, it } from 'vitest';
import { saltValue, shortenIp } from '../../../src/consent/index.ts';
import { digestValue } from '../../../src/consent/personal-value.ts';
import { createSeededRandom } from '../../support/seeded-random.ts';

describe('shortenIp', () => {
  it.each([
    ['192.0.2.77', '192.0.2.0/24'],
    ['0.0.0.0', '0.0.0.0/24'],
    ['::ffff:192.0.2.77', '192.0.2.0/24'],
    ['::FFFF:192.0.2.77', '192.0.2.0/24'],
    ['2001:db8:85a3:8d3:1319:8a2e:370:7348', '2001:db8:85a3::/48'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1::/48'],
    ['2001:db8::1', '2001:db8:0::/48'],
    ['::1', '0:0:0::/48'],
    ['::', '0:0:0::/48'],
    ['fe80::1%eth0', 'fe80:0:0::/48'],
    ['1::8', '1:0:0::/48'],
    ['1:2:3:4:5:6:7::', '1:2:3::/48'],
  ])('keeps of %s only the network %s', (ip, network) => {
    expect(shortenIp(ip)).toBe(network);
  });

  it.each([undefined, '', 'unknown', '192.0.2', '192.0.2.300', '2001:db8::1::2', '192.0.2.1, 198.51.100.7'])(
    'keeps nothing of %j',
    (ip) => {
      expect(shortenIp(ip)).toBeNull();
    },
  );
});

describe('saltValue', () => {
  it('ties a value to its digest by a salt of its own', () => {
    const random = createSeededRandom('salts');

    const [one, other] = [saltValue(random, 'reader@example.org'), saltValue(random, 'reader@example.org')];

    expect(one.salt).toHaveLength(16);
    expect(one.digest?.toString('hex')).toBe(digestValue(one.salt ?? Buffer.alloc(0), 'reader@example.org'));
    expect(one.digest).not.toEqual(other.digest);
  });

  it('leaves nothing where there is no value', () => {
    expect(saltValue(createSeededRandom('salts'), null)).toEqual({ value: null, salt: null, digest: null });
  });
});
