import type { SinkMessage, SinkVerdict } from '../../src/demo/sink-connection.ts';
import { startSink } from '../../src/demo/smtp-sink.ts';
import { waitFor } from './wait-for.ts';

/** What goes wrong with one mail. */
export type SmtpFault =
  | { readonly kind: 'refuse-recipient'; readonly code: number; readonly text: string }
  | { readonly kind: 'refuse-message'; readonly code: number; readonly text: string }
  /** The connection dies while the text is under way: the server has not taken the message. */
  | { readonly kind: 'cut-before-dot' }
  /** The connection dies after the final dot, without a reply: the server has taken the message. */
  | { readonly kind: 'cut-after-dot' }
  /** The same, but the server has not taken it. */
  | { readonly kind: 'drop-after-dot' }
  /** The reply to the final dot waits for this promise. */
  | { readonly kind: 'hold-reply'; readonly until: Promise<unknown> };

/** Asked at each RCPT; `attempt` counts from 1 for each recipient. */
export type FaultScript = (recipient: string, attempt: number) => SmtpFault | undefined;

/** A message whose final dot arrived. */
export interface SunkMail extends SinkMessage {
  /** What the sender was told; after `cut` it cannot know. The server has a mail that was cut, and none that was dropped. */
  readonly outcome: 'accepted' | 'refused' | 'cut' | 'dropped';
}

export interface SmtpSink {
  /** A value for SMTP_URL. */
  readonly url: string;
  readonly port: number;
  readonly mails: readonly SunkMail[];
  script(faults: FaultScript): void;
  /** Called when the first bytes of a message arrive. */
  watchBodies(listener: (recipient: string) => void): void;
  /** The first accepted mail that fits, as soon as it is there. */
  waitForMail(fits: (mail: SunkMail) => boolean, deadlineMs?: number): Promise<SunkMail>;
  clear(): void;
  /** Ends all connections at once. A new sink may take the same port. */
  stop(): Promise<void>;
}

export interface SmtpSinkOptions {
  readonly port?: number;
  /** Each mail that the server has is a line in this file (`readSinkLog`), on the disk before anybody hears of it. */
  readonly logPath?: string;
  /** With false the texts are forgotten, for tests of many mails. */
  readonly keepsTexts?: boolean;
}

const NO_TEXT = Buffer.alloc(0);

/** A real SMTP server in this process that keeps all it is given, and fails as scripted. */
export async function startSmtpSink(options: SmtpSinkOptions = {}): Promise<SmtpSink> {
  const mails: SunkMail[] = [];
  const attempts = new Map<string, number>();
  /** The fault of the message that is under way on each connection. */
  const due = new Map<string, SmtpFault>();
  let faults: FaultScript = () => undefined;
  let onBody: (recipient: string) => void = () => undefined;

  function keep(message: SinkMessage, outcome: SunkMail['outcome']): void {
    mails.push({ ...message, ...(options.keepsTexts === false ? { raw: NO_TEXT } : {}), outcome });
  }

  async function judge(message: SinkMessage): Promise<SinkVerdict> {
    const fault = due.get(message.connectionId);
    due.delete(message.connectionId);
    switch (fault?.kind) {
      case 'refuse-message':
        keep(message, 'refused');
        return fault;
      case 'cut-after-dot':
        await sink.note(message);
        keep(message, 'cut');
        return 'cut';
      case 'drop-after-dot':
        keep(message, 'dropped');
        return 'cut';
      case 'hold-reply':
        await fault.until;
        return 'accept';
      case 'refuse-recipient':
      case 'cut-before-dot':
      case undefined:
        return 'accept';
      default:
        return fault satisfies never;
    }
  }

  const sink = await startSink({
    ...options,
    judge: {
      recipient: (recipient, connectionId) => {
        const attempt = (attempts.get(recipient) ?? 0) + 1;
        attempts.set(recipient, attempt);
        const fault = faults(recipient, attempt);
        if (fault !== undefined && fault.kind !== 'refuse-recipient') {
          due.set(connectionId, fault);
        }
        return fault?.kind === 'refuse-recipient' ? fault : undefined;
      },
      text: (recipients, connectionId) => {
        recipients.forEach((recipient) => onBody(recipient));
        return due.get(connectionId)?.kind === 'cut-before-dot' ? 'cut' : undefined;
      },
      message: judge,
    },
    onAccepted: (message) => keep(message, 'accepted'),
  });

  return {
    url: sink.url,
    port: sink.port,
    mails,
    script: (next) => {
      faults = next;
    },
    watchBodies: (listener) => {
      onBody = listener;
    },
    waitForMail: (fits, deadlineMs) =>
      waitFor('a mail', () => mails.find((mail) => mail.outcome === 'accepted' && fits(mail)), deadlineMs),
    clear: () => {
      mails.length = 0;
      attempts.clear();
    },
    stop: () => sink.stop(),
  };
}
