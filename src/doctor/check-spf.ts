import { spf } from 'mailauth/lib/spf/index.js';
import type { SPFResult } from 'mailauth';
import { failed, ok, unknown, warning } from './check.ts';
import type { Check } from './check.ts';
import { textsAt } from './dns-lookup.ts';
import type { DnsLookup } from './dns-lookup.ts';
import type { SendingHost } from './find-senders.ts';

const NAME = 'spf';
const IS_SPF = /^v=spf1(?: |$)/i;
/** RFC 5737: nobody sends from here, so a record that lets it pass lets everybody pass. */
const NOBODYS_ADDRESS = '192.0.2.1';
/** For the whole evaluation with its ten look-ups. */
const PATIENCE_MS = 10_000;

/** RFC 7208: one record, which can be evaluated, does not let everybody pass, and names who sends for us. */
export async function checkSpf(dns: DnsLookup, domain: string, hosts: readonly SendingHost[]): Promise<Check> {
  const records = (await textsAt(dns, domain)).filter((text) => IS_SPF.test(text));
  const [record] = records;
  if (record === undefined) {
    return failed(
      NAME,
      `${domain} has no SPF record`,
      'publish a TXT record such as "v=spf1 include:RELAY ~all"; whoever runs your relay tells what to include',
    );
  }
  if (records.length > 1) {
    return failed(
      NAME,
      `${domain} has ${records.length} SPF records, which receivers take for an error`,
      'join them into one',
    );
  }
  return (await judgeRecord(dns, domain)) ?? judgeCover(dns, domain, record, hosts);
}

/** What is wrong with it whoever sends. */
async function judgeRecord(dns: DnsLookup, domain: string): Promise<Check | undefined> {
  const { result, comment } = (await evaluate(dns, domain, NOBODYS_ADDRESS)).status;
  if (result === 'fail' || result === 'softfail') {
    return undefined;
  }
  if (result === 'temperror') {
    return unknown(NAME, `${domain}: could not look, DNS did not answer for a name in its record`);
  }
  if (result === 'permerror') {
    return failed(
      NAME,
      `${domain}: the record cannot be evaluated (${comment ?? 'syntax error'})`,
      'keep to ten DNS look-ups and to names that exist',
    );
  }
  return result === 'pass'
    ? failed(NAME, `${domain}: the record lets everybody pass`, 'end it with ~all or -all')
    : warning(NAME, `${domain}: the record says nothing about others`, 'end it with ~all or -all');
}

async function judgeCover(
  dns: DnsLookup,
  domain: string,
  record: string,
  hosts: readonly SendingHost[],
): Promise<Check> {
  const covered = await Promise.all(hosts.map((host) => coverOf(dns, domain, record, host)));
  const missing = hosts.filter((_, index) => covered[index] === false).map(({ name }) => name);
  if (missing.length > 0) {
    return warning(
      NAME,
      `${domain}: nothing in the record shows ${missing.join(' and ')}`,
      'check that the addresses it sends from are in there; whoever runs it tells what to include',
    );
  }
  const blind = hosts.filter((_, index) => covered[index] === undefined).map(({ name }) => name);
  return blind.length > 0
    ? unknown(
        NAME,
        `${domain}: has one; which address ${blind.join(' and ')} sends from cannot be seen from here`,
        'name this machine as in DNS with name= in SMTP_URL',
      )
    : ok(NAME, `${domain}: one record, and ${hosts.map(({ name }) => name).join(' and ')} may send`);
}

/** Undefined: cannot be told. A provider seldom sends from the address that takes the mail; an include of its own name will do. */
async function coverOf(
  dns: DnsLookup,
  domain: string,
  record: string,
  host: SendingHost,
): Promise<boolean | undefined> {
  const results = await Promise.all(host.addresses.map((address) => evaluate(dns, domain, address)));
  if (results.some(({ status }) => status.result === 'pass')) {
    return true;
  }
  if (host.isHere) {
    return results.length === 0 ? undefined : false;
  }
  const provider = host.name.split('.').slice(-2).join('.');
  const named = record.toLowerCase().matchAll(/(?:^|\s)(?:\+?include:|redirect=)(\S+)/g);
  return [...named].some(([, name]) => name === provider || name?.endsWith(`.${provider}`) === true);
}

function evaluate(dns: DnsLookup, domain: string, ip: string): Promise<SPFResult> {
  return spf({
    sender: `postmaster@${domain}`,
    ip,
    helo: domain,
    mta: domain,
    resolver: dns,
    strict: true,
    maxElapsedTime: PATIENCE_MS,
  });
}
