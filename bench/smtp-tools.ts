import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { provideTools } from '../tests/support/provide.ts';
import { findFreePort, startServerProcess } from '../tests/support/server-process.ts';
import type { BenchContext } from './benchmark.ts';

const run = promisify(execFile);
const SOURCE_WITHIN_MS = 300_000;

/** postfix's smtp-sink, which takes every mail and keeps none. Returns its port. */
export async function startSmtpSink(context: BenchContext): Promise<number> {
  const tools = await provideTools(['smtp-sink']);
  const port = await findFreePort();
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const server = await startServerProcess({
    name: 'smtp-sink',
    command: tools['smtp-sink'],
    args: [...user, `127.0.0.1:${port}`, '256'],
    directory: await mkdtemp(join(tmpdir(), 'courant-smtp-sink-')),
    stopSignal: 'SIGTERM',
    isReady: () => takesConnections(port),
  });
  context.cleanup.defer(() => server.stop());
  return port;
}

/** Mails a second of postfix's smtp-source, over kept connections as ours are. */
export async function measureSmtpSource(
  context: BenchContext,
  port: number,
  load: { readonly mails: number; readonly bytes: number; readonly connections: number },
): Promise<number> {
  const tools = await provideTools(['smtp-source']);
  const size = ['-s', `${load.connections}`, '-m', `${load.mails}`, '-l', `${load.bytes}`];
  const envelope = ['-f', 'bench@courant.example', '-t', 'reader@readers.example'];
  const startedAt = performance.now();
  await run(tools['smtp-source'], ['-d', ...size, ...envelope, `127.0.0.1:${port}`], {
    timeout: SOURCE_WITHIN_MS,
    signal: context.stopped,
  });
  return load.mails / ((performance.now() - startedAt) / 1000);
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (isOpen: boolean): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
