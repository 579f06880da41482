export { createFetcher } from './fetch-guarded.ts';
export { createAddressPolicy } from './address-policy.ts';
export type { FetchFailure, FetchOutcome, FetchRefusal, FetchOptions, Fetcher } from './fetch-outcome.ts';
