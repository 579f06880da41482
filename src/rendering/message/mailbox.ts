import { domainToASCII } from 'node:url';
import { checkHeaderText, headerError } from './header-error.ts';
import { appendToPhrase, encodePhrase } from './header-text.ts';

/** One "@" outside of quotes and no specials: a parser downstream sees exactly one mailbox (S13). */
const ONE_ADDRESS = /^[^\s"(),:;<>@[\]\\]+@[^\s"(),:;<>@[\]\\]+$/;
/** RFC 5321 4.5.3.1: 64 and 255, and the "@". */
const MAX_ADDRESS = 320;
const ASCII = /^[!-~]*$/;

/** A header with one mailbox (RFC 5322 3.4), folded, with its CRLF. */
export function writeMailboxHeader(header: string, name: string, address: string): string {
  checkAddress(header, address);
  checkHeaderText(header, name);
  const start = `${header}: `;
  const wire = toWireAddress(address);
  return name === ''
    ? `${start}${wire}\r\n`
    : `${appendToPhrase(start, encodePhrase(name, start.length), `<${wire}>`)}\r\n`;
}

function checkAddress(header: string, address: string): void {
  checkHeaderText(header, address);
  if (address.length > MAX_ADDRESS || !ONE_ADDRESS.test(address)) {
    throw headerError(header, 'needs one plain address');
  }
}

/** R9: an A-label is read everywhere; beside a local part that needs SMTPUTF8 the domain may stay as it is. */
function toWireAddress(address: string): string {
  const at = address.indexOf('@');
  const local = address.slice(0, at);
  return ASCII.test(address) || !ASCII.test(local) ? address : `${local}@${domainToASCII(address.slice(at + 1))}`;
}

/** RFC 6068 2: every character that means something in an address of the web is percent-encoded. */
export function toMailto(address: string): string {
  const wire = toWireAddress(address);
  const at = wire.indexOf('@');
  return `mailto:${encodeURIComponent(wire.slice(0, at))}@${encodeURIComponent(wire.slice(at + 1))}`;
}
