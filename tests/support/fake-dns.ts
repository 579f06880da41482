import type { DnsLookup } from '../../src/doctor/index.ts';

/** By `TYPE name`, such as `TXT _dmarc.example.org`. A TXT record is one text; of MX only the host is given. */
export type FakeZone = Readonly<Record<string, readonly string[]>>;

/**
 * A resolver that knows these records and no other. A name that has any is there (ENODATA for what it lacks), every other is
 * not (ENOTFOUND); below a name in `silent` nobody answers.
 */
export function createFakeDns(zone: FakeZone, silent: readonly string[] = []): DnsLookup {
  const names = new Set(Object.keys(zone).map((key) => key.slice(key.indexOf(' ') + 1)));
  return (name, type) => {
    const asked = name.toLowerCase();
    if (silent.some((part) => asked.endsWith(part))) {
      return Promise.reject(dnsError('ETIMEOUT', name));
    }
    const records = zone[`${type} ${asked}`];
    if (records === undefined) {
      return Promise.reject(dnsError(names.has(asked) ? 'ENODATA' : 'ENOTFOUND', name));
    }
    switch (type) {
      case 'TXT':
        // As resolvers give them: a text of more than 255 octets in several strings.
        return Promise.resolve(records.map((text) => text.match(/.{1,255}/g) ?? ['']));
      case 'MX':
        return Promise.resolve(records.map((exchange) => ({ exchange, priority: 10 })) as unknown as string[]);
      default:
        return Promise.resolve([...records]);
    }
  };
}

function dnsError(code: string, name: string): Error {
  return Object.assign(new Error(`query ${code} ${name}`), { code });
}
