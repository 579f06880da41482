import { Resolver } from 'node:dns/promises';
import type { DNSResolver } from 'mailauth';

/**
 * What DNS says. A name without such a record rejects with the code ENOTFOUND or ENODATA, silence with any other. A fake in
 * tests.
 */
export type DnsLookup = DNSResolver;

const TIMEOUT_MS = 2000;
const TRIES = 2;
const NO_RECORD: ReadonlySet<unknown> = new Set(['ENODATA', 'ENOTFOUND']);

export function createDnsLookup(): DnsLookup {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  // mailauth's type leaves out what its resolver answers for MX; it reads the records as Node gives them.
  return (name, type) => resolver.resolve(name, type) as Promise<string[]>;
}

/**
 * A name that is always there. @throws when DNS does not answer, or answers without knowing the internet, as within a closed
 * network: then that a record is missing means nothing.
 */
export async function requireInternetNames(dns: DnsLookup): Promise<void> {
  await dns('com', 'NS');
}

/** TXT records, each joined from its strings; empty when there is none. @throws when DNS does not answer. */
export async function textsAt(dns: DnsLookup, name: string): Promise<readonly string[]> {
  return (await recordsAt(dns, name, 'TXT')).map((strings) =>
    typeof strings === 'string' ? strings : strings.join(''),
  );
}

/** Of both families; empty when there is none. @throws when DNS does not answer. */
export async function addressesOf(dns: DnsLookup, host: string): Promise<readonly string[]> {
  const found = await Promise.all([recordsAt(dns, host, 'A'), recordsAt(dns, host, 'AAAA')]);
  return found.flat().map(String);
}

/** The host names that PTR records give an address, lower case. @throws when DNS does not answer. */
export async function namesOf(dns: DnsLookup, pointer: string): Promise<readonly string[]> {
  return (await recordsAt(dns, pointer, 'PTR')).map((name) => String(name).toLowerCase().replace(/\.$/, ''));
}

/** The hosts that take mail for a domain; the null MX (RFC 7505) is an empty name. @throws when DNS does not answer. */
export async function exchangesOf(dns: DnsLookup, domain: string): Promise<readonly string[]> {
  const records: readonly unknown[] = await recordsAt(dns, domain, 'MX');
  return records.map((record) =>
    typeof record === 'object' && record !== null && 'exchange' in record
      ? String(record.exchange).toLowerCase().replace(/\.$/, '')
      : '',
  );
}

async function recordsAt(dns: DnsLookup, name: string, type: string): Promise<readonly (string | string[])[]> {
  try {
    return await dns(name, type);
  } catch (error) {
    if (NO_RECORD.has((error as { code?: unknown }).code)) {
      return [];
    }
    throw error;
  }
}
