import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/**
 * What the relay does: says a line, or several; says nothing (`silence`); closes without a word (`close`); or one of the finer
 * rudenesses. Everything else that came on the connection waits until it is done.
 */
export type RelayAnswer =
  | string
  /** These octets, each in a packet of its own; no line end is added. */
  | { readonly packets: readonly string[] }
  /** Not before that has happened. */
  | { readonly reply: string; readonly after: Promise<unknown> }
  /** The last words of a connection. */
  | { readonly lastWords: string };

/**
 * Asked what to do with a line; undefined: what a polite server says. `line` is a command, `connect` for a new connection, `text` when the
 * first octets of a message come (a polite server is silent then), or `.` for its end. `connection` counts from 1.
 */
export type RelayScript = (line: string, connection: number) => RelayAnswer | undefined;

export interface RelayOptions {
  readonly script?: RelayScript;
  /** Keywords of the answer to EHLO. */
  readonly offers?: readonly string[];
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface ScriptedRelay {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly url: string;
  /** Every line as it came, by connection; the text of messages is left out. Octets, one a character. */
  readonly commands: readonly (readonly string[])[];
  /** What came in one packet, by connection. */
  readonly packets: readonly (readonly string[])[];
  /** The text of every message whose final dot came, with its dots doubled as on the wire. */
  readonly messages: readonly string[];
  script(next: RelayScript): void;
  /** Reads nothing any more, so that the pipe fills up. */
  pause(): void;
  stop(): Promise<void>;
}

const POLITE: Readonly<Record<string, string>> = {
  connect: '220 relay.test ESMTP',
  text: 'silence',
  DATA: '354 go on',
  AUTH: '235 2.7.0 come in',
  STARTTLS: '220 go on in private',
  QUIT: '221 bye',
};
const DEFAULT_OFFERS = ['SIZE 100000'];

/** A server that speaks SMTP line by line, for rudeness that no library offers. */
export async function startScriptedRelay(options: RelayOptions = {}): Promise<ScriptedRelay> {
  let script: RelayScript = options.script ?? (() => undefined);
  const commands: string[][] = [];
  const packets: string[][] = [];
  const messages: string[] = [];
  const sockets = new Set<Socket>();
  const greeting = ['relay.test', ...(options.offers ?? DEFAULT_OFFERS)];
  const polite: Readonly<Record<string, string>> = {
    ...POLITE,
    EHLO: greeting.map((offer, index) => `250${index === greeting.length - 1 ? ' ' : '-'}${offer}`).join('\r\n'),
  };

  const server = createServer((plain) => {
    const lines: string[] = [];
    const arrivals: string[] = [];
    packets.push(arrivals);
    const number = commands.push(lines);
    const state = { socket: plain, isText: false, isTextBegun: false, text: '', rest: '', work: Promise.resolve() };

    async function answer(line: string): Promise<void> {
      const verb = line.split(/[ :]/, 1)[0]?.toUpperCase() ?? '';
      const reply = script(line, number) ?? polite[line] ?? polite[verb] ?? '250 ok';
      const words = await say(state.socket, reply);
      state.isText = verb === 'DATA' ? words.startsWith('354') : state.isText && line === 'text';
      if (verb === 'STARTTLS' && words.startsWith('220') && options.tls !== undefined) {
        state.socket = secure(plain, options.tls, listen);
      }
    }

    async function takeLine(line: string): Promise<void> {
      if (!state.isText) {
        lines.push(line);
        await answer(line);
        return;
      }
      if (!state.isTextBegun) {
        state.isTextBegun = true;
        await answer('text');
      }
      if (line !== '.') {
        state.text += `${line}\r\n`;
        return;
      }
      messages.push(state.text);
      Object.assign(state, { text: '', isTextBegun: false });
      await answer('.');
    }

    async function takePacket(packet: string): Promise<void> {
      arrivals.push(packet);
      const parts = (state.rest + packet).split('\r\n');
      state.rest = parts.pop() ?? '';
      for (const line of parts) {
        await takeLine(line);
      }
    }

    function listen(socket: Socket): void {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('data', (packet) => {
        state.work = state.work.then(() => takePacket(packet.toString('latin1')));
      });
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }

    listen(plain);
    state.work = answer('connect');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    host: '127.0.0.1',
    port,
    url: `smtp://127.0.0.1:${port}`,
    commands,
    packets,
    messages,
    script: (next) => {
      script = next;
    },
    pause: () => sockets.forEach((socket) => socket.pause()),
    stop: async () => {
      for (const socket of sockets) {
        socket.destroy();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Returns what was said, for the server's own understanding. */
async function say(socket: Socket, answer: RelayAnswer): Promise<string> {
  if (answer === 'close') {
    socket.destroy();
    return '';
  }
  if (answer === 'silence') {
    return '';
  }
  if (typeof answer === 'string') {
    socket.write(`${answer}\r\n`, 'latin1');
    return answer;
  }
  if ('lastWords' in answer) {
    socket.end(answer.lastWords, 'latin1');
    return answer.lastWords;
  }
  if ('after' in answer) {
    await answer.after;
    return say(socket, answer.reply);
  }
  for (const packet of answer.packets) {
    await new Promise((resolve) => socket.write(packet, 'latin1', resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return answer.packets.join('');
}

function secure(
  plain: Socket,
  tls: { readonly key: string; readonly cert: string },
  listen: (socket: Socket) => void,
): Socket {
  plain.removeAllListeners('data');
  const socket = new TLSSocket(plain, { isServer: true, ...tls });
  listen(socket);
  return socket;
}
