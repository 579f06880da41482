import { hash, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { canonicaliseBody, canonicaliseField, splitHeader } from './canonicalise.ts';
import type { HeaderField } from './canonicalise.ts';

/** A message as it goes out, less the empty line between the two. */
export interface SignableMessage {
  readonly header: Buffer;
  readonly body: Buffer;
  /** The body is in relaxed form already, as our own writer makes it: its hash is taken as it stands. */
  readonly bodyIsCanonical?: boolean;
}

export interface SignAs {
  readonly domain: string;
  readonly selector: string;
  readonly privateKey: KeyObject;
  /** For t=: fixed per delivery, so that a retry is byte-identical. */
  readonly signedAt: Date;
}

/** What is signed where it is there (R10). Each instance counts, so a second Subject, say, is found out by its place. */
const SIGNED = [
  'from',
  'reply-to',
  'to',
  'cc',
  'subject',
  'date',
  'message-id',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
  // RFC 8058: without both in h= the button is not shown (R1).
  'list-unsubscribe',
  'list-unsubscribe-post',
  'list-id',
  'list-help',
  'list-owner',
  'list-archive',
  'list-post',
  'list-subscribe',
  'feedback-id',
] as const;
/** Named once more than they are there: whoever adds one on the way breaks the signature (RFC 6376 5.4.2). */
const OVERSIGNED: ReadonlySet<string> = new Set(['from', 'reply-to']);
const LINE_LENGTH = 76;
const CONTINUED_LINES = new RegExp(`.{1,${LINE_LENGTH - 1}}`, 'g');

/**
 * The `DKIM-Signature` field of a message, folded, with its CRLF: rsa-sha256, relaxed/relaxed, no l= (R10). The same message
 * and time give the same bytes (PKCS #1 v1.5 has no randomness). The RSA operation, which is nearly all of it, runs in libuv's
 * thread pool and not on the event loop.
 */
export async function signMessage(message: SignableMessage, as: SignAs): Promise<Buffer> {
  const { names, fields } = chooseFields(splitHeader(message.header));
  const body = message.bodyIsCanonical === true ? message.body : canonicaliseBody(message.body);
  const unsigned = signatureField(as, names, hash('sha256', body, 'base64'));
  const signed = [...fields, { name: 'dkim-signature', raw: unsigned }].map(canonicaliseField).join('\r\n');
  const signature = await signInPool(Buffer.from(signed, 'latin1'), as.privateKey);
  return Buffer.from(`${unsigned}${fold(signature)}\r\n`, 'latin1');
}

/** RFC 6376 5.4.2: of fields with one name the lowest first; a name too many stands for a field that must not be there. */
function chooseFields(header: readonly HeaderField[]): {
  readonly names: readonly string[];
  readonly fields: readonly HeaderField[];
} {
  const byName = Map.groupBy(header, ({ name }) => name);
  const names: string[] = [];
  const fields: HeaderField[] = [];
  for (const name of SIGNED) {
    for (const field of byName.get(name)?.toReversed() ?? []) {
      names.push(name);
      fields.push(field);
    }
    if (OVERSIGNED.has(name)) {
      names.push(name);
    }
  }
  return { names, fields };
}

/** With an empty b=, which comes last. */
function signatureField({ domain, selector, signedAt }: SignAs, names: readonly string[], bodyHash: string): string {
  const seconds = Math.floor(signedAt.getTime() / 1000);
  return [
    `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=${domain};`,
    `s=${selector}; t=${seconds};`,
    `h=${foldNames(names)};`,
    `bh=${bodyHash};`,
    'b=',
  ].join('\r\n ');
}

function foldNames(names: readonly string[]): string {
  let length = 'h='.length + 1;
  return names
    .map((name, index) => {
      length += name.length + 1;
      if (length > LINE_LENGTH) {
        length = name.length + 2;
        return `:\r\n ${name}`;
      }
      return index === 0 ? name : `:${name}`;
    })
    .join('');
}

/** To stand behind ` b=`. */
function fold(signature: string): string {
  const first = LINE_LENGTH - ' b='.length;
  const rest = signature.slice(first).match(CONTINUED_LINES) ?? [];
  return [signature.slice(0, first), ...rest].join('\r\n ');
}

/** With a callback, crypto.sign is a job of the thread pool; without one it would hold the event loop for 0.3 ms. */
function signInPool(data: Buffer, privateKey: KeyObject): Promise<string> {
  return new Promise((resolve, reject) => {
    sign('sha256', data, privateKey, (error, signature) => {
      if (error === null) {
        resolve(signature.toString('base64'));
      } else {
        reject(error);
      }
    });
  });
}
