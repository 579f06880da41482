import { once } from 'node:events';
import type { Socket } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerDataStream, SMTPServerOptions, SMTPServerSession } from 'smtp-server';
import { waitFor } from './wait-for.ts';

/** What goes wrong with one mail. */
export type SmtpFault =
  | { readonly kind: 'refuse-recipient'; readonly code: number; readonly text: string }
  | { readonly kind: 'refuse-message'; readonly code: number; readonly text: string }
  /** The connection dies while the text is under way: the server has not taken the message. */
  | { readonly kind: 'cut-before-dot' }
  /** The connection dies after the final dot, without a reply: the server has taken the message. */
  | { readonly kind: 'cut-after-dot' }
  /** The reply to the final dot waits for this promise. */
  | { readonly kind: 'hold-reply'; readonly until: Promise<unknown> };

/** Asked at each RCPT; `attempt` counts from 1 for each recipient. */
export type FaultScript = (recipient: string, attempt: number) => SmtpFault | undefined;

/** A message whose final dot arrived. */
export interface SunkMail {
  readonly sender: string;
  /** As they stood between the angle brackets of RCPT TO, byte for byte. */
  readonly recipients: readonly string[];
  /** The message without the dot-stuffing of the transport. */
  readonly raw: Buffer;
  /** The same for all mails that came over one connection. */
  readonly connectionId: string;
  /** What the sender was told; after `cut` it cannot know. */
  readonly outcome: 'accepted' | 'refused' | 'cut';
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

interface Transaction {
  recipients: string[];
  fault: SmtpFault | undefined;
}

/** A real SMTP server in this process that keeps all it is given, and fails as scripted. */
export async function startSmtpSink(options: { readonly port?: number } = {}): Promise<SmtpSink> {
  const mails: SunkMail[] = [];
  const attempts = new Map<string, number>();
  const rcptLines = new Map<string, string>();
  const transactions = new Map<string, Transaction>();
  const sockets = new Set<Socket>();
  let faults: FaultScript = () => undefined;
  let onBody: (recipient: string) => void = () => undefined;

  const cut = (session: SMTPServerSession): void => {
    for (const socket of sockets) {
      if (socket.remotePort === session.remotePort) {
        socket.resetAndDestroy();
      }
    }
  };
  const takeMessage = async (stream: SMTPServerDataStream, session: SMTPServerSession): Promise<void> => {
    const { fault, recipients } = transactions.get(session.id) ?? { fault: undefined, recipients: [] };
    transactions.delete(session.id);
    let isBegun = false;
    const raw = await readMessage(stream, () => {
      if (!isBegun) {
        isBegun = true;
        recipients.forEach((recipient) => onBody(recipient));
      }
      if (fault?.kind === 'cut-before-dot') {
        cut(session);
      }
    });
    if (fault?.kind === 'cut-before-dot') {
      return;
    }
    const sender = session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address;
    const mail = { sender, recipients, raw, connectionId: session.id };
    if (fault?.kind === 'refuse-message') {
      mails.push({ ...mail, outcome: 'refused' });
      throw smtpError(fault);
    }
    if (fault?.kind === 'cut-after-dot') {
      mails.push({ ...mail, outcome: 'cut' });
      cut(session);
      return;
    }
    if (fault?.kind === 'hold-reply') {
      await fault.until;
    }
    mails.push({ ...mail, outcome: 'accepted' });
  };

  const server = createServer({
    // The parsed envelope folds and decodes addresses; only the command line tells what was sent.
    logger: {
      debug: (entry: { tnx?: string; cid?: string; command?: string }, _label: string, line: unknown) => {
        if (entry.tnx === 'command' && entry.command === 'RCPT' && entry.cid !== undefined) {
          rcptLines.set(entry.cid, String(line));
        }
      },
    },
    onMailFrom(_address, session, callback) {
      transactions.set(session.id, { recipients: [], fault: undefined });
      callback();
    },
    onRcptTo(_address, session, callback) {
      const recipient = /^RCPT TO:\s*<(.*?)>/i.exec(rcptLines.get(session.id) ?? '')?.[1] ?? '';
      const attempt = (attempts.get(recipient) ?? 0) + 1;
      attempts.set(recipient, attempt);
      const fault = faults(recipient, attempt);
      if (fault?.kind === 'refuse-recipient') {
        callback(smtpError(fault));
        return;
      }
      const transaction = transactions.get(session.id);
      transaction?.recipients.push(recipient);
      if (transaction !== undefined) {
        transaction.fault ??= fault;
      }
      callback();
    },
    onData(stream, session, callback) {
      takeMessage(stream, session).then(
        () => callback(),
        (error: Error) => callback(error),
      );
    },
    onClose(session) {
      rcptLines.delete(session.id);
      transactions.delete(session.id);
    },
  });
  server.server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const listener = server.listen(options.port ?? 0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  if (address === null || typeof address === 'string') {
    throw new Error('the SMTP sink got no port');
  }

  return {
    url: `smtp://127.0.0.1:${address.port}`,
    port: address.port,
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
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) {
        socket.destroy();
      }
      await closed;
    },
  };
}

function createServer(handlers: SMTPServerOptions): SMTPServer {
  const server = new SMTPServer({
    ...handlers,
    name: 'sink.test',
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 100,
  });
  // A connection that a fault cut is reported here; the script wanted it.
  server.on('error', () => undefined);
  return server;
}

async function readMessage(stream: SMTPServerDataStream, onChunk: () => void): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
    onChunk();
  }
  return Buffer.concat(chunks);
}

function smtpError(fault: { readonly code: number; readonly text: string }): Error {
  return Object.assign(new Error(fault.text), { responseCode: fault.code });
}
