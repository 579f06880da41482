import express from 'express';
import { describe, expect, it } from 'vitest';
import { readClientAddress } from '../../../src/http/index.ts';
import type { ClientAddress, ClientRequest } from '../../../src/http/index.ts';

/** A request as Express reads it, from a peer of our choice. */
function addressOf(
  peer: string,
  headers: Record<string, string>,
  trustProxy: boolean | number | string,
): ClientAddress {
  const app = express();
  app.set('trust proxy', trustProxy);
  const request = { socket: { remoteAddress: peer }, connection: { remoteAddress: peer }, headers, app };
  return readClientAddress(Object.setPrototypeOf(request, app.request) as ClientRequest);
}

describe('where a request came from (A5)', () => {
  const forwarded = { 'x-forwarded-for': '203.0.113.9' };

  it.each([
    ['a reader on the internet', '198.51.100.7', {}, false, '198.51.100.7', '198.51.100.7', false],
    ['a reader who claims to be another', '198.51.100.7', forwarded, false, '198.51.100.7', '198.51.100.7', true],
    ['a reader behind a proxy that is named', '127.0.0.1', forwarded, 'loopback', '203.0.113.9', '203.0.113.9', false],
    ['a reader behind one hop', '10.0.0.5', forwarded, 1, '203.0.113.9', '203.0.113.9', false],
    [
      'a reader in a private network, by a proxy that is named',
      '127.0.0.1',
      { 'x-forwarded-for': '10.1.2.3' },
      'loopback',
      '10.1.2.3',
      '10.1.2.3',
      false,
    ],
    ['a proxy on this machine that nobody named', '127.0.0.1', forwarded, false, null, null, true],
    ['a proxy in the container network that nobody named', '::ffff:172.17.0.1', forwarded, false, null, null, true],
    ['a proxy in a ULA that nobody named', 'fd00::1', { forwarded: 'for=203.0.113.9' }, false, null, null, true],
    ['a program of this machine', '127.0.0.1', {}, false, '127.0.0.1', null, false],
    ['a program of this machine, where proxies are named', '127.0.0.1', {}, 'loopback', '127.0.0.1', null, false],
  ])('of %s', (_who, peer, headers, trustProxy, ip, limitIp, isUntrustedForward) => {
    expect(addressOf(peer, headers, trustProxy)).toEqual({ ip, limitIp, isUntrustedForward });
  });
});
