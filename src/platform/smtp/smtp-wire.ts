import type { Socket } from 'node:net';
import { createReplyReader } from './smtp-reply.ts';
import type { SmtpTimeouts } from './smtp-timeouts.ts';

/** Who waits for the reply to one command. */
export interface ReplyWaiter {
  readonly patienceMs: number;
  readonly onReply: (code: number, bytes: Buffer) => void;
}

export interface WireListener {
  /** A reply that nobody waits for. */
  onStray(code: number, bytes: Buffer): void;
  /** Once; the socket is destroyed by then. */
  onBroken(error: Error): void;
}

/** Commands out, replies in, each reply to the command whose turn it is. Knows nothing of mails. */
export interface SmtpWire {
  readonly isBroken: boolean;
  /**
   * With PIPELINING it leaves at the end of this turn, together with everything else that is said in it, else when all replies
   * before it are there.
   */
  command(line: string, waiter: ReplyWaiter): void;
  /** Takes back the commands that have not left. True if there were any. */
  takeBack(): boolean;
  /** Resolves true once the kernel has all of it, false when the connection broke. */
  write(parts: readonly Buffer[], patienceMs: number): Promise<boolean>;
  break(error: Error): void;
}

/** A block of RFC 5321 4.5.3.2.5, made larger: for a message of many megabytes on a slow line the patience grows with it. */
const BLOCK_OCTETS = 262_144;

export function createWire(
  socket: Socket,
  options: {
    readonly isPipelined: boolean;
    readonly timeouts: SmtpTimeouts;
    /** What came before this. */
    readonly early: Buffer;
  },
  listener: WireListener,
): SmtpWire {
  const awaited: ReplyWaiter[] = [];
  const queued: { readonly line: string; readonly waiter: ReplyWaiter }[] = [];
  let outgoing = '';
  let isFlushPlanned = false;
  let isBroken = false;
  let endWrite: ((isWritten: boolean) => void) | undefined;
  let deadlineMs = Infinity;
  const reader = createReplyReader({ onReply: takeReply, onNonsense: breakOff });
  const watch = watchDeadline(options.timeouts, () => deadlineMs, breakOff);

  /** The patience begins anew with each reply, since each command has its own. */
  function restartPatience(patienceMs: number | undefined): void {
    deadlineMs = patienceMs === undefined ? Infinity : performance.now() + patienceMs;
  }

  function takeReply(code: number, bytes: Buffer): void {
    if (isBroken) {
      return;
    }
    const waiter = awaited.shift();
    if (waiter === undefined) {
      listener.onStray(code, bytes);
      return;
    }
    restartPatience(awaited[0]?.patienceMs);
    waiter.onReply(code, bytes);
    sendQueued();
  }

  function sendQueued(): void {
    const isOneByOne = !options.isPipelined;
    while (!isBroken && queued.length > 0 && !(isOneByOne && awaited.length > 0)) {
      const next = queued.shift();
      if (next !== undefined) {
        say(next.line, next.waiter);
      }
    }
  }

  function say(line: string, waiter: ReplyWaiter): void {
    outgoing += line;
    awaited.push(waiter);
    if (awaited.length === 1) {
      restartPatience(waiter.patienceMs);
    }
    if (!isFlushPlanned) {
      isFlushPlanned = true;
      process.nextTick(flush);
    }
  }

  function flush(): void {
    isFlushPlanned = false;
    if (!isBroken && outgoing !== '') {
      const text = outgoing;
      outgoing = '';
      socket.write(text, 'utf8');
    }
  }

  function write(parts: readonly Buffer[], patienceMs: number): Promise<boolean> {
    if (isBroken) {
      return Promise.resolve(false);
    }
    flush();
    const written = Promise.withResolvers<boolean>();
    endWrite = written.resolve;
    let octets = 0;
    // One system call for all parts.
    socket.cork();
    for (const part of parts) {
      octets += part.length;
      socket.write(part);
    }
    socket.write('', (error) => {
      restartPatience(awaited[0]?.patienceMs);
      endWrite = undefined;
      written.resolve(!error && !isBroken);
    });
    restartPatience(patienceMs * Math.max(1, Math.ceil(octets / BLOCK_OCTETS)));
    socket.uncork();
    return written.promise;
  }

  function breakOff(error: Error): void {
    if (isBroken) {
      return;
    }
    isBroken = true;
    clearInterval(watch);
    socket.destroy();
    queued.length = 0;
    awaited.length = 0;
    endWrite?.(false);
    listener.onBroken(error);
  }

  socket.on('data', (packet: Buffer) => reader.read(packet));
  socket.on('error', breakOff);
  socket.on('end', () => breakOff(closedByServer()));
  socket.on('close', () => breakOff(closedByServer()));
  if (options.early.length > 0) {
    process.nextTick(() => reader.read(options.early));
  }

  return {
    get isBroken() {
      return isBroken;
    },
    command: (line, waiter) => {
      queued.push({ line, waiter });
      sendQueued();
    },
    takeBack: () => queued.splice(0).length > 0,
    write,
    break: breakOff,
  };
}

/** One timer a session that looks now and then, rather than one a command. */
function watchDeadline(
  timeouts: SmtpTimeouts,
  deadline: () => number,
  onOver: (error: Error) => void,
): ReturnType<typeof setInterval> {
  const shortestMs = Math.min(timeouts.commandMs, timeouts.dataMs, timeouts.blockMs, timeouts.dotMs);
  const timer = setInterval(
    () => {
      if (performance.now() > deadline()) {
        onOver(Object.assign(new Error('the server did not answer in time'), { code: 'ETIMEDOUT' }));
      }
    },
    Math.max(shortestMs / 4, 10),
  );
  return timer.unref();
}

function closedByServer(): Error {
  return Object.assign(new Error('the server closed the connection'), { code: 'ECONNECTION' });
}
