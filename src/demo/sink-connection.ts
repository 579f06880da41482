import type { Socket } from 'node:net';

export interface SinkMessage {
  readonly sender: string;
  /** As they stood between the angle brackets of RCPT TO, byte for byte. */
  readonly recipients: readonly string[];
  /** Without the dot-stuffing of the transport. */
  readonly raw: Buffer;
  /** The same for all mails that came over one connection. */
  readonly connectionId: string;
}

export interface SinkRefusal {
  readonly code: number;
  readonly text: string;
}

/** `cut`: the connection is reset, and the sender cannot know what became of the message. */
export type SinkVerdict = 'accept' | 'cut' | SinkRefusal;

export interface SinkJudge {
  /** Asked at each RCPT. */
  readonly recipient?: (recipient: string, connectionId: string) => SinkRefusal | undefined;
  /** Asked when the first octets of a message come. */
  readonly text?: (recipients: readonly string[], connectionId: string) => 'cut' | undefined;
  /** Asked when the final dot has come. What it does with the message is its own affair. */
  readonly message: (message: SinkMessage) => Promise<SinkVerdict>;
}

const GREETING = '220 sink.test ESMTP\r\n';
const EHLO =
  '250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 104857600\r\n';
const END = '\r\n.\r\n';
const LAST_LINE = '.\r\n';
const NOTHING = Buffer.alloc(0);
const MOST_COMMAND_OCTETS = 8192;

/** Speaks SMTP on one connection, with pipelined commands answered in one write (RFC 2920). Takes everything it is not told to refuse. */
export function serveConnection(socket: Socket, connectionId: string, judge: SinkJudge): void {
  let input: Buffer = NOTHING;
  let text: Buffer[] | undefined;
  /** The last octets before `input`, in which the end may have begun. */
  let tail: Buffer = NOTHING;
  let isTextBegun = false;
  let sender: string | undefined;
  let recipients: string[] = [];
  let replies = GREETING;
  let isBusy = false;

  function reset(): void {
    sender = undefined;
    recipients = [];
  }

  function flush(): void {
    if (replies !== '' && socket.writable) {
      socket.write(replies);
    }
    replies = '';
  }

  /** False while the judge thinks: what comes meanwhile waits. */
  function step(): boolean {
    return text === undefined ? takeCommands() : takeText(text);
  }

  function takeCommands(): boolean {
    for (let end = input.indexOf('\n'); end !== -1; end = input.indexOf('\n')) {
      const line = input.subarray(0, end).toString('utf8').replace(/\r$/, '');
      input = input.subarray(end + 1);
      replies += answer(line);
      if (text !== undefined) {
        return true;
      }
    }
    if (input.length > MOST_COMMAND_OCTETS) {
      socket.destroy();
    }
    return false;
  }

  function answer(line: string): string {
    const verb = (/^[a-z]*/i.exec(line)?.[0] ?? '').toUpperCase();
    switch (verb) {
      case 'EHLO':
        reset();
        return EHLO;
      case 'HELO':
        reset();
        return '250 sink.test\r\n';
      case 'MAIL':
        return takeSender(line);
      case 'RCPT':
        return takeRecipient(line);
      case 'DATA':
        return beginText();
      case 'RSET':
        reset();
        return '250 2.0.0 ok\r\n';
      case 'NOOP':
        return '250 2.0.0 ok\r\n';
      case 'QUIT':
        replies += '221 2.0.0 bye\r\n';
        flush();
        socket.end();
        return '';
      default:
        return '502 5.5.1 not here\r\n';
    }
  }

  function takeSender(line: string): string {
    const path = /^MAIL FROM:\s*<([^>]*)>/i.exec(line)?.[1];
    if (path === undefined || sender !== undefined) {
      return path === undefined ? '501 5.5.4 no path\r\n' : '503 5.5.1 a transaction is open\r\n';
    }
    sender = path;
    return '250 2.1.0 ok\r\n';
  }

  function takeRecipient(line: string): string {
    const path = /^RCPT TO:\s*<([^>]*)>/i.exec(line)?.[1];
    if (path === undefined || sender === undefined) {
      return path === undefined ? '501 5.5.4 no path\r\n' : '503 5.5.1 MAIL first\r\n';
    }
    const refusal = judge.recipient?.(path, connectionId);
    if (refusal !== undefined) {
      return `${refusal.code} ${refusal.text}\r\n`;
    }
    recipients.push(path);
    return '250 2.1.5 ok\r\n';
  }

  function beginText(): string {
    if (recipients.length === 0) {
      return '554 5.5.1 no valid recipients\r\n';
    }
    text = [];
    // The line end of the DATA command: a dot right behind it ends an empty message.
    tail = Buffer.from('\r\n');
    isTextBegun = false;
    return '354 go on\r\n';
  }

  function takeText(kept: Buffer[]): boolean {
    if (input.length === 0) {
      return false;
    }
    if (!isTextBegun) {
      isTextBegun = true;
      if (judge.text?.(recipients, connectionId) === 'cut') {
        socket.resetAndDestroy();
        return false;
      }
    }
    const seen = Buffer.concat([tail, input]);
    const end = seen.indexOf(END);
    if (end === -1) {
      kept.push(input);
      tail = seen.subarray(-END.length + 1);
      input = NOTHING;
      return false;
    }
    const taken = end + END.length - tail.length;
    kept.push(input.subarray(0, taken));
    input = input.subarray(taken);
    text = undefined;
    // The line end before the dot is the last one of the message.
    const raw = unstuff(Buffer.concat(kept).subarray(0, -LAST_LINE.length));
    void judgeMessage({ sender: sender ?? '', recipients, raw, connectionId });
    return false;
  }

  async function judgeMessage(message: SinkMessage): Promise<void> {
    isBusy = true;
    reset();
    const verdict = await judge.message(message).catch(() => 'cut' as const);
    isBusy = false;
    if (verdict === 'cut') {
      socket.resetAndDestroy();
      return;
    }
    replies += verdict === 'accept' ? '250 2.0.0 taken\r\n' : `${verdict.code} ${verdict.text}\r\n`;
    work();
  }

  function work(): void {
    while (!isBusy && !socket.destroyed && step()) {
      // Each step takes what it can.
    }
    flush();
  }

  socket.setNoDelay(true);
  socket.on('data', (packet: Buffer) => {
    input = input.length === 0 ? packet : Buffer.concat([input, packet]);
    if (!isBusy) {
      work();
    }
  });
  // What a fault cut is reported here; the script wanted it.
  socket.on('error', () => undefined);
  flush();
}

function unstuff(text: Buffer): Buffer {
  const isPlain = text[0] !== 0x2e && !text.includes('\r\n.');
  return isPlain ? text : Buffer.from(text.toString('latin1').replaceAll(/(^|\r\n)\./g, '$1'), 'latin1');
}
