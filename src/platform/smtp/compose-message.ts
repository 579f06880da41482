import { createHash } from 'node:crypto';
import MailComposer from 'nodemailer/lib/mail-composer';
import { AppError } from '../../shared/app-error.ts';
import { listHeadersOf } from './list-headers.ts';
import type { ListHeaders } from './list-headers.ts';

/** One mailbox. The address is already checked by `parseEmailAddress`; the name may be any text without controls. */
export interface Mailbox {
  readonly name?: string;
  readonly address: string;
}

export interface MessageInput {
  /** With angle brackets; fixed per delivery, so that a retry carries the same one (R7). */
  readonly messageId: string;
  readonly date: Date;
  readonly from: Mailbox;
  readonly replyTo?: Mailbox;
  readonly to: Mailbox;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** Only on list mail, never on a confirmation (R6). */
  readonly listHeaders?: ListHeaders;
  readonly autoSubmitted?: 'auto-generated';
  readonly precedence?: 'bulk';
  readonly feedbackId?: string;
  readonly extraHeaders?: Readonly<Record<string, string>>;
}

/** RFC 5322 2.1.1: 998 octets without CRLF. */
const MAX_LINE_OCTETS = 998;
const FORBIDDEN_IN_HEADER = /[\p{Cc}\u2028\u2029]/u;
const MESSAGE_ID = /^<[^\s<>@]+@[^\s<>@]+>$/;
/** What callers may add: never a header that is made here. */
const EXTRA_HEADER =
  /^(?!(?:content-|mime-|list-|from$|sender$|to$|cc$|bcc$|reply-to$|subject$|date$|message-id$|auto-submitted$|precedence$))[a-z][a-z\d-]*$/i;

/**
 * The exact bytes of a message (RFC 5322): CRLF only, quoted-printable, text before HTML, no line over 998 octets. The
 * same input gives the same bytes. Dots at the start of a line are not doubled here; that belongs to DATA.
 * @throws AppError `header_invalid` for a header value with a control character or an address that is not one mailbox.
 */
export async function composeMessage(input: MessageInput): Promise<Buffer> {
  checkHeaders(input);
  const composer = new MailComposer({
    messageId: input.messageId,
    date: input.date,
    from: toMailbox(input.from),
    ...(input.replyTo === undefined ? {} : { replyTo: toMailbox(input.replyTo) }),
    to: toMailbox(input.to),
    subject: input.subject,
    text: toCrlf(input.text),
    html: toCrlf(input.html),
    headers: headersOf(input),
    encoding: 'quoted-printable',
    boundaryPrefix: 'courant',
    // The boundary must be the same at each retry and must not occur in the parts; quoted-printable leaves no "=_" in them.
    baseBoundary: `=_${createHash('sha256').update(input.messageId).digest('hex').slice(0, 24)}`,
    newline: 'win',
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const bytes = await composer.compile().build();
  checkLines(bytes);
  return bytes;
}

function headersOf(input: MessageInput): { key: string; value: string | { prepared: true; value: string } }[] {
  const isAutomatic = input.autoSubmitted !== undefined || input.precedence !== undefined;
  const plain: [string, string | undefined][] = [
    ['Auto-Submitted', input.autoSubmitted],
    ['Precedence', input.precedence],
    // R5: not a standard, but it keeps out-of-office replies of Exchange away.
    ['X-Auto-Response-Suppress', isAutomatic ? 'OOF, AutoReply' : undefined],
    ['Feedback-ID', input.feedbackId],
    ...Object.entries(input.extraHeaders ?? {}),
  ];
  const lists = input.listHeaders === undefined ? [] : listHeadersOf(input.listHeaders);
  return [
    // Prepared: nodemailer would fold within an address that is longer than a line.
    ...lists.map(({ key, value }) => ({ key, value: { prepared: true as const, value } })),
    ...plain.flatMap(([key, value]) => (value === undefined ? [] : [{ key, value }])),
  ];
}

/** Objects, never joined strings, so that nothing in a name can be read as a second address (S13). */
function toMailbox(mailbox: Mailbox): { name: string; address: string } {
  return { name: mailbox.name ?? '', address: mailbox.address };
}

function checkHeaders(input: MessageInput): void {
  const { listHeaders: lists } = input;
  const values: [string, string | undefined][] = [
    ['Message-ID', input.messageId],
    ['Subject', input.subject],
    ['Feedback-ID', input.feedbackId],
    ['List-Id', lists?.id.phrase],
    ...Object.entries(input.extraHeaders ?? {}),
  ];
  for (const [header, mailbox] of Object.entries({ From: input.from, 'Reply-To': input.replyTo, To: input.to })) {
    values.push([header, mailbox?.name], [header, mailbox?.address]);
    // One "@" outside of quotes and no specials: a parser downstream sees exactly one mailbox.
    if (mailbox !== undefined && !/^[^\s"(),:;<>@[\]\\]+@[^\s"(),:;<>@[\]\\]+$/.test(mailbox.address)) {
      throw headerError(header, 'needs one plain address');
    }
  }
  for (const [header, value] of values) {
    if (value !== undefined && (FORBIDDEN_IN_HEADER.test(value) || !value.isWellFormed())) {
      throw headerError(header, 'holds a control character');
    }
  }
  if (!Object.keys(input.extraHeaders ?? {}).every((name) => EXTRA_HEADER.test(name))) {
    throw headerError('extraHeaders', 'has a name that is no header name or is made here');
  }
  if (!MESSAGE_ID.test(input.messageId)) {
    throw headerError('Message-ID', 'must look like <id@domain>');
  }
  if (Number.isNaN(input.date.getTime())) {
    throw headerError('Date', 'is not a date');
  }
}

/** Never the value: it may be an address or a name, and errors are logged. */
function headerError(header: string, reason: string): AppError {
  return new AppError('render', 'header_invalid', `${header} ${reason}`, { details: { header } });
}

function toCrlf(text: string): string {
  return text.toWellFormed().replace(/\r\n|\r|\n/g, '\r\n');
}

/** The last look before the bytes count as the message: a bare CR or LF is how mails are smuggled into a session (R8). */
function checkLines(bytes: Buffer): void {
  const message = bytes.toString('latin1');
  if (/\r(?!\n)|(?<!\r)\n/.test(message) || message.split('\r\n').some((line) => line.length > MAX_LINE_OCTETS)) {
    throw new AppError('render', 'message_malformed', 'the composed message has a bare line break or too long a line');
  }
}
