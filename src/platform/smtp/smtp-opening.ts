import { once } from 'node:events';
import type { Socket } from 'node:net';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { asError } from '../../shared/app-error.ts';
import type { RelayAddress } from '../../config/index.ts';
import { readFeatures } from './smtp-features.ts';
import type { SmtpFeatures } from './smtp-features.ts';
import type { SmtpTimeouts } from './smtp-timeouts.ts';

/** A connection that is greeted, secured and logged in. Somebody must listen to the socket in the same turn. */
export interface OpenedConnection {
  readonly socket: Socket;
  readonly features: SmtpFeatures;
  /** What the server has said since its last answer. */
  readonly early: Buffer;
}

/**
 * Connects, secures and authenticates through nodemailer, then takes its socket over.
 * @param take called in the turn in which the server let us in, so that no octet is missed between two listeners
 * @throws the connection or authentication error; `responseCode` is set when the server said no.
 */
export async function openConnection<Taken>(
  relay: RelayAddress,
  options: { readonly timeouts: SmtpTimeouts; readonly cut: AbortSignal | undefined },
  take: (opened: OpenedConnection) => Taken,
): Promise<Taken> {
  const connection = new SMTPConnection({
    host: relay.host,
    port: relay.port,
    secure: relay.secure,
    requireTLS: relay.requireTls,
    ignoreTLS: relay.ignoreTls,
    name: relay.clientName,
    connectionTimeout: options.timeouts.openMs,
    greetingTimeout: options.timeouts.openMs,
    allowInternalNetworkInterfaces: true,
  });
  const failed = once(connection, 'error').then(([error]) => {
    throw asError(error);
  });
  const impatience = losePatience(connection, options);
  // Whoever loses the race must not become an unhandled rejection.
  failed.catch(() => undefined);
  impatience.lost.catch(() => undefined);
  try {
    return await Promise.race([greet(connection, relay, take), failed, impatience.lost]);
  } catch (error) {
    connection.close();
    throw error;
  } finally {
    impatience.stop();
  }
}

function greet<Taken>(
  connection: SMTPConnection,
  relay: RelayAddress,
  take: (opened: OpenedConnection) => Taken,
): Promise<Taken> {
  return new Promise<Taken>((resolve, reject) => {
    const takeFrom = (ehlo: string): void => {
      try {
        resolve(take({ ...takeSocket(connection), features: readFeatures(ehlo) }));
      } catch (error) {
        reject(asError(error));
      }
    };
    // Called with an error, and no event, when the server closes before its greeting.
    connection.connect((error) => {
      // The answer to the last EHLO, in the clear or within TLS.
      const ehlo = String(connection.lastServerResponse);
      const { credentials } = relay;
      if (error) {
        reject(error);
      } else if (credentials === undefined) {
        takeFrom(ehlo);
      } else {
        connection.login({ credentials }, (refused) => (refused ? reject(refused) : takeFrom(ehlo)));
      }
    });
  });
}

function losePatience(
  connection: SMTPConnection,
  { timeouts, cut }: { readonly timeouts: SmtpTimeouts; readonly cut: AbortSignal | undefined },
): { readonly lost: Promise<never>; stop(): void } {
  const { promise: lost, reject } = Promise.withResolvers<never>();
  const giveUp = (): void =>
    reject(Object.assign(new Error('gave up waiting for the mail server'), { code: 'ETIMEDOUT' }));
  const connectTimer = setTimeout(() => connection.stage === 'init' && giveUp(), timeouts.connectMs);
  const openTimer = setTimeout(giveUp, timeouts.openMs);
  cut?.addEventListener('abort', giveUp, { once: true });
  if (cut?.aborted === true) {
    giveUp();
  }
  return {
    lost,
    stop: () => {
      clearTimeout(connectTimer);
      clearTimeout(openTimer);
      cut?.removeEventListener('abort', giveUp);
    },
  };
}

/** nodemailer's listeners and buffers have no public name. They are its own: the version is pinned, and a test speaks through it. */
const LISTENERS = {
  data: '_onSocketData',
  timeout: '_onSocketTimeout',
  close: '_onSocketClose',
  end: '_onSocketEnd',
  error: '_onSocketError',
} as const;

/**
 * Takes the socket away from nodemailer: removes each of its listeners and empties its buffers, so that nothing which is said from
 * now on reaches it. The connection object is dead afterwards.
 */
function takeSocket(connection: SMTPConnection): { readonly socket: Socket; readonly early: Buffer } {
  const socket = connection._socket;
  if (!socket) {
    throw new Error('the connection has no socket');
  }
  for (const [event, name] of Object.entries(LISTENERS)) {
    const listener: unknown = Reflect.get(connection, name);
    if (!isListener(listener) || !socket.listeners(event).includes(listener)) {
      throw new Error(
        `nodemailer does not listen to ${event} by ${name} any more: smtp-opening.ts must learn its new ways`,
      );
    }
    socket.removeListener(event, listener);
  }
  socket.setTimeout(0);
  socket.setNoDelay(true);
  return { socket, early: takeBuffered(connection) };
}

/** Whole replies that came with the last one, and the beginning of another. Octets, one a character. */
function takeBuffered(connection: SMTPConnection): Buffer {
  const queue: unknown = Reflect.get(connection, '_responseQueue');
  const remainder: unknown = Reflect.get(connection, '_remainder');
  if (!Array.isArray(queue) || typeof remainder !== 'string') {
    throw new Error('nodemailer buffers in another way: smtp-opening.ts must learn it');
  }
  return Buffer.from(
    `${queue
      .splice(0)
      .map((reply) => `${String(reply)}\r\n`)
      .join('')}${remainder}`,
    'latin1',
  );
}

function isListener(value: unknown): value is (...values: unknown[]) => void {
  return typeof value === 'function';
}
