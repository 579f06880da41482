export type { Check } from './check.ts';
export { createDnsLookup } from './dns-lookup.ts';
export type { DnsLookup } from './dns-lookup.ts';
export { examine } from './examine.ts';
