import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { createAddressPolicy, resolveWithSystem } from './address-policy.ts';
import type { AddressPolicy, ResolveHost } from './address-policy.ts';
import { describeFailure } from './describe-failure.ts';
import type { FetchOptions, FetchOutcome, Fetcher, FetchRefusal } from './fetch-outcome.ts';
import { ACCEPT_ENCODING, readBody } from './read-body.ts';
import { requestHop } from './request-hop.ts';

const MAX_REDIRECTS = 5;
const DEFAULT_MAX_BYTES = 5 * 1024 * 1024;
const DEFAULT_TOTAL_TIMEOUT_MS = 20_000;
const DEFAULT_IDLE_TIMEOUT_MS = 8000;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const PERMANENT = new Set([301, 308]);
const RETRYABLE_STATUS = new Set([408, 425, 429]);

interface FetcherDeps {
  /** FETCH_ALLOW. */
  readonly allow: readonly string[];
  /** Where people who see us in their logs can ask, e.g. the public address. */
  readonly contactUrl: string;
  readonly resolveHost?: ResolveHost;
}

/**
 * The one way out to addresses that other people chose (S18). Each hop is resolved once, vetted and pinned; https never
 * falls back to http; no cookies, no credentials, no shared connections.
 */
export function createFetcher(deps: FetcherDeps): Fetcher {
  const policy = createAddressPolicy(deps.allow);
  const resolveHost = deps.resolveHost ?? resolveWithSystem;
  return async (url, options = {}) => {
    const signal = AbortSignal.any([
      AbortSignal.timeout(options.totalTimeoutMs ?? DEFAULT_TOTAL_TIMEOUT_MS),
      ...(options.signal === undefined ? [] : [options.signal]),
    ]);
    try {
      return await followHops({ policy, resolveHost, contactUrl: deps.contactUrl }, url, options, signal);
    } catch (error) {
      return describeFailure(error, { caller: options.signal, all: signal });
    }
  };
}

interface HopDeps {
  readonly policy: AddressPolicy;
  readonly resolveHost: ResolveHost;
  readonly contactUrl: string;
}

async function followHops(
  deps: HopDeps,
  startUrl: string,
  options: FetchOptions,
  signal: AbortSignal,
): Promise<FetchOutcome> {
  let url = URL.parse(startUrl);
  let permanentUrl: string | undefined;
  let isPermanent = true;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    if (url === null) {
      return refused('url_invalid', 'this is not a valid address');
    }
    const vetted = await vet(deps, url, signal);
    if ('kind' in vetted) {
      return vetted;
    }
    const response = await requestHop(url, vetted.addresses, headersFor(deps, options), {
      signal,
      idleTimeoutMs: options.idleTimeoutMs ?? DEFAULT_IDLE_TIMEOUT_MS,
    });
    const status = response.statusCode ?? 0;
    if (!REDIRECTS.has(status)) {
      return finish(response, url, permanentUrl, options);
    }
    response.destroy();
    const target = URL.parse(response.headers.location ?? '', url.href);
    if (response.headers.location === undefined || target === null) {
      return failed('bad_redirect', `it answered ${status} without saying where to go`, false, status);
    }
    if (url.protocol === 'https:' && target.protocol === 'http:') {
      return refused('insecure_redirect', `it redirects from https to http (${target.host})`);
    }
    isPermanent &&= PERMANENT.has(status);
    permanentUrl = isPermanent ? target.href : permanentUrl;
    url = target;
  }
  return refused('too_many_redirects', `it redirects more than ${MAX_REDIRECTS} times`);
}

/** Checks the address and resolves it, once: what comes back is all that the request may connect to. */
async function vet(
  deps: HopDeps,
  url: URL,
  signal: AbortSignal,
): Promise<{ readonly addresses: readonly string[] } | FetchOutcome> {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return refused('scheme_not_allowed', `only http and https are fetched, not ${url.protocol}`);
  }
  if (url.username !== '' || url.password !== '') {
    return refused('credentials_in_url', 'an address with a user name or password in it is not fetched');
  }
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const found = isIP(hostname) === 0 ? await untilAborted(deps.resolveHost(hostname), signal) : [hostname];
  const addresses = found.filter(deps.policy);
  if (found.length === 0) {
    return failed('dns_failed', `${hostname} has no address`, true);
  }
  if (addresses.length === 0) {
    return refused('address_not_allowed', `${hostname} is not on the public internet (see FETCH_ALLOW)`);
  }
  return { addresses };
}

/** A system lookup cannot be cancelled; the fetch must end all the same. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function headersFor(deps: HopDeps, options: FetchOptions): Record<string, string> {
  return {
    'user-agent': `Courant (newsletter feed reader; +${deps.contactUrl})`,
    accept: options.accept ?? '*/*',
    'accept-encoding': ACCEPT_ENCODING,
    ...(options.etag === undefined ? {} : { 'if-none-match': options.etag }),
    ...(options.lastModified === undefined ? {} : { 'if-modified-since': options.lastModified }),
  };
}

async function finish(
  response: IncomingMessage,
  url: URL,
  permanentUrl: string | undefined,
  options: FetchOptions,
): Promise<FetchOutcome> {
  const status = response.statusCode ?? 0;
  if (status === 304) {
    response.destroy();
    return { kind: 'not-modified', permanentUrl, freshForSeconds: freshFor(response.headers['cache-control']) };
  }
  if (status < 200 || status > 299) {
    response.destroy();
    const retryable = status >= 500 || RETRYABLE_STATUS.has(status);
    const outcome = failed('http_status', `it answered ${status}`, retryable, status);
    return { ...outcome, ...retryAfter(response.headers['retry-after']) };
  }
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  const read = await readBody(response, maxBytes);
  if (read.kind === 'too-large') {
    return refused('too_large', `it is larger than ${Math.floor(maxBytes / 1024)} kB`);
  }
  if (read.kind === 'unsupported') {
    return failed('encoding_unsupported', `it is encoded as ${JSON.stringify(read.encoding.slice(0, 40))}`, false);
  }
  return {
    kind: 'ok',
    status,
    body: read.body,
    contentType: response.headers['content-type'],
    etag: response.headers.etag,
    lastModified: response.headers['last-modified'],
    finalUrl: url.href,
    permanentUrl,
    freshForSeconds: freshFor(response.headers['cache-control']),
  };
}

/** RFC 9111 5.2.2.1. What caches on the way already used up of it (Age) does not count: it bounds how often we ask. */
function freshFor(cacheControl: string | undefined): number | undefined {
  const seconds = /(?:^|[\s,])max-age="?(\d{1,9})/i.exec(cacheControl ?? '')?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}

/** Seconds or a date (RFC 9110 10.2.3); nonsense is ignored. */
function retryAfter(header: string | undefined): { retryAfterSeconds?: number } {
  if (header === undefined) {
    return {};
  }
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) && seconds > 0 ? { retryAfterSeconds: Math.ceil(seconds) } : {};
}

function refused(reason: FetchRefusal, message: string): FetchOutcome {
  return { kind: 'refused', reason, message };
}

function failed(
  reason: Extract<FetchOutcome, { kind: 'failed' }>['reason'],
  message: string,
  retryable: boolean,
  status?: number,
): FetchOutcome {
  return { kind: 'failed', reason, message, retryable, ...(status === undefined ? {} : { status }) };
}
