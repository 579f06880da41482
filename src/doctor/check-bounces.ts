import { failed, ok } from './check.ts';
import type { Check } from './check.ts';
import { addressesOf, exchangesOf } from './dns-lookup.ts';
import type { DnsLookup } from './dns-lookup.ts';

const NAME = 'bounces';

/** RFC 5321 5.1: what comes back needs somewhere to go, and many receivers refuse a return path that takes no mail. */
export async function checkBounces(dns: DnsLookup, domain: string): Promise<Check> {
  const exchanges = await exchangesOf(dns, domain);
  const advice = `give ${domain} an MX record that leads to a server which takes mail to bounce+…@${domain}`;
  if (exchanges.length === 0) {
    return (await addressesOf(dns, domain)).length === 0
      ? failed(NAME, `${domain} takes no mail: it has neither an MX record nor an address`, advice)
      : ok(NAME, `${domain} has no MX record, so its own address gets what comes back`, advice);
  }
  return exchanges.some((name) => name !== '')
    ? ok(NAME, `what comes back to bounce+…@${domain} goes to ${exchanges.join(', ')}, which must take it`)
    : failed(NAME, `${domain} says that it takes no mail (null MX)`, advice);
}
