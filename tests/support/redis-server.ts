import { mkdtemp } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provideTools } from './provide.ts';
import { findFreePort, startServerProcess } from './server-process.ts';
import type { ServerProcess } from './server-process.ts';

/** Each test file takes a database of its own (see `queue.ts`). */
export const REDIS_DATABASES = 4096;

export interface TestRedis extends ServerProcess {
  readonly url: string;
  readonly port: number;
}

/** A real redis-server that keeps nothing: after `kill` and `restart` it is empty, as a lost queue is. */
export async function startRedis(): Promise<TestRedis> {
  const tools = await provideTools(['redis-server']);
  const directory = await mkdtemp(join(tmpdir(), 'courant-redis-'));
  const port = await findFreePort();
  const settings = {
    port,
    bind: '127.0.0.1',
    dir: directory,
    databases: REDIS_DATABASES,
    save: '',
    appendonly: 'no',
    'maxmemory-policy': 'noeviction',
  };
  const server = await startServerProcess({
    name: 'redis-server',
    command: tools['redis-server'],
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
    directory,
    stopSignal: 'SIGTERM',
    isReady: () => answersPing(port),
  });
  return { ...server, port, url: `redis://127.0.0.1:${port}` };
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const settle = (ready: boolean): void => {
      socket.destroy();
      resolve(ready);
    };
    socket.once('data', (reply) => settle(reply.toString().startsWith('+PONG')));
    socket.once('error', () => settle(false));
  });
}
