import { domainToASCII, domainToUnicode } from 'node:url';
import validator from 'validator';

/**
 * What goes to RCPT TO: as the reader typed it, less white space around it and other spellings of the same domain. The domain is an
 * A-label, which every server reads (R9); beside a local part that needs SMTPUTF8 anyway it is Unicode.
 */
export type EmailAddress = string & { readonly __brand: 'EmailAddress' };
/** Decides uniqueness: NFC, folded case, A-label domain. Never mailed. */
export type AddressKey = string & { readonly __brand: 'AddressKey' };

export interface ParsedAddress {
  readonly address: EmailAddress;
  readonly key: AddressKey;
}

/**
 * Strict on purpose (S13): one mailbox, no comments, groups, quoted local parts or address literals, nothing that a
 * parser downstream could read as a second address. Local part at most 64 octets, address at most 254 (RFC 5321 4.5.3.1).
 * Returns undefined for anything else.
 */
export function parseEmailAddress(input: string): ParsedAddress | undefined {
  const address = input.trim().normalize('NFC');
  const at = address.lastIndexOf('@');
  if (at < 1 || /[\s"(),:;<>[\]\\\p{Cc}\p{Cf}\p{Cs}]/u.test(address)) {
    return undefined;
  }
  const local = address.slice(0, at);
  const domain = address.slice(at + 1);
  // domainToASCII reads a URL's host: it would decode %61 and drop what follows a slash, a question mark or a hash.
  const asciiDomain = /[%/?#]/.test(domain) ? '' : domainToASCII(domain).toLowerCase();
  if (asciiDomain === '' || Buffer.byteLength(local) > 64 || Buffer.byteLength(local) + 1 + asciiDomain.length > 254) {
    return undefined;
  }
  const options = { allow_utf8_local_part: true, require_tld: true, allow_ip_domain: false };
  const unicodeDomain = domainToUnicode(asciiDomain);
  // IDNA 2008 (RFC 5891 4.2.3.1): hyphens are looked at before a label is encoded; the WHATWG algorithm does not.
  if (!validator.isEmail(`${local}@${asciiDomain}`, options) || /(?:^|\.)-|-(?:\.|$)/.test(unicodeDomain)) {
    return undefined;
  }
  // Clients and servers fold case and full-width letters of a domain on the way; stored folded, RCPT TO is what is stored.
  const mailedDomain = isAscii(local) ? asciiDomain : unicodeDomain;
  return {
    address: `${local}@${mailedDomain}` as EmailAddress,
    key: `${local.toLowerCase().normalize('NFC')}@${asciiDomain}` as AddressKey,
  };
}

function isAscii(text: string): boolean {
  return /^[\0-\x7F]*$/.test(text);
}

/** For pages that a forwarded mail may open: enough for the owner to recognise, not enough for a stranger (S22). */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const first = String.fromCodePoint(address.codePointAt(0) ?? 0);
  return `${first}•••@${domainToUnicode(address.slice(at + 1))}`;
}
