import ipaddr from 'ipaddr.js';
import type { Config, RelayAddress } from '../config/index.ts';
import { isLoopbackRelay } from '../config/index.ts';
import { parseMailDomain } from '../dkim/index.ts';
import { effectiveIdentity, listNewsletters } from '../newsletters/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { addressesOf } from './dns-lookup.ts';
import type { DnsLookup } from './dns-lookup.ts';

/** A domain that mails come from: in From, and in the envelope unless there is a BOUNCE_DOMAIN. */
export interface Sender {
  readonly domain: string;
  readonly newsletters: readonly Newsletter[];
}

/** The domains of all newsletters, and of MAIL_FROM for the mails that belong to none. */
export async function findSenders(deps: {
  readonly db: Db;
  readonly config: Pick<Config, 'mailFrom' | 'postalAddress'>;
}): Promise<readonly Sender[]> {
  const newsletters = await listNewsletters(deps.db);
  const byDomain = Map.groupBy(newsletters, (newsletter) =>
    domainOf(effectiveIdentity(newsletter, deps.config).fromAddress),
  );
  if (deps.config.mailFrom !== undefined) {
    const domain = domainOf(deps.config.mailFrom);
    byDomain.set(domain, byDomain.get(domain) ?? []);
  }
  return [...byDomain].map(([domain, ofDomain]) => ({ domain, newsletters: ofDomain }));
}

function domainOf(address: string): string {
  const domain = address.slice(address.lastIndexOf('@') + 1);
  return parseMailDomain(domain) ?? domain.toLowerCase();
}

/** A machine that hands our mails to the world, as far as it can be known from here. */
export interface SendingHost {
  readonly name: string;
  /** This machine: the relay runs on it. */
  readonly isHere: boolean;
  readonly addresses: readonly string[];
}

/** @param hostName of this machine. @throws when DNS does not answer. */
export async function findSendingHosts(
  dns: DnsLookup,
  relays: readonly RelayAddress[],
  hostName: string,
): Promise<readonly SendingHost[]> {
  const hosts = new Map<string, { readonly name: string; readonly isHere: boolean }>();
  for (const relay of relays) {
    const isHere = isLoopbackRelay(relay);
    const name = isHere ? (relay.clientName ?? hostName) : relay.host;
    hosts.set(name, { name, isHere });
  }
  return Promise.all(
    [...hosts.values()].map(async (host) => ({ ...host, addresses: await publicAddressesOf(dns, host.name) })),
  );
}

async function publicAddressesOf(dns: DnsLookup, name: string): Promise<readonly string[]> {
  const found = ipaddr.isValid(name) ? [name] : name.includes('.') ? await addressesOf(dns, name) : [];
  return found.filter((address) => ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast');
}
