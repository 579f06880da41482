import { expect, test } from 'vitest';
import { createAddressPolicy } from '../../../src/platform/http-fetch/index.ts';

const REFUSED = [
  ['0.0.0.0', 'unspecified'],
  ['10.1.2.3', 'private'],
  ['100.64.0.1', 'carrier-grade NAT'],
  ['127.0.0.1', 'loopback'],
  ['169.254.169.254', 'cloud metadata'],
  ['172.16.0.1', 'private'],
  ['192.0.0.8', 'protocol assignments'],
  ['192.0.2.1', 'documentation'],
  ['192.168.1.1', 'private'],
  ['198.18.0.1', 'benchmarking'],
  ['224.0.0.1', 'multicast'],
  ['240.0.0.1', 'reserved'],
  ['255.255.255.255', 'broadcast'],
  ['::', 'unspecified'],
  ['::1', 'loopback'],
  ['::7f00:1', 'IPv4-compatible loopback'],
  ['::ffff:127.0.0.1', 'mapped loopback'],
  ['::ffff:8.8.8.8', 'mapped public: nobody needs it'],
  ['64:ff9b::7f00:1', 'NAT64 of loopback'],
  ['64:ff9b:1::a00:1', 'local NAT64'],
  ['100::1', 'discard'],
  ['2001::1', 'Teredo'],
  ['2001:db8::1', 'documentation'],
  ['2002:7f00:1::', '6to4 of loopback'],
  ['fc00::1', 'unique local'],
  ['fe80::1', 'link-local'],
  ['fec0::1', 'site-local'],
  ['ff02::1', 'multicast'],
  ['not an address', 'nonsense'],
] as const;

test.each(REFUSED)('refuses %s (%s)', (address) => {
  expect(createAddressPolicy([])(address)).toBe(false);
});

test.each(['93.184.216.34', '8.8.8.8', '2606:2800:220:1:248:1893:25c8:1946'])('lets %s through', (address) => {
  expect(createAddressPolicy([])(address)).toBe(true);
});

test('opens exactly the ranges of FETCH_ALLOW, also for the mapped form', () => {
  const policy = createAddressPolicy(['127.0.0.0/8', 'fd12::/16']);
  expect(['127.0.0.1', '127.9.9.9', '::ffff:127.0.0.1', 'fd12::5'].map(policy)).toEqual([true, true, true, true]);
  expect(['10.0.0.1', '::1', 'fd13::5', '::ffff:10.0.0.1'].map(policy)).toEqual([false, false, false, false]);
});
