/** What our own rules forbid; asking again changes nothing until somebody changes the address or FETCH_ALLOW. */
export const FETCH_REFUSALS = [
  'url_invalid',
  'scheme_not_allowed',
  'credentials_in_url',
  'address_not_allowed',
  'insecure_redirect',
  'too_many_redirects',
  'too_large',
] as const;
export type FetchRefusal = (typeof FETCH_REFUSALS)[number];

/** What went wrong on the way or over there. */
export const FETCH_FAILURES = [
  'dns_failed',
  'connection_failed',
  'tls_failed',
  'timeout',
  'http_status',
  'bad_response',
  'bad_redirect',
  'encoding_unsupported',
  'cancelled',
] as const;
export type FetchFailure = (typeof FETCH_FAILURES)[number];

export type FetchOutcome =
  | {
      readonly kind: 'ok';
      readonly status: number;
      /** Decoded, at most `maxBytes`. */
      readonly body: Buffer;
      readonly contentType: string | undefined;
      readonly etag: string | undefined;
      readonly lastModified: string | undefined;
      readonly finalUrl: string;
      /** Where 301 and 308 alone led from the address asked for: vetted and fetched, so it may replace it. */
      readonly permanentUrl: string | undefined;
      /** How long the server calls its answer fresh (Cache-Control: max-age). */
      readonly freshForSeconds: number | undefined;
    }
  | {
      readonly kind: 'not-modified';
      readonly permanentUrl: string | undefined;
      readonly freshForSeconds: number | undefined;
    }
  | { readonly kind: 'refused'; readonly reason: FetchRefusal; readonly message: string }
  | {
      readonly kind: 'failed';
      readonly reason: FetchFailure;
      readonly message: string;
      readonly retryable: boolean;
      readonly status?: number;
      readonly retryAfterSeconds?: number;
    };

export interface FetchOptions {
  /** Validators of the copy we have: If-None-Match and If-Modified-Since. */
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
  readonly accept?: string;
  /** Of the decoded body, and of the bytes on the wire. */
  readonly maxBytes?: number;
  readonly totalTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Never throws for anything the other side does. */
export type Fetcher = (url: string, options?: FetchOptions) => Promise<FetchOutcome>;
