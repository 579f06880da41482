import { request as requestHttp } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIPv6 } from 'node:net';
import type { LookupFunction } from 'node:net';

export class IdleTimeout extends Error {}

/**
 * A lookup that knows only the vetted addresses: the socket cannot go anywhere else, whatever DNS says a moment later
 * (rebinding). Given all of them, Node tries IPv4 and IPv6 in turn.
 */
function pinnedLookup(addresses: readonly string[]): LookupFunction {
  const pinned = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  return (_hostname, options, callback) => {
    const first = pinned[0];
    if (options.all === true) {
      callback(null, [...pinned]);
    } else if (first === undefined) {
      callback(Object.assign(new Error('no vetted address'), { code: 'ENOTFOUND' }), '', 0);
    } else {
      callback(null, first.address, first.family);
    }
  };
}

/**
 * One GET to one vetted host; redirects are the caller's. A connection of its own each time (`agent: false`): a pooled
 * socket would have been vetted for another request.
 */
export function requestHop(
  url: URL,
  addresses: readonly string[],
  headers: OutgoingHttpHeaders,
  options: { readonly signal: AbortSignal; readonly idleTimeoutMs: number },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const request = send(url, {
      method: 'GET',
      agent: false,
      headers,
      lookup: pinnedLookup(addresses),
      signal: options.signal,
      timeout: options.idleTimeoutMs,
    });
    let response: IncomingMessage | undefined;
    // Once there is a response, destroying the request would only look like a cut connection to whoever reads the body.
    request.on('timeout', () => (response ?? request).destroy(new IdleTimeout('no byte arrived in time')));
    request.on('error', reject);
    request.on('response', (received) => {
      response = received;
      resolve(received);
    });
    request.end();
  });
}
