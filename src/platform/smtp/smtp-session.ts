import { once } from 'node:events';
import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { NodemailerError } from 'nodemailer/lib/errors';
import { asError } from '../../shared/app-error.ts';
import type { RelayAddress } from './relay-address.ts';

export interface SmtpReplyLine {
  readonly code: number;
  readonly enhancedCode: string | undefined;
  readonly text: string;
}

/**
 * Where a transaction broke off. `connect`: nothing was sent. `envelope`: the server has not asked for the message. `after-dot`
 * is the one place where nobody can know what the server did.
 */
export type SmtpPhase = 'connect' | 'envelope' | 'before-dot' | 'after-dot';

export type SendResult =
  | { readonly kind: 'accepted'; readonly reply: SmtpReplyLine }
  /** The server said no: to the envelope, to DATA, or after the final dot. The session may go on unless it closed. */
  | { readonly kind: 'refused'; readonly reply: SmtpReplyLine; readonly stage: 'mail' | 'rcpt' | 'data' | 'message' }
  /** The connection broke. Before the dot the message was not accepted. */
  | { readonly kind: 'broken'; readonly phase: SmtpPhase; readonly error: Error }
  /** It was never offered, since this server cannot take it: larger than it announced, an address it cannot read, or no envelope. */
  | { readonly kind: 'unsendable'; readonly reason: UnsendableReason }
  /** A hook said no, and the socket was destroyed with the message unfinished. */
  | { readonly kind: 'withheld' };

type UnsendableReason = 'message_too_large' | 'envelope_invalid' | 'needs_smtputf8';

export interface OutgoingMessage {
  readonly from: string;
  readonly to: string;
  readonly bytes: Buffer;
}

/** Asked while the server waits (three minutes, RFC 5321 4.5.3.2.5); `false` destroys the socket. */
export interface SendHooks {
  /** The server has said 354, nothing of the message has been written. */
  readonly beforeBody: () => Promise<boolean>;
  /** Everything but the final dot has been handed to the socket. */
  readonly beforeDot: () => Promise<boolean>;
}

/** One long-lived connection to a relay, one message at a time. */
export interface SmtpSession {
  /** Sends one message to one recipient. Never throws. */
  send(message: OutgoingMessage, hooks: SendHooks): Promise<SendResult>;
  /** False once the connection is gone; then open another. */
  readonly isOpen: boolean;
  /** QUIT and close, if nothing is under way. */
  close(): void;
  /** Destroys the socket: the server discards what it has not got a dot for. */
  destroy(): void;
}

const CONNECT_TIMEOUT_MS = 30_000;
/** For greeting, EHLO, STARTTLS and login together: a server that stops answering halfway must not hold a lane. */
const OPEN_TIMEOUT_MS = 60_000;
/** The answer to QUIT changes nothing any more. */
const QUIT_TIMEOUT_MS = 5000;
/** RFC 5321 4.5.3.2.6: ten minutes for the reply to the dot. A shorter wait manufactures doubles (R17). */
const REPLY_TIMEOUT_MS = 600_000;

export function parseReply(response: string | undefined, fallbackCode = 0): SmtpReplyLine {
  const text = (response ?? '').trim();
  const match = /^(\d{3})[ -](?:([245]\.\d{1,3}\.\d{1,3})\s)?/.exec(text);
  return {
    code: match?.[1] === undefined ? fallbackCode : Number(match[1]),
    enhancedCode: match?.[2],
    text,
  };
}

/**
 * Connects, secures and authenticates through nodemailer.
 * @param cut aborted when nobody waits for the session any more
 * @throws the connection or authentication error; `responseCode` is set when the server said no.
 */
export async function openSmtpSession(relay: RelayAddress, cut?: AbortSignal): Promise<SmtpSession> {
  const connection = new SMTPConnection({
    host: relay.host,
    port: relay.port,
    secure: relay.secure,
    requireTLS: relay.requireTls,
    ignoreTLS: relay.ignoreTls,
    name: relay.clientName,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: REPLY_TIMEOUT_MS,
    allowInternalNetworkInterfaces: true,
  });
  const failed = once(connection, 'error').then(([error]) => {
    throw asError(error);
  });
  failed.catch(() => undefined);
  let knowsSmtpUtf8 = false;
  const opened = new Promise<void>((resolve, reject) => {
    // Called with an error, and no event, when the server closes before its greeting.
    connection.connect((error) => {
      // The answer to the last EHLO, in the clear or within TLS.
      knowsSmtpUtf8 = /^250[ -]SMTPUTF8\s*$/im.test(String(connection.lastServerResponse));
      return error ? reject(error) : resolve();
    });
  }).then(() => logIn(connection, relay));
  const patience = AbortSignal.any([AbortSignal.timeout(OPEN_TIMEOUT_MS), ...(cut === undefined ? [] : [cut])]);
  const lostPatience = once(patience, 'abort').then(() => {
    throw Object.assign(new Error('gave up waiting for the mail server'), { code: 'ETIMEDOUT' });
  });
  lostPatience.catch(() => undefined);
  try {
    patience.throwIfAborted();
    await Promise.race([opened, failed, lostPatience]);
  } catch (error) {
    connection.close();
    throw error;
  }
  return createSession(connection, knowsSmtpUtf8);
}

async function logIn(connection: SMTPConnection, relay: RelayAddress): Promise<void> {
  const { credentials } = relay;
  if (credentials === undefined) {
    return;
  }
  await new Promise<void>((resolve, reject) => {
    connection.login({ credentials }, (error) => (error ? reject(error) : resolve()));
  });
}

function createSession(connection: SMTPConnection, knowsSmtpUtf8: boolean): SmtpSession {
  const state = { isOpen: true, needsReset: false };
  let onBroken: ((error: Error) => void) | undefined;
  const broken = (error: Error): void => {
    state.isOpen = false;
    onBroken?.(error);
  };
  connection.on('error', (error: unknown) => broken(asError(error)));
  connection.on('end', () => broken(new Error('the server closed the connection')));

  function destroy(): void {
    state.isOpen = false;
    connection.close();
  }

  /** RFC 5321 4.1.4: a refused recipient leaves its transaction open, and a second MAIL within it is refused (503). */
  async function reset(): Promise<void> {
    state.needsReset = false;
    await new Promise<void>((resolve) => {
      onBroken = () => resolve();
      connection.reset((error) => {
        if (error) {
          destroy();
        }
        resolve();
      });
    });
    onBroken = undefined;
  }

  async function send(message: OutgoingMessage, hooks: SendHooks): Promise<SendResult> {
    if (state.isOpen && state.needsReset) {
      await reset();
    }
    if (!state.isOpen) {
      return { kind: 'broken', phase: 'connect', error: new Error('the connection is closed') };
    }
    if (!knowsSmtpUtf8 && /[^\0-\x7F]/.test(`${message.from}${message.to}`)) {
      // RFC 6531 3.2: sent anyway, the address may reach somebody else or nobody (R9).
      return { kind: 'unsendable', reason: 'needs_smtputf8' };
    }
    const progress = { isBodyAsked: false, isDotReleased: false, isWithheld: false };
    const allow = async (hook: () => Promise<boolean>): Promise<boolean> => {
      const isAllowed = await hook();
      if (!isAllowed) {
        progress.isWithheld = true;
        destroy();
      }
      return isAllowed;
    };
    const body = withheldStream(message.bytes, {
      beforeBody: () => {
        progress.isBodyAsked = true;
        return allow(hooks.beforeBody);
      },
      beforeDot: async () => {
        progress.isDotReleased = await allow(hooks.beforeDot);
        return progress.isDotReleased;
      },
    });
    const result = await new Promise<SendResult>((resolve) => {
      const breakOff = (error: Error): void => resolve({ kind: 'broken', phase: phaseOf(progress), error });
      onBroken = breakOff;
      const envelope = { from: message.from, to: [message.to], size: message.bytes.length };
      connection.send(envelope, body, (error, info) => {
        if (!error && !progress.isDotReleased) {
          breakOff(new Error('the server accepted a message that it had not got'));
        } else if (!error) {
          resolve({ kind: 'accepted', reply: parseReply(info?.response, 250) });
        } else if (error.responseCode === undefined || error.responseCode === 0) {
          const reason = progress.isBodyAsked ? undefined : unsendableReason(error);
          return reason === undefined ? breakOff(error) : resolve({ kind: 'unsendable', reason });
        } else {
          const reply = parseReply(error.response, error.responseCode);
          resolve({ kind: 'refused', reply, stage: stageOf(error, progress.isDotReleased) });
        }
      });
    });
    onBroken = undefined;
    body.destroy();
    if (result.kind === 'broken' || (progress.isBodyAsked && !progress.isDotReleased)) {
      // The server may still wait for the rest of the message: it would read the next command as text.
      destroy();
    }
    state.needsReset = result.kind === 'refused' && !progress.isDotReleased;
    return progress.isWithheld ? { kind: 'withheld' } : result;
  }

  return {
    send,
    get isOpen() {
      return state.isOpen;
    },
    close: () => {
      state.isOpen = false;
      connection.quit();
      setTimeout(() => connection.close(), QUIT_TIMEOUT_MS).unref();
    },
    destroy,
  };
}

function phaseOf(progress: { readonly isBodyAsked: boolean; readonly isDotReleased: boolean }): SmtpPhase {
  return progress.isDotReleased ? 'after-dot' : progress.isBodyAsked ? 'before-dot' : 'envelope';
}

/** What nodemailer itself declines before a command leaves; a reply without a code is no such thing. */
function unsendableReason(error: NodemailerError): UnsendableReason | undefined {
  if (error.response !== undefined) {
    return undefined;
  }
  return error.code === 'EMESSAGE' ? 'message_too_large' : error.code === 'EENVELOPE' ? 'envelope_invalid' : undefined;
}

function stageOf(error: NodemailerError, isDotReleased: boolean): 'mail' | 'rcpt' | 'data' | 'message' {
  if (isDotReleased) {
    return 'message';
  }
  return error.command === 'RCPT TO' ? 'rcpt' : error.command === 'DATA' ? 'data' : 'mail';
}

/**
 * The message as a stream that holds back its end, and with it the final dot, until the hook says yes. nodemailer reads it
 * once the server has said 354 and writes the dot when the stream ends, never before.
 */
function withheldStream(bytes: Buffer, hooks: SendHooks): Readable {
  let isBodyGiven = false;
  return new Readable({
    highWaterMark: bytes.length + 1,
    read() {
      const hook = isBodyGiven ? hooks.beforeDot : hooks.beforeBody;
      const chunk = isBodyGiven ? null : bytes;
      isBodyGiven = true;
      hook().then(
        (isAllowed) => (isAllowed ? this.push(chunk) : this.destroy()),
        (error: unknown) => this.destroy(asError(error)),
      );
    },
  });
}
