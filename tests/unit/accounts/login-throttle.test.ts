import { expect, it } from 'vitest';
import { LOGIN_LIMITS, networkOf } from '../../../src/accounts/login-throttle.ts';

it('doubles the wait after the free tries and stops at the longest', () => {
  expect(LOGIN_LIMITS.account.delaysSeconds).toEqual([0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900]);
  expect(LOGIN_LIMITS.device.delaysSeconds.at(-1)).toBe(60);
});

it.each([
  ['203.0.113.9', '203.0.113.9'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::9', '2001:db8:1:2'],
  ['2001:0DB8:0001:0002:ffff::1', '2001:db8:1:2'],
  ['::1', '0:0:0:0'],
  ['not an address', 'unknown'],
])('counts %s as %s', (ip, network) => {
  expect(networkOf(ip)).toBe(network);
});

it('gives one household one limit, and its neighbour another', () => {
  expect(networkOf('2001:db8:1:2::1')).toBe(networkOf('2001:db8:1:2:aaaa::2'));
  expect(networkOf('2001:db8:1:2::1')).not.toBe(networkOf('2001:db8:1:3::1'));
});
