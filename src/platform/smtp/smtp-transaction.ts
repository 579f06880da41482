import { createDotStuffer } from './dot-stuffing.ts';
import { mailCommand, recipientCommand } from './smtp-features.ts';
import type { SmtpEnvelope, SmtpFeatures } from './smtp-features.ts';
import { readReply } from './smtp-reply.ts';
import type { FinishResult, ReadyResult, Refused } from './smtp-result.ts';
import type { SmtpTimeouts } from './smtp-timeouts.ts';
import { passFailPoint } from '../../shared/fail-points.ts';
import type { SmtpWire } from './smtp-wire.ts';

/** One message to one recipient. */
export interface SmtpTransaction {
  /** `go`: the server has said 354. Never rejects. */
  readonly ready: Promise<ReadyResult>;
  /**
   * The message in as many parts and calls as you like, all but the final dot; dots are stuffed here. Resolves true once the kernel
   * has it, then the buffers are yours again; false when the connection is gone, and `finish` tells why.
   * @param isDotFree no line of it begins with a dot, and it ends with a line end: nothing is looked for
   */
  write(parts: readonly Buffer[], isDotFree?: boolean): Promise<boolean>;
  /** The final dot, unless the connection is gone already. Never rejects. */
  finish(): Promise<FinishResult>;
  /** True once octets of the final dot may have left. */
  readonly isDotReleased: boolean;
}

/** What the session does with it. */
export interface OpenTransaction extends SmtpTransaction {
  /** @param isUnread the server cannot have come to this transaction: it still owed an answer to the one before. */
  breakOff(error: Error, isUnread: boolean): void;
  /** A reply that nobody waits for, while the message is being written. */
  interrupt(code: number, bytes: Buffer): void;
}

export interface TransactionDeps {
  readonly wire: SmtpWire;
  readonly features: SmtpFeatures;
  readonly timeouts: SmtpTimeouts;
  /** @param isStillOpen the server still has its sender: RSET before the next one. */
  readonly onOver: (transaction: OpenTransaction, isStillOpen: boolean) => void;
}

type Step = 'envelope' | 'text' | 'dot' | 'over';

/** Says MAIL, RCPT and DATA. RFC 2920 3.1: DATA is the last of its group, and every reply is looked at. */
export function openTransaction(
  { wire, features, timeouts, onOver }: TransactionDeps,
  envelope: SmtpEnvelope,
  needsReset: boolean,
): OpenTransaction {
  const ready = Promise.withResolvers<ReadyResult>();
  const finished = Promise.withResolvers<FinishResult>();
  const stuffer = createDotStuffer();
  let step: Step = 'envelope';
  let isDotReleased = false;
  let isMailTaken = false;
  let awaitsReset = needsReset;
  let refusal: Refused<'mail' | 'rcpt' | 'data'> | undefined;

  function endEnvelope(result: ReadyResult, isStillOpen = false): void {
    step = 'over';
    ready.resolve(result);
    // Whoever finishes it all the same shall not wait for ever.
    finished.resolve({ kind: 'broken', phase: 'before-dot', error: protocolError('the server asked for no message') });
    onOver(transaction, isStillOpen);
  }

  function endMessage(result: FinishResult): void {
    step = 'over';
    finished.resolve(result);
    onOver(transaction, false);
  }

  function takeReset(code: number): void {
    if (isPositive(code)) {
      awaitsReset = false;
    } else {
      wire.break(protocolError('the server does not end a transaction'));
    }
  }

  function takePath(stage: 'mail' | 'rcpt', code: number, bytes: Buffer): void {
    if (isPositive(code)) {
      isMailTaken ||= stage === 'mail';
      passFailPoint(stage);
    } else if (code < 400) {
      wire.break(protocolError(`the server answered ${code} to the envelope`));
    } else {
      refusal ??= { kind: 'refused', reply: readReply(code, bytes), stage };
      if (isFarewell(code)) {
        endEnvelope(refusal);
        wire.break(serverCloses());
      } else if (wire.takeBack()) {
        endEnvelope(refusal, isMailTaken);
      }
    }
  }

  function takeData(code: number, bytes: Buffer): void {
    if (code >= 400) {
      refusal ??= { kind: 'refused', reply: readReply(code, bytes), stage: 'data' };
      endEnvelope(refusal, isMailTaken);
      if (isFarewell(code)) {
        wire.break(serverCloses());
      }
    } else if (code < 300) {
      wire.break(protocolError(`the server answered ${code} to DATA`));
    } else if (refusal === undefined) {
      step = 'text';
      passFailPoint('data');
      ready.resolve({ kind: 'go' });
    } else if (refusal.stage === 'rcpt') {
      // RFC 2920 3.1: a server may ask for the message of a recipient it has refused. An empty one, for nobody.
      wire.command('.\r\n', { patienceMs: timeouts.dotMs, onReply: ignoreReply });
      endEnvelope(refusal);
    } else {
      // It refused the sender and goes on nevertheless: nobody knows to whom an empty message would go.
      endEnvelope(refusal);
      wire.break(protocolError('the server asks for a message whose sender it refused'));
    }
  }

  function takeVerdict(code: number, bytes: Buffer): void {
    if (isPositive(code)) {
      endMessage({ kind: 'accepted', reply: readReply(code, bytes) });
    } else if (code >= 400) {
      endMessage({ kind: 'refused', reply: readReply(code, bytes), stage: 'message' });
      if (isFarewell(code)) {
        wire.break(serverCloses());
      }
    } else {
      wire.break(protocolError(`the server answered ${code} to the message`));
    }
  }

  function ignoreReply(code: number): void {
    if (isFarewell(code)) {
      wire.break(serverCloses());
    }
  }

  const transaction: OpenTransaction = {
    ready: ready.promise,
    write: (parts, isDotFree = false) =>
      step === 'text' ? wire.write(isDotFree ? parts : stuffer.stuff(parts), timeouts.blockMs) : Promise.resolve(false),
    finish: () => {
      if (step === 'text') {
        step = 'dot';
        isDotReleased = true;
        wire.command(stuffer.end(), { patienceMs: timeouts.dotMs, onReply: takeVerdict });
        // The wire's own turn comes first: then the kernel has the dot.
        process.nextTick(passFailPoint, 'dot');
      }
      return finished.promise;
    },
    get isDotReleased() {
      return isDotReleased;
    },
    breakOff: (error, isUnread) => {
      if (step === 'envelope') {
        endEnvelope(refusal ?? { kind: 'broken', phase: isUnread || awaitsReset ? 'connect' : 'envelope', error });
      } else if (step !== 'over') {
        endMessage({ kind: 'broken', phase: step === 'dot' ? 'after-dot' : 'before-dot', error });
      }
    },
    interrupt: (code, bytes) => {
      // 250 to a message that it has not got is worth nothing.
      if (code >= 400) {
        endMessage({ kind: 'refused', reply: readReply(code, bytes), stage: 'message' });
      }
      wire.break(protocolError('the server answered in the middle of a message'));
    },
  };

  if (needsReset) {
    wire.command('RSET\r\n', { patienceMs: timeouts.commandMs, onReply: takeReset });
  }
  wire.command(mailCommand(features, envelope), {
    patienceMs: timeouts.commandMs,
    onReply: (code, bytes) => takePath('mail', code, bytes),
  });
  wire.command(recipientCommand(features, envelope), {
    patienceMs: timeouts.commandMs,
    onReply: (code, bytes) => takePath('rcpt', code, bytes),
  });
  wire.command('DATA\r\n', { patienceMs: timeouts.dataMs, onReply: takeData });
  return transaction;
}

function isPositive(code: number): boolean {
  return code >= 200 && code < 300;
}

/** RFC 5321 3.8: the server may say it at any time, and closes. */
function isFarewell(code: number): boolean {
  return code === 421;
}

function serverCloses(): Error {
  return Object.assign(new Error('the server said 421 and closes'), { code: 'ECONNECTION', responseCode: 421 });
}

function protocolError(message: string): Error {
  return Object.assign(new Error(message), { code: 'EPROTOCOL' });
}
