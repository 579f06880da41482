import type { AddressInfo } from 'node:net';
import type { SMTPServerDataStream, SMTPServerSession } from 'smtp-server';
import type { Logger } from '../platform/logging/index.ts';
import { createOutageLog, errorCode } from '../platform/logging/index.ts';
import type { OutageLog } from '../platform/logging/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import { deleteOldMails, insertMail, writeInboxAddress } from './inbox.repository.ts';
import { readMailHead } from './read-mail.ts';

const HOST = '127.0.0.1';
const MAX_MAIL_BYTES = 25 * 1024 * 1024;
/** Deleting the oldest with every mail would cost more than the mail. */
const MAILS_BETWEEN_TIDYING = 50;
/** Senders keep their connections; ten minutes is what RFC 5321 4.5.3.2.7 asks of a server at least twice over. */
const IDLE_MS = 600_000;

interface ListenerDeps {
  readonly db: Db;
  readonly log: Logger;
  readonly clock: Clock;
}

export interface InboxListener {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * The local inbox: an SMTP server on loopback that stores what it is given and sends nothing on. Writes its address to
 * the settings, where workers find it (`readInboxAddress`). While the database is away it answers 451, so that senders
 * try again.
 */
export async function startInboxListener(deps: ListenerDeps): Promise<InboxListener> {
  const { SMTPServer } = await import('smtp-server');
  const outage = createOutageLog(deps.log, 'inbox storage', deps.clock);
  let stored = 0;
  const server = new SMTPServer({
    name: 'courant.localhost',
    banner: 'Courant local inbox',
    disabledCommands: ['AUTH', 'STARTTLS'],
    authOptional: true,
    disableReverseLookup: true,
    size: MAX_MAIL_BYTES,
    rejectOversized: true,
    socketTimeout: IDLE_MS,
    closeTimeout: 1000,
    onData: (stream, session, answer) => {
      stored += 1;
      void takeMail({ ...deps, outage }, stream, session, stored % MAILS_BETWEEN_TIDYING === 1).then(answer);
    },
  });
  // A client that goes away in the middle is its own problem.
  server.on('error', (error) => deps.log.debug({ code: errorCode(error) }, 'inbox connection ended'));
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(0, HOST, () => resolve());
  });
  const { port } = server.server.address() as AddressInfo;
  await writeInboxAddress(deps.db, { host: HOST, port }, deps.clock.now());
  return { port, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** The reply for the client: null for 250. Never rejects. */
async function takeMail(
  deps: ListenerDeps & { readonly outage: OutageLog },
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  isTidyingDue: boolean,
): Promise<Error | null> {
  try {
    const raw = await readAll(stream);
    if (stream.sizeExceeded) {
      return reply(552, 'Error: message exceeds fixed maximum message size');
    }
    const { envelope } = session;
    await insertMail(deps.db, {
      ...(await readMailHead(raw)),
      receivedAt: deps.clock.now(),
      envelopeFrom: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
      to: envelope.rcptTo.map((recipient) => recipient.address),
      raw,
    });
    if (isTidyingDue) {
      await deleteOldMails(deps.db);
    }
    deps.outage.succeeded();
    return null;
  } catch (error) {
    deps.outage.failed(error);
    return reply(451, 'Error: the inbox cannot store mail at the moment');
  }
}

async function readAll(stream: SMTPServerDataStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    // The rest of an oversized mail must be read off the wire, but not kept.
    if (!stream.sizeExceeded) {
      chunks.push(chunk);
    }
  }
  return Buffer.concat(chunks);
}

function reply(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
