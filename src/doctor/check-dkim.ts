import { dnsRecordOf, keyInUseAt, stateOfKey } from '../dkim/index.ts';
import type { DkimKey } from '../dkim/index.ts';
import { failed, ok, warning } from './check.ts';
import type { Check } from './check.ts';
import { textsAt } from './dns-lookup.ts';
import type { DnsLookup } from './dns-lookup.ts';

const NAME = 'dkim';

/** A key for the domain, and each key that signs, or soon will, or did lately, as it is published. `keys` of all domains. */
export async function checkDkim(
  dns: DnsLookup,
  domain: string,
  keys: readonly DkimKey[],
  now: Date,
): Promise<readonly Check[]> {
  const ofDomain = keys.filter((key) => key.domain === domain);
  const active = ofDomain.filter((key) => stateOfKey(key, ofDomain, now) !== 'retired');
  if (active.length === 0) {
    return [
      warning(
        NAME,
        `${domain} has no key: mails leave here unsigned`,
        `run: courant dkim create ${domain}, unless your relay signs as ${domain}`,
      ),
    ];
  }
  const signing = keyInUseAt(ofDomain, now);
  return Promise.all(active.map((key) => checkRecord(dns, key, signing?.id === key.id)));
}

async function checkRecord(dns: DnsLookup, key: DkimKey, isSigning: boolean): Promise<Check> {
  const { name, value } = dnsRecordOf(key);
  const fault = faultOf(await textsAt(dns, name), key);
  if (fault === undefined) {
    return ok(NAME, `${name}: is published${isSigning ? ', and signs' : ''}`);
  }
  // Mails that wait for another try may still go out with a key that was replaced.
  return (isSigning ? failed : warning)(NAME, `${name}: ${fault}`, `publish as TXT: ${value}`);
}

function faultOf(texts: readonly string[], key: DkimKey): string | undefined {
  const records = texts.filter((text) => /(?:^|;)\s*p\s*=/.test(text));
  const [record] = records;
  if (record === undefined) {
    return 'is not there';
  }
  if (records.length > 1) {
    return `is there ${records.length} times, so receivers may take any of them`;
  }
  const published = /(?:^|;)\s*p\s*=([^;]*)/.exec(record)?.[1]?.replaceAll(/\s/g, '');
  if (published === '') {
    return 'is withdrawn (its p= is empty)';
  }
  return published === key.publicKey.toString('base64') ? undefined : 'holds another key than ours';
}
