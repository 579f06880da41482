import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 100;

/**
 * Undefined when this process could listen there, else the error code. A web process whose supervisor was killed keeps
 * its port for a moment, so a taken port is asked again for `patienceMs`.
 */
export async function probePort(port: number, host: string, patienceMs: number): Promise<string | undefined> {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    const code = await tryToListen(port, host);
    if (code !== 'EADDRINUSE' || performance.now() > giveUpAt) {
      return code;
    }
    await delay(POLL_MS);
  }
}

function tryToListen(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}
