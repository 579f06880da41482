import type { CompiledMail, LogicSlot, Segment, Slot } from '../segments.ts';
import { checkHeaderText } from './header-error.ts';
import { writeTextHeader } from './header-text.ts';
import { writeListHeaders } from './list-headers.ts';
import type { ListHead } from './list-headers.ts';
import { writeMailboxHeader } from './mailbox.ts';
import { encodeQuotedPrintable, SOFT_BREAK } from './quoted-printable.ts';

/** What the headers of all readers of a variant share. */
export interface MessageHead {
  readonly fromName: string;
  readonly fromAddress: string;
  readonly replyTo: string | null;
  /** Only on list mail, never on a confirmation (R6). */
  readonly list: ListHead | null;
  readonly archiveUrl: string | null;
}

type Variable = Slot | LogicSlot;

/** In a body, the place of the boundary; every other number is an index into `variables`. */
export const BOUNDARY = -1;

/** A variant with everything encoded that is the same for all its readers. Immutable; made once, kept in memory. */
export interface PreparedMessage {
  /** From and Reply-To. */
  readonly senderHeaders: string;
  /** List-Id and its like; empty on a mail that is no list mail. */
  readonly listHeaders: string;
  readonly subject: readonly (string | number)[];
  /** The whole subject header where it is the same for all, less a prefix. */
  readonly subjectHeader: string | undefined;
  /** Encoded bytes, with what differs from reader to reader between. */
  readonly body: readonly (Buffer | number)[];
  /** Of all buffers of `body` together. */
  readonly fixedBytes: number;
  /** Each place that differs, once, however often it stands in the mail. */
  readonly variables: readonly Variable[];
}

/**
 * Encodes a compiled mail for `writeMessage`.
 * @throws AppError `header_invalid` for a header value with a control character or an address that is not one mailbox.
 */
export function prepareMessage(mail: {
  readonly head: MessageHead;
  readonly compiled: Pick<CompiledMail, 'subject' | 'html' | 'text'>;
}): PreparedMessage {
  const { head, compiled } = mail;
  const variables = collectVariables();
  const subject = joinStrings(compiled.subject).map((part) => (typeof part === 'string' ? part : variables.add(part)));
  const body = [
    ...startPart('text/plain', ''),
    ...encodePart(compiled.text, variables),
    ...startPart('text/html', '\r\n'),
    ...encodePart(compiled.html, variables),
    '\r\n--',
    BOUNDARY,
    '--\r\n',
  ];
  const pieces = joinStrings(body).map((piece) => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece));
  return {
    senderHeaders: writeSenderHeaders(head),
    listHeaders:
      head.list === null
        ? ''
        : writeListHeaders(head.list, head.fromAddress, head.replyTo ?? head.fromAddress, head.archiveUrl),
    subject,
    subjectHeader: writeFixedSubject(subject),
    body: pieces,
    fixedBytes: pieces.reduce<number>((sum, piece) => sum + (typeof piece === 'number' ? 0 : piece.length), 0),
    variables: variables.all,
  };
}

function writeSenderHeaders(head: MessageHead): string {
  const from = writeMailboxHeader('From', head.fromName, head.fromAddress);
  return head.replyTo === null ? from : `${from}${writeMailboxHeader('Reply-To', head.fromName, head.replyTo)}`;
}

/** Checked here too where a reader's value stands in it, so that a variant that can reach nobody fails at once. */
function writeFixedSubject(subject: readonly (string | number)[]): string | undefined {
  for (const part of subject) {
    checkHeaderText('Subject', typeof part === 'string' ? part : '');
  }
  return subject.every((part) => typeof part === 'string') ? writeTextHeader('Subject', subject.join('')) : undefined;
}

function startPart(type: string, before: string): (string | number)[] {
  const headers = `Content-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n`;
  return [`${before}--`, BOUNDARY, `\r\n${headers}`];
}

/** Soft line breaks around each variable: both it and the text between begin at the start of a line. */
function encodePart(part: readonly Segment[], variables: VariableSet): (string | number)[] {
  const pieces = joinStrings(part);
  return pieces.map((piece, index) => {
    if (typeof piece !== 'string') {
      return variables.add(piece);
    }
    const encoded = encodeQuotedPrintable(piece);
    const isLast = index + 1 === pieces.length;
    return isLast || encoded === '' || encoded.endsWith('\r\n') ? encoded : `${encoded}${SOFT_BREAK}`;
  });
}

function joinStrings<Other>(parts: readonly (string | Other)[]): (string | Other)[] {
  const joined: (string | Other)[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === 'string' && typeof last === 'string') {
      joined[joined.length - 1] = last + part;
    } else {
      joined.push(part);
    }
  }
  return joined;
}

interface VariableSet {
  readonly all: readonly Variable[];
  readonly add: (variable: Variable) => number;
}

function collectVariables(): VariableSet {
  const all: Variable[] = [];
  const indexes = new Map<string, number>();
  return {
    all,
    add: (variable) => {
      const key =
        'logic' in variable
          ? `${variable.logic}`
          : JSON.stringify([variable.field, variable.context, variable.fallback]);
      const index = indexes.get(key) ?? all.push(variable) - 1;
      indexes.set(key, index);
      return index;
    },
  };
}
