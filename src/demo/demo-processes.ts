import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { AppError } from '../shared/app-error.ts';

const WORKER = new URL('../../workers/demo-worker.ts', import.meta.url);
const SINK = new URL('sink-main.ts', import.meta.url);
/** The same cache as `npm start`. */
const COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/courant', import.meta.url));

export interface DemoProcess {
  readonly pid: number;
  /** `kill -9`. Resolves when it is gone. */
  kill(): Promise<void>;
}

/** A mail server that writes down each mail before it says 250. */
export async function startSinkProcess(
  logPath: string,
  delayMs: number,
): Promise<DemoProcess & { readonly url: string }> {
  const child = fork(SINK, ['--log', logPath, '--delay-ms', String(delayMs)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const started = toProcess(child);
  const [url] = (await Promise.race([once(child.stdout ?? child, 'data'), endOf(child)])) as [Buffer];
  return { ...started, url: url.toString().trim() };
}

/** Resolves when it looks for work. */
export async function startWorkerProcess(environment: Readonly<Record<string, string>>): Promise<DemoProcess> {
  const child = fork(WORKER, {
    env: {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      // Ctrl-C reaches the whole group: it ends when the demonstration does.
      COURANT_SUPERVISED: '1',
      ...environment,
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const started = toProcess(child);
  await Promise.race([once(child, 'message'), endOf(child)]);
  return started;
}

function toProcess(child: ChildProcess): DemoProcess {
  const exited = once(child, 'exit');
  return {
    pid: child.pid ?? 0,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function endOf(child: ChildProcess): Promise<never> {
  await once(child, 'exit');
  throw new AppError('unavailable', 'demo_process_ended', 'a process of the demonstration ended by itself');
}
