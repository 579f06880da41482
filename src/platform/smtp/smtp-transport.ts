import { isAscii } from 'node:buffer';
import { buffer } from 'node:stream/consumers';
import { createTransport } from 'nodemailer';
import type { MailMessage, Transport, Transporter } from 'nodemailer';
import type { RelayAddress } from '../../config/index.ts';
import { asError } from '../../shared/app-error.ts';
import type { FinishResult, ReadyResult } from './smtp-result.ts';
import { openSmtpSession } from './smtp-session.ts';
import type { SessionOptions, SmtpSession } from './smtp-session.ts';
import type { SmtpTransaction } from './smtp-transaction.ts';

/** What `sendMail` of nodemailer gives. */
export interface BulkSent {
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  readonly messageId: string;
  readonly accepted: readonly string[];
  /** Of the recipient that was answered last. */
  readonly response: string;
}

/** One message to one recipient, on its way to whichever connection is free. */
interface Job {
  readonly from: string;
  readonly to: string;
  readonly bytes: Buffer;
  readonly resolve: (response: string) => void;
  readonly reject: (error: Error) => void;
  tries: number;
}

type Outcome = Exclude<ReadyResult, { kind: 'go' }> | FinishResult;

/** A connection that the server has closed meanwhile says nothing about the message: another one is tried so often. */
const MOST_TRIES = 3;

/**
 * A transport plug-in for nodemailer on top of our pipelined sessions: connections are kept and shared, as many as the relay wants, each
 * with as many messages as it wants. A mail to several goes out once for each, until one is refused. For what composes its mails with
 * nodemailer; campaigns use the sessions themselves.
 */
export function createBulkTransport(relay: RelayAddress, options: SessionOptions = {}): Transport<BulkSent> {
  const queue: Job[] = [];
  const sessions = new Set<SmtpSession>();
  const idle = new Set<SmtpSession>();
  let opening = 0;
  let isClosed = false;

  function pump(): void {
    for (const session of idle) {
      const job = queue.shift();
      if (job === undefined) {
        return;
      }
      idle.delete(session);
      if (session.isOpen) {
        void work(session, job);
      } else {
        sessions.delete(session);
        queue.unshift(job);
      }
    }
    while (opening < queue.length && sessions.size + opening < relay.maxConnections) {
      opening += 1;
      void openAnother();
    }
  }

  async function openAnother(): Promise<void> {
    try {
      const session = await openSmtpSession(relay, options);
      sessions.add(session);
      idle.add(session);
    } catch (error) {
      // Nobody else lets them in either.
      queue.splice(0).forEach((job) => job.reject(asError(error)));
    } finally {
      opening -= 1;
    }
    pump();
    hangUpIfClosed();
  }

  /** Envelopes follow each other as fast as the server answers; the next one leaves with the dot of the one before. */
  async function work(session: SmtpSession, first: Job): Promise<void> {
    let current: { readonly job: Job; readonly transaction: SmtpTransaction } | undefined = begin(session, first);
    while (current !== undefined) {
      const { job, transaction } = current;
      const ready = await transaction.ready;
      let outcome: Outcome | Promise<Outcome>;
      if (ready.kind === 'go') {
        await transaction.write([job.bytes]);
        outcome = transaction.finish();
      } else {
        outcome = ready;
      }
      const next = session.isOpen ? queue.shift() : undefined;
      current = next && begin(session, next);
      settle(job, await outcome);
    }
    if (session.isOpen) {
      idle.add(session);
    } else {
      sessions.delete(session);
    }
    pump();
    hangUpIfClosed();
  }

  function settle(job: Job, outcome: Outcome): void {
    const isUntouched = outcome.kind === 'broken' && (outcome.phase === 'connect' || outcome.phase === 'envelope');
    if (outcome.kind === 'accepted') {
      job.resolve(outcome.reply.text);
    } else if (isUntouched && job.tries < MOST_TRIES) {
      queue.unshift(job);
    } else {
      job.reject(errorOf(outcome));
    }
  }

  function hangUpIfClosed(): void {
    if (isClosed && queue.length === 0) {
      idle.forEach((session) => session.close());
      idle.clear();
    }
  }

  async function send(mail: MailMessage<BulkSent>): Promise<BulkSent> {
    if (isClosed) {
      throw Object.assign(new Error('the transport is closed'), { code: 'ECONNECTION' });
    }
    const { from, to } = mail.message.getEnvelope();
    const bytes = withCrlf(await buffer(mail.message.createReadStream()));
    const envelope = { from: from || '', to: to ?? [] };
    let response = '';
    for (const recipient of envelope.to) {
      response = await new Promise<string>((resolve, reject) => {
        queue.push({ from: envelope.from, to: recipient, bytes, resolve, reject, tries: 0 });
        pump();
      });
    }
    return { envelope, messageId: mail.message.messageId(), accepted: envelope.to, response };
  }

  return {
    name: 'courant-bulk',
    version: '1',
    send: (mail, callback) => {
      send(mail).then(
        (sent) => callback(null, sent),
        (error: unknown) => callback(asError(error)),
      );
    },
    verify: async () => {
      const session = await openSmtpSession(relay, options);
      session.close();
      return true;
    },
    isIdle: () => !isClosed && queue.length === 0 && (idle.size > 0 || sessions.size + opening < relay.maxConnections),
    close: () => {
      isClosed = true;
      hangUpIfClosed();
    },
  };
}

/** nodemailer on top of it. Close it in the end: connections are kept. */
export function createBulkMailer(relay: RelayAddress, options?: SessionOptions): Transporter<BulkSent> {
  return createTransport(createBulkTransport(relay, options), { disableFileAccess: true, disableUrlAccess: true });
}

function begin(session: SmtpSession, job: Job): { readonly job: Job; readonly transaction: SmtpTransaction } {
  job.tries += 1;
  const { from, to, bytes } = job;
  return { job, transaction: session.begin({ from, to, size: bytes.length, isEightBit: !isAscii(bytes) }) };
}

/** What a caller gives as raw may have the line ends of its system (RFC 5321 2.3.8 wants CRLF). */
function withCrlf(bytes: Buffer): Buffer {
  const message = bytes.toString('latin1');
  return /\r(?!\n)|(?<!\r)\n/.test(message) ? Buffer.from(message.replace(/\r\n|\r|\n/g, '\r\n'), 'latin1') : bytes;
}

/** With the properties that nodemailer's own errors have. */
function errorOf(outcome: Exclude<Outcome, { kind: 'accepted' }>): Error {
  switch (outcome.kind) {
    case 'refused':
      return Object.assign(new Error(`the server refused: ${outcome.reply.text}`), {
        code: outcome.stage === 'message' ? 'EMESSAGE' : 'EENVELOPE',
        response: outcome.reply.text,
        responseCode: outcome.reply.code,
      });
    case 'unsendable':
      return Object.assign(new Error(`this server cannot take it: ${outcome.reason}`), { code: 'EENVELOPE' });
    case 'broken':
      return Object.assign(new Error(`the connection broke (${outcome.phase}): ${outcome.error.message}`), {
        code: 'ECONNECTION',
      });
    default:
      return outcome satisfies never;
  }
}
