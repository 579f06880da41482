import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/**
 * What the relay does with a line: answers it; says nothing (`silence`); closes the connection without a word (`close`). Undefined:
 * what a polite server says. `line` is a command, `connect` for a new connection, or `.` for the end of a message; `connection` counts from 1.
 */
export type RelayScript = (line: string, connection: number) => string | undefined;

export interface ScriptedRelay {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly url: string;
  /** Every line as it came, by connection; the text of messages is left out. */
  readonly commands: readonly (readonly string[])[];
  /** The text of every message whose final dot came. */
  readonly messages: readonly string[];
  script(next: RelayScript): void;
  stop(): Promise<void>;
}

const POLITE: Readonly<Record<string, string>> = {
  connect: '220 relay.test ESMTP',
  EHLO: '250-relay.test\r\n250 SIZE 100000',
  DATA: '354 go on',
  QUIT: '221 bye',
};

/** A server that speaks SMTP line by line, for rudeness that no library offers. Announces no PIPELINING. */
export async function startScriptedRelay(script: RelayScript = () => undefined): Promise<ScriptedRelay> {
  let current = script;
  const commands: string[][] = [];
  const messages: string[] = [];
  const sockets = new Set<Socket>();

  const server = createServer((socket) => {
    sockets.add(socket);
    const lines: string[] = [];
    commands.push(lines);
    const number = commands.length;
    let isData = false;
    let text = '';
    let rest = '';
    const answer = (line: string): void => {
      const verb = line.split(/[ :]/, 1)[0]?.toUpperCase() ?? '';
      const reply = current(line, number) ?? POLITE[line] ?? POLITE[verb] ?? '250 ok';
      isData = verb === 'DATA' && reply.startsWith('354');
      if (reply === 'close') {
        socket.destroy();
      } else if (reply !== 'silence') {
        socket.write(`${reply}\r\n`);
      }
    };
    const take = (line: string): void => {
      if (isData && line !== '.') {
        text += `${line}\n`;
        return;
      }
      if (isData) {
        messages.push(text);
        text = '';
      } else {
        lines.push(line);
      }
      answer(line);
    };
    socket.on('data', (chunk) => {
      const parts = (rest + chunk.toString('latin1')).split('\r\n');
      rest = parts.pop() ?? '';
      parts.forEach(take);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    answer('connect');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    host: '127.0.0.1',
    port,
    url: `smtp://127.0.0.1:${port}`,
    commands,
    messages,
    script: (next) => {
      current = next;
    },
    stop: async () => {
      for (const socket of sockets) {
        socket.destroy();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
