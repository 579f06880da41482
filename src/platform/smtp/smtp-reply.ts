import { isUtf8 } from 'node:buffer';

export interface SmtpReplyLine {
  readonly code: number;
  readonly enhancedCode: string | undefined;
  readonly text: string;
}

/** Told each whole reply; `bytes` are of the packet, so read them now or not at all. */
export interface ReplyListener {
  onReply(code: number, bytes: Buffer): void;
  /** The server does not speak SMTP, or never comes to an end. Nothing is read after that. */
  onNonsense(error: Error): void;
}

/** RFC 5321 4.5.3.1.5 wants 512 octets a line; this is for servers that explain themselves at length. */
const MAX_REPLY_OCTETS = 65_536;

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const HYPHEN = 0x2d;

export function parseReply(response: string | undefined, fallbackCode = 0): SmtpReplyLine {
  const text = (response ?? '').trim();
  const match = /^(\d{3})[ -](?:([245]\.\d{1,3}\.\d{1,3})\s)?/.exec(text);
  return {
    code: match?.[1] === undefined ? fallbackCode : Number(match[1]),
    enhancedCode: match?.[2],
    text,
  };
}

/** @param code the one of the last line, which decides when lines differ (RFC 5321 4.2.1 wants them equal). */
export function readReply(code: number, bytes: Buffer): SmtpReplyLine {
  // What is no UTF-8 is kept octet by octet rather than as question marks.
  const text = bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1').replaceAll('\r\n', '\n');
  return { ...parseReply(text), code };
}

/**
 * Cuts what the server sends into replies, however it is split over packets. A line may end in LF alone; empty lines between
 * replies are skipped. Works on the packet itself: the usual reply is never copied.
 */
export function createReplyReader(listener: ReplyListener): { read(packet: Buffer): void } {
  let carried: Buffer | undefined;
  let scanned = 0;
  let isOver = false;

  function giveUp(message: string): void {
    isOver = true;
    carried = undefined;
    listener.onNonsense(Object.assign(new Error(message), { code: 'EPROTOCOL' }));
  }

  return {
    read(packet) {
      if (isOver) {
        return;
      }
      const data = carried === undefined ? packet : Buffer.concat([carried, packet]);
      let replyStart = 0;
      let lineStart = scanned;
      let searchFrom = carried?.length ?? 0;
      for (let lf = data.indexOf(LF, searchFrom); lf !== -1; lf = data.indexOf(LF, searchFrom)) {
        searchFrom = lf + 1;
        const lineEnd = lf > lineStart && data[lf - 1] === CR ? lf - 1 : lf;
        if (lineEnd === lineStart && lineStart === replyStart) {
          replyStart = lineStart = searchFrom;
          continue;
        }
        if (lf - replyStart > MAX_REPLY_OCTETS) {
          giveUp('the server sent a reply without an end');
          return;
        }
        const code = codeAt(data, lineStart, lineEnd);
        if (code === undefined) {
          giveUp('the server sent a line that is no SMTP reply');
          return;
        }
        if (lineEnd - lineStart > 3 && data[lineStart + 3] === HYPHEN) {
          lineStart = searchFrom;
          continue;
        }
        const reply = data.subarray(replyStart, lineEnd);
        replyStart = lineStart = searchFrom;
        listener.onReply(code, reply);
      }
      if (data.length - replyStart > MAX_REPLY_OCTETS) {
        giveUp('the server sent a reply without an end');
        return;
      }
      carried = replyStart === data.length ? undefined : data.subarray(replyStart);
      scanned = lineStart - replyStart;
    },
  };
}

/** Three digits, the first from 2 to 5, and then a space, a hyphen or the end of the line. */
function codeAt(data: Buffer, start: number, end: number): number | undefined {
  const [first = 0, second = 0, third = 0] = [data[start], data[start + 1], data[start + 2]];
  const after = data[start + 3];
  const isCode = end - start >= 3 && first >= 0x32 && first <= 0x35 && isDigit(second) && isDigit(third);
  if (!isCode || (end - start > 3 && after !== SPACE && after !== HYPHEN)) {
    return undefined;
  }
  return (first - 0x30) * 100 + (second - 0x30) * 10 + (third - 0x30);
}

function isDigit(octet: number): boolean {
  return octet >= 0x30 && octet <= 0x39;
}
