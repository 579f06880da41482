import type { DkimKey } from './dkim-key.ts';

/** What is to be published for a key: a TXT record (RFC 6376 3.6.1). */
export interface DkimDnsRecord {
  readonly name: string;
  readonly type: 'TXT';
  /** As one text, for the forms of most providers. */
  readonly value: string;
  /** As a zone file wants it: quoted strings of 255 characters at most, which resolvers join without a space. */
  readonly zoneValue: string;
}

const MAX_STRING_LENGTH = 255;

export function dnsRecordOf(key: Pick<DkimKey, 'domain' | 'selector' | 'publicKey'>): DkimDnsRecord {
  const value = `v=DKIM1; k=rsa; p=${key.publicKey.toString('base64')}`;
  const strings: string[] = [];
  for (let start = 0; start < value.length; start += MAX_STRING_LENGTH) {
    strings.push(`"${value.slice(start, start + MAX_STRING_LENGTH)}"`);
  }
  return { name: `${key.selector}._domainkey.${key.domain}`, type: 'TXT', value, zoneValue: strings.join(' ') };
}
