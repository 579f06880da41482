import { domainToASCII } from 'node:url';
import { checkHeaderText, headerError } from './header-error.ts';
import { appendToPhrase, encodePhrase } from './header-text.ts';
import { toMailto } from './mailbox.ts';

/** The newsletter as its list mail names it (R4). */
export interface ListHead {
  readonly name: string;
  /** With the sender's domain it is the List-Id, so it stays the same for the life of the newsletter (RFC 2919). */
  readonly slug: string;
}

/** What only one reader's list mail has. All are whole URIs. */
export interface ReaderListHeaders {
  /** https; plain http only on this machine. */
  readonly unsubscribeUrl: string;
  readonly unsubscribeMailto?: string;
  /** RFC 2369 3.1: where somebody learns what this list is and what they can do. */
  readonly helpUrl?: string;
  /** Gmail counts complaints by its first three fields; the last names the sender. */
  readonly feedbackId: string;
}

const ONE_CLICK_URL = /^https:\/\/|^http:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?\//;
const WEB = /^https?:\/\//;
const MAIL = /^mailto:/;
const HOST = /^[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]*[a-z\d])?)+$/i;
const MAX_URI = 900;
const FEEDBACK_ID = /^[!-~]{1,200}$/;

/** The headers that are the same for all readers of a list mail. */
export function writeListHeaders(list: ListHead, sender: string, replyTo: string, archiveUrl: string | null): string {
  checkHeaderText('List-Id', list.name);
  const host = `${list.slug}.${domainToASCII(sender.slice(sender.lastIndexOf('@') + 1))}`;
  if (!HOST.test(host)) {
    throw headerError('List-Id', 'needs a host name made of slug and domain');
  }
  const start = 'List-Id: ';
  const phrase = list.name === '' ? undefined : encodePhrase(list.name, start.length);
  const id = phrase === undefined ? `${start}<${host}>` : appendToPhrase(start, phrase, `<${host}>`);
  const archive = archiveUrl === null ? '' : `List-Archive: ${uri('List-Archive', archiveUrl, WEB)}\r\n`;
  return `${id}\r\nList-Owner: ${uri('List-Owner', toMailto(replyTo), MAIL)}\r\n${archive}Precedence: bulk\r\n`;
}

/**
 * R1: exactly one List-Unsubscribe that begins with one https URI, and exactly one List-Unsubscribe-Post. Folded between
 * URIs only: some receivers read the header with the fold inside.
 * @throws AppError `header_invalid`
 */
export function writeReaderListHeaders(list: ReaderListHeaders): string {
  if (!FEEDBACK_ID.test(list.feedbackId)) {
    throw headerError('Feedback-ID', 'needs printable ASCII without spaces');
  }
  const mailto =
    list.unsubscribeMailto === undefined ? '' : `,\r\n ${uri('List-Unsubscribe', list.unsubscribeMailto, MAIL)}`;
  const help = list.helpUrl === undefined ? '' : `List-Help: ${uri('List-Help', list.helpUrl, WEB)}\r\n`;
  return (
    `List-Unsubscribe: ${uri('List-Unsubscribe', list.unsubscribeUrl, ONE_CLICK_URL)}${mailto}\r\n` +
    `List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n${help}Feedback-ID: ${list.feedbackId}\r\n`
  );
}

/** Angle brackets do not quote, so nothing that could end them may stand between (RFC 2369 2). */
function uri(header: string, value: string, allowed: RegExp): string {
  if (!allowed.test(value) || /[^!-~]|[<>,]/.test(value) || value.length > MAX_URI) {
    throw headerError(header, 'needs a whole address without spaces');
  }
  return `<${value}>`;
}
