import { Parser } from 'htmlparser2';
import type { Address, Email } from 'postal-mime';

/** What a person or a tool wants to see of a stored mail. */
export interface ReadMail {
  readonly subject: string;
  readonly html: string | undefined;
  readonly text: string | undefined;
  /** In document order, duplicates included, folded lines joined. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  /** Every address the mail links to, each once, in order. */
  readonly links: readonly string[];
}

export interface MailHead {
  readonly subject: string;
  readonly from: string;
  readonly messageId: string | null;
}

/** Undefined when the bytes are not a mail that a mail program could show. */
export async function readMail(raw: Buffer): Promise<ReadMail | undefined> {
  const email = await parse(raw);
  return email === undefined
    ? undefined
    : {
        subject: plain(email.subject),
        html: email.html,
        text: email.text,
        headers: email.headers.map((header) => ({ name: header.originalKey, value: header.value })),
        links: findLinks(email.html ?? '', email.text ?? ''),
      };
}

/** The header alone, so that taking a mail costs the same whatever its size. */
export async function readMailHead(raw: Buffer): Promise<MailHead> {
  const end = raw.indexOf('\r\n\r\n');
  const email = await parse(end === -1 ? raw : raw.subarray(0, end + 4));
  return {
    subject: plain(email?.subject),
    from: describeSender(email?.from),
    messageId: email?.messageId === undefined ? null : plain(email.messageId),
  };
}

/** Loaded with the first mail: most processes never read one. */
async function parse(raw: Buffer): Promise<Email | undefined> {
  const { default: PostalMime } = await import('postal-mime');
  try {
    return await PostalMime.parse(raw);
  } catch {
    return undefined;
  }
}

function describeSender(from: Address | undefined): string {
  if (from === undefined) {
    return '';
  }
  const address = from.address ?? '';
  return plain(from.name === '' ? address : `${from.name} <${address}>`);
}

/** PostgreSQL's text takes no NUL, and a list shows one line. */
function plain(value: string | undefined): string {
  return (value ?? '').replaceAll(/\p{Cc}+/gu, ' ').trim();
}

function findLinks(html: string, text: string): readonly string[] {
  const links = new Set<string>();
  const parser = new Parser({
    onopentag: (_name, attributes) => {
      if (attributes['href'] !== undefined) {
        links.add(attributes['href']);
      }
    },
  });
  parser.end(html);
  for (const { url } of splitAtLinks(text)) {
    if (url !== undefined) {
      links.add(url);
    }
  }
  return [...links];
}

/** Plain text in pieces, so that a page can make its addresses links. */
export function splitAtLinks(text: string): readonly { readonly text: string; readonly url?: string }[] {
  return text
    .split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]'])/)
    .map((piece, index) => (index % 2 === 1 ? { text: piece, url: piece } : { text: piece }))
    .filter((piece) => piece.text !== '');
}
