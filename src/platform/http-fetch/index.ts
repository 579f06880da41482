export { createFetcher } from './fetch-guarded.ts';
export { createAddressPolicy } from './address-policy.ts';
export type { FetchOutcome, Fetcher } from './fetch-outcome.ts';
