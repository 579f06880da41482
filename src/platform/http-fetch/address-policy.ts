import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Everything that is routed as public IPv6; whatever lies outside is special by definition (RFC 4291 2.4). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/** Resolves a host name to every address it has. A fake in tests. */
export type ResolveHost = (hostname: string) => Promise<readonly string[]>;

export const resolveWithSystem: ResolveHost = async (hostname) => {
  const found = await lookup(hostname, { all: true, verbatim: true });
  return found.map(({ address }) => address);
};

/** True when the fetcher may connect to this address. */
export type AddressPolicy = (address: string) => boolean;

/**
 * Public unicast only (S18). Loopback, private, link-local, carrier-grade NAT, documentation and the like are refused, and
 * so is every IPv6 form that wraps an IPv4 address (mapped, NAT64, 6to4, Teredo): a wrapped 127.0.0.1 is still 127.0.0.1.
 * `allowCidrs` (FETCH_ALLOW) opens ranges besides; a mapped address is compared with them as the IPv4 it holds.
 */
export function createAddressPolicy(allowCidrs: readonly string[]): AddressPolicy {
  const allowed = allowCidrs.map((cidr) => ipaddr.parseCIDR(cidr));
  return (text) => {
    if (isIP(text) === 0) {
      return false;
    }
    const address = ipaddr.parse(text);
    const unmapped = ipaddr.process(text);
    return isPublic(address) || allowed.some((cidr) => contains(cidr, address) || contains(cidr, unmapped));
  };
}

function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') {
    return false;
  }
  return address instanceof ipaddr.IPv4 || address.match(GLOBAL_UNICAST);
}

function contains([network, bits]: [Address, number], address: Address): boolean {
  return network.kind() === address.kind() && address.match(network, bits);
}
