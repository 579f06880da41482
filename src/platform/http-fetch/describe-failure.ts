import type { FetchFailure, FetchOutcome } from './fetch-outcome.ts';
import { IdleTimeout } from './request-hop.ts';

const DNS_CODES = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'ENODATA', 'ESERVFAIL', 'ETIMEOUT']);
const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EPIPE',
  'ETIMEDOUT',
  'EACCES',
]);
const TLS_CODE = /^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/;

/**
 * A thrown error of the network, in words an admin understands. All of them may pass, except our own caller stopping us.
 * Errors that are not the network's (a bug of ours) are thrown on.
 */
export function describeFailure(
  error: unknown,
  signals: { readonly caller: AbortSignal | undefined; readonly all: AbortSignal },
): FetchOutcome {
  const [reason, message] = classify(error, signals);
  return { kind: 'failed', reason, message, retryable: true };
}

function classify(
  error: unknown,
  signals: { readonly caller: AbortSignal | undefined; readonly all: AbortSignal },
): readonly [FetchFailure, string] {
  if (signals.caller?.aborted === true) {
    return ['cancelled', 'the fetch was stopped'];
  }
  if (!(error instanceof Error)) {
    throw error;
  }
  // Asked of the signal: an aborted body shows up as a cut connection.
  if (error instanceof IdleTimeout || signals.all.aborted) {
    return ['timeout', 'it did not answer in time'];
  }
  const code = codeOf(error);
  if (DNS_CODES.has(code)) {
    return ['dns_failed', 'the host name could not be resolved'];
  }
  if (SOCKET_CODES.has(code)) {
    return ['connection_failed', `the connection failed (${code})`];
  }
  if (TLS_CODE.test(code)) {
    return ['tls_failed', `the secure connection failed (${code})`];
  }
  if (code !== '' && !code.startsWith('ERR_INVALID_ARG')) {
    return ['bad_response', `the answer is broken (${code})`];
  }
  throw error;
}

/** Trying several addresses ends in one AggregateError whose parts hold the codes. */
function codeOf(error: Error): string {
  const own = (error as { code?: unknown }).code;
  if (typeof own === 'string') {
    return own;
  }
  const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  const inner = (first as { code?: unknown } | undefined)?.code;
  return typeof inner === 'string' ? inner : '';
}
