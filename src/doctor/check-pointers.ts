import ipaddr from 'ipaddr.js';
import { failed, ok, warning } from './check.ts';
import type { Check } from './check.ts';
import { addressesOf, namesOf } from './dns-lookup.ts';
import type { DnsLookup } from './dns-lookup.ts';
import type { SendingHost } from './find-senders.ts';

const NAME = 'ptr';

/** The address a mail comes from has a name that leads back to it: many receivers refuse any other (R22). */
export async function checkPointers(dns: DnsLookup, hosts: readonly SendingHost[]): Promise<readonly Check[]> {
  const here = hosts.filter(({ isHere }) => isHere);
  if (here.length === 0) {
    return [ok(NAME, 'the relay is another machine, whose operator sees to it')];
  }
  return (await Promise.all(here.map((host) => checkHost(dns, host)))).flat();
}

async function checkHost(dns: DnsLookup, { name, addresses }: SendingHost): Promise<readonly Check[]> {
  if (addresses.length === 0) {
    return [
      warning(
        NAME,
        `this machine sends as ${name}, which has no public address in DNS`,
        'say its full name with name= in SMTP_URL, and give that name an address',
      ),
    ];
  }
  return Promise.all(addresses.map((address) => checkAddress(dns, name, address)));
}

async function checkAddress(dns: DnsLookup, host: string, address: string): Promise<Check> {
  const names = await namesOf(dns, pointerOf(address));
  if (names.length === 0) {
    return failed(NAME, `${address} has no name`, `have whoever gave you the address point it to ${host}`);
  }
  const confirmed = await Promise.all(names.map(async (name) => (await addressesOf(dns, name)).some(isSame(address))));
  const name = names.find((_, index) => confirmed[index] === true);
  if (name === undefined) {
    return failed(NAME, `${address} is called ${names.join(', ')}, which does not lead back to it`, 'make both agree');
  }
  return name === host.toLowerCase()
    ? ok(NAME, `${address} is ${name}, both ways`)
    : warning(NAME, `${address} is ${name}, both ways, but greets as ${host}`, `better say name=${name} in SMTP_URL`);
}

const isSame =
  (address: string) =>
  (other: string): boolean =>
    ipaddr.process(other).toNormalizedString() === ipaddr.process(address).toNormalizedString();

/** RFC 1035 3.5, RFC 3596 2.5. */
function pointerOf(address: string): string {
  const parsed = ipaddr.process(address);
  const bytes = parsed.toByteArray();
  if (parsed.kind() === 'ipv4') {
    return `${bytes.toReversed().join('.')}.in-addr.arpa`;
  }
  const nibbles = bytes.flatMap((byte) => [byte >> 4, byte & 15].map((nibble) => nibble.toString(16)));
  return `${nibbles.toReversed().join('.')}.ip6.arpa`;
}
