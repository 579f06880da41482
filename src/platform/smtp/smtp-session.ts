import type { RelayAddress } from '../../config/index.ts';
import { whyUnsendable } from './smtp-features.ts';
import type { SmtpEnvelope, SmtpFeatures } from './smtp-features.ts';
import { openConnection } from './smtp-opening.ts';
import type { OpenedConnection } from './smtp-opening.ts';
import type { FinishResult, ReadyResult } from './smtp-result.ts';
import { SMTP_TIMEOUTS } from './smtp-timeouts.ts';
import type { SmtpTimeouts } from './smtp-timeouts.ts';
import { openTransaction } from './smtp-transaction.ts';
import type { OpenTransaction, SmtpTransaction } from './smtp-transaction.ts';
import { createWire } from './smtp-wire.ts';

/** One long-lived connection to a relay. */
export interface SmtpSession {
  /** False once the connection is gone or has carried as many messages as the relay wants; then open another. */
  readonly isOpen: boolean;
  readonly features: SmtpFeatures;
  /**
   * MAIL, RCPT and DATA, in one write with PIPELINING (RFC 2920). The transaction before must have been finished; its reply may still
   * be on its way. Begun in the same turn as that finish(), dot and envelope leave together.
   */
  begin(envelope: SmtpEnvelope): SmtpTransaction;
  /** QUIT, once nothing is under way. */
  close(): void;
  /** Destroys the socket: the server discards what it has not got a dot for. */
  destroy(): void;
}

export interface SessionOptions {
  /** Aborted when nobody waits for the session any more. */
  readonly cut?: AbortSignal;
  readonly timeouts?: Partial<SmtpTimeouts>;
}

/** The answer to QUIT changes nothing any more. */
const QUIT_PATIENCE_MS = 5000;

/** @throws the connection or authentication error; `responseCode` is set when the server said no. */
export function openSmtpSession(relay: RelayAddress, options: SessionOptions = {}): Promise<SmtpSession> {
  const timeouts = { ...SMTP_TIMEOUTS, ...options.timeouts };
  return openConnection(relay, { timeouts, cut: options.cut }, (opened) =>
    createSession(opened, timeouts, relay.maxMessagesPerConnection ?? Infinity),
  );
}

function createSession(opened: OpenedConnection, timeouts: SmtpTimeouts, maxMessages: number): SmtpSession {
  const { features } = opened;
  /** In the order in which the server answers: at most one that waits for the reply to its dot, and one behind it. */
  const active: OpenTransaction[] = [];
  let begun = 0;
  let needsReset = false;
  let isClosing = false;
  let isQuitting = false;

  const wire = createWire(
    opened.socket,
    { isPipelined: features.pipelining, timeouts, early: opened.early },
    {
      onStray: (code, bytes) => {
        active[0]?.interrupt(code, bytes);
        wire.break(new Error(`the server said ${code} unasked`));
      },
      onBroken: (error) => {
        for (const [index, transaction] of active.splice(0).entries()) {
          transaction.breakOff(error, index > 0);
        }
      },
    },
  );
  const deps = { wire, features, timeouts, onOver: endTransaction };

  function endTransaction(transaction: OpenTransaction, isStillOpen: boolean): void {
    const index = active.indexOf(transaction);
    if (index !== -1) {
      active.splice(index, 1);
    }
    needsReset = isStillOpen;
    quitIfDone();
  }

  function quitIfDone(): void {
    if (!isClosing || isQuitting || wire.isBroken || active.length > 0) {
      return;
    }
    isQuitting = true;
    const leave = (): void => wire.break(new Error('the session is closed'));
    wire.command('QUIT\r\n', { patienceMs: QUIT_PATIENCE_MS, onReply: leave });
    setTimeout(leave, QUIT_PATIENCE_MS).unref();
  }

  function close(): void {
    isClosing = true;
    quitIfDone();
  }

  function begin(envelope: SmtpEnvelope): SmtpTransaction {
    if (wire.isBroken || isClosing) {
      return stillborn({ kind: 'broken', phase: 'connect', error: new Error('the connection is closed') });
    }
    const reason = whyUnsendable(features, envelope);
    if (reason !== undefined) {
      return stillborn({ kind: 'unsendable', reason });
    }
    if (active.some((transaction) => !transaction.isDotReleased)) {
      throw new Error('finish the message before');
    }
    const transaction = openTransaction(deps, envelope, needsReset);
    needsReset = false;
    active.push(transaction);
    begun += 1;
    isClosing = begun >= maxMessages;
    return transaction;
  }

  return {
    get isOpen() {
      return !wire.isBroken && !isClosing;
    },
    features,
    begin,
    close,
    destroy: () => wire.break(new Error('the connection was given up')),
  };
}

/** One that came to nothing. */
function stillborn(result: ReadyResult): SmtpTransaction {
  const finished: FinishResult = { kind: 'broken', phase: 'before-dot', error: new Error('nothing was begun') };
  return {
    ready: Promise.resolve(result),
    write: () => Promise.resolve(false),
    finish: () => Promise.resolve(finished),
    isDotReleased: false,
  };
}
