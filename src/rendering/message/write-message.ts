import { createHash } from 'node:crypto';
import { AppError } from '../../shared/app-error.ts';
import type { MergeField } from '../merge-fields.ts';
import { fillSlot } from '../render-for-reader.ts';
import { headerError } from './header-error.ts';
import { writeTextHeader } from './header-text.ts';
import { writeReaderListHeaders } from './list-headers.ts';
import type { ReaderListHeaders } from './list-headers.ts';
import { writeMailboxHeader } from './mailbox.ts';
import { BOUNDARY } from './prepare-message.ts';
import type { PreparedMessage } from './prepare-message.ts';
import { encodeQuotedPrintable, SOFT_BREAK } from './quoted-printable.ts';

/** What one reader's mail has of its own. The same values give the same bytes at each retry (R7). */
export interface MessageReader {
  /** With angle brackets; fixed per delivery. */
  readonly messageId: string;
  /** Fixed per delivery too. */
  readonly date: Date;
  /** One address, as RCPT TO has it. */
  readonly to: string;
  readonly subjectPrefix?: string;
  /** Asked only for what the mail uses, and once for each field: a link costs an HMAC. */
  readonly values: (field: MergeField) => string | undefined;
  /** What the mail's logic came to for this reader, by index, escaped for its place. */
  readonly logic?: readonly string[];
  /** On list mail only, and then always (R1). */
  readonly list?: ReaderListHeaders;
}

/** A signature may be put in front. */
export interface WrittenMessage {
  /** The whole message (RFC 5322): `header`, CRLF, `body`, which are parts of the same memory. */
  readonly bytes: Buffer;
  /** Ends with CRLF, without the empty line. */
  readonly header: Buffer;
  /** In the relaxed canonical form of DKIM, and without a line that begins with a dot. */
  readonly body: Buffer;
}

/** Printable ASCII without what could end it. */
const MESSAGE_ID = /^<[!-;=?A-~]{1,200}@[!-;=?A-~]{1,255}>$/;
const BOUNDARY_SAFE = /^[\w.-]{8,60}$/;

/**
 * One reader's mail as bytes: text before HTML, both quoted-printable, CRLF only, short lines.
 * @param allocate memory for the message, every byte of which is written
 * @throws AppError `header_invalid` as `prepareMessage`, `merge_value_missing` as `renderForReader`.
 */
export function writeMessage(
  prepared: PreparedMessage,
  reader: MessageReader,
  allocate: (size: number) => Buffer = Buffer.allocUnsafe,
): WrittenMessage {
  const boundary = boundaryOf(reader.messageId);
  const fill = createFiller(prepared, reader);
  const header = writeHeader(prepared, reader, boundary, fill);
  const headerSize = Buffer.byteLength(header);
  const variables = encodeVariables(prepared, fill);
  const bytes = allocate(headerSize + 2 + bodySize(prepared, variables, boundary));
  bytes.write(header, 'utf8');
  bytes.write('\r\n', headerSize, 'latin1');
  let at = headerSize + 2;
  for (const piece of prepared.body) {
    if (typeof piece === 'number') {
      at += bytes.write(piece === BOUNDARY ? boundary : (variables[piece] ?? ''), at, 'latin1');
    } else {
      bytes.set(piece, at);
      at += piece.length;
    }
  }
  return { bytes, header: bytes.subarray(0, headerSize), body: bytes.subarray(headerSize + 2) };
}

function writeHeader(
  prepared: PreparedMessage,
  reader: MessageReader,
  boundary: string,
  fill: (index: number) => string,
): string {
  return (
    prepared.senderHeaders +
    writeMailboxHeader('To', '', reader.to) +
    writeSubject(prepared, reader, fill) +
    `Message-ID: ${reader.messageId}\r\nDate: ${writeDate(reader.date)}\r\n` +
    `MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary="${boundary}"\r\n` +
    prepared.listHeaders +
    (reader.list === undefined ? '' : writeReaderListHeaders(reader.list)) +
    // R5. The second is no standard, but it keeps out-of-office replies of Exchange away.
    'Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: OOF, AutoReply\r\n'
  );
}

/** What stands in a variable place for this reader, each worked out once. */
function createFiller(prepared: PreparedMessage, reader: MessageReader): (index: number) => string {
  const filled: (string | undefined)[] = [];
  const values = new Map<MergeField, string | undefined>();
  const valueOf = (field: MergeField): string | undefined => {
    if (!values.has(field)) {
      values.set(field, reader.values(field));
    }
    return values.get(field);
  };
  return (index) => {
    const known = filled[index];
    if (known !== undefined) {
      return known;
    }
    const variable = prepared.variables[index];
    const text =
      variable === undefined
        ? ''
        : 'logic' in variable
          ? logicOf(reader, variable.logic)
          : fillSlot(variable, valueOf(variable.field));
    filled[index] = text;
    return text;
  };
}

function logicOf(reader: MessageReader, index: number): string {
  const text = reader.logic?.[index];
  if (text === undefined) {
    throw new AppError('render', 'merge_value_missing', 'the logic of the mail was not worked out for this reader');
  }
  return text;
}

/** Only those of the body, each once: one that stands in the subject alone is never asked for here. */
function encodeVariables(prepared: PreparedMessage, fill: (index: number) => string): readonly string[] {
  const encoded: string[] = [];
  for (const piece of prepared.body) {
    if (typeof piece === 'number' && piece !== BOUNDARY && encoded[piece] === undefined) {
      const text = encodeQuotedPrintable(fill(piece));
      encoded[piece] = text === '' || text.endsWith('\r\n') ? text : text + SOFT_BREAK;
    }
  }
  return encoded;
}

/** Quoted-printable is ASCII: one byte for each character. */
function bodySize(prepared: PreparedMessage, variables: readonly string[], boundary: string): number {
  let size = prepared.fixedBytes;
  for (const piece of prepared.body) {
    if (typeof piece === 'number') {
      size += piece === BOUNDARY ? boundary.length : (variables[piece] ?? '').length;
    }
  }
  return size;
}

function writeSubject(prepared: PreparedMessage, reader: MessageReader, fill: (index: number) => string): string {
  if (prepared.subjectHeader !== undefined && reader.subjectPrefix === undefined) {
    return prepared.subjectHeader;
  }
  // A template's logic may put its branches on lines of their own.
  const ofReader = (index: number): string => fill(index).replaceAll(/[\r\n\t]+ */g, ' ');
  const subject = prepared.subject.map((part) => (typeof part === 'string' ? part : ofReader(part))).join('');
  return writeTextHeader('Subject', `${reader.subjectPrefix ?? ''}${subject}`);
}

/** RFC 5322 3.3. */
function writeDate(date: Date): string {
  if (Number.isNaN(date.getTime())) {
    throw headerError('Date', 'is not a date');
  }
  return date.toUTCString().replace('GMT', '+0000');
}

/**
 * The same at each retry, and in no part: quoted-printable has no "=_" (RFC 2045 6.7). A Message-ID of ours is made of
 * letters and digits, any other is hashed.
 */
function boundaryOf(messageId: string): string {
  if (!MESSAGE_ID.test(messageId)) {
    throw headerError('Message-ID', 'must look like <id@domain>');
  }
  const id = messageId.slice(1, messageId.indexOf('@'));
  return `=_${BOUNDARY_SAFE.test(id) ? id : createHash('sha256').update(messageId).digest('hex').slice(0, 32)}`;
}
