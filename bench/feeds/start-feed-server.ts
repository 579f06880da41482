import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { BenchContext } from '../benchmark.ts';

export interface FeedServerOrder {
  /** Up to 250. */
  readonly hosts: number;
}

export interface FeedServerReady {
  readonly origins: readonly string[];
  /** `/N.xml` is file N modulo this. */
  readonly files: number;
}

/** Publishers on loopback, until the benchmark ends. */
export async function startFeedServer(context: BenchContext, order: FeedServerOrder): Promise<FeedServerReady> {
  const server = fork(new URL('feed-server.ts', import.meta.url), { execArgv: [], stdio: 'inherit' });
  const exited = once(server, 'exit');
  context.cleanup.defer(async () => {
    if (server.connected) {
      server.disconnect();
    }
    await exited;
  });
  server.send(order);
  const [ready] = (await Promise.race([
    once(server, 'message'),
    exited.then(() => {
      throw new Error('the server of feeds gave up');
    }),
  ])) as [FeedServerReady];
  return ready;
}
