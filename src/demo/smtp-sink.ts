import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { serveConnection } from './sink-connection.ts';
import type { SinkJudge, SinkMessage, SinkVerdict } from './sink-connection.ts';
import { describeMessage, openSinkLog } from './sink-log.ts';

export interface SinkOptions {
  readonly host?: string;
  readonly port?: number;
  /** Each accepted mail is a line in this file, on the disk before its 250. */
  readonly logPath?: string;
  /** What a line of the log says besides, about each mail. */
  readonly details?: (message: SinkMessage) => object;
  /** Without it everything is taken. A message that is `cut` and was taken all the same is for `judge` to note. */
  readonly judge?: Partial<SinkJudge>;
  /** A message was logged and accepted; its 250 follows. */
  readonly onAccepted?: (message: SinkMessage) => void;
}

export interface Sink {
  /** A value for SMTP_URL. */
  readonly url: string;
  readonly port: number;
  readonly accepted: number;
  /** Logs a message as taken without saying so. */
  note(message: SinkMessage): Promise<void>;
  /** Ends all connections at once. A new sink may take the same port. */
  stop(): Promise<void>;
}

/** An SMTP server that takes every mail and keeps none, on loopback only. Its log is the truth against which the ledger is judged. */
export async function startSink(options: SinkOptions = {}): Promise<Sink> {
  const log = options.logPath === undefined ? undefined : await openSinkLog(options.logPath);
  const sockets = new Set<Socket>();
  let connections = 0;
  let accepted = 0;

  async function note(message: SinkMessage): Promise<void> {
    const details = options.details?.(message);
    const entries = describeMessage(message.raw, message.recipients, new Date());
    await log?.add(entries.map((entry) => ({ ...details, ...entry })));
  }

  async function judgeMessage(message: SinkMessage): Promise<SinkVerdict> {
    const verdict = (await options.judge?.message?.(message)) ?? 'accept';
    if (verdict === 'accept') {
      await note(message);
      accepted += 1;
      options.onAccepted?.(message);
    }
    return verdict;
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    connections += 1;
    serveConnection(socket, `${connections}`, { ...options.judge, message: judgeMessage });
  });
  server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('the SMTP sink got no port');
  }

  return {
    url: `smtp://127.0.0.1:${address.port}`,
    port: address.port,
    get accepted() {
      return accepted;
    },
    note,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) {
        socket.destroy();
      }
      await closed;
      await log?.close();
    },
  };
}
