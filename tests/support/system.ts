import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { compose } from '../../src/compose.ts';
import type { Deps } from '../../src/compose.ts';
import { parseConfig } from '../../src/config/index.ts';
import { buildApp, seed } from '../../src/start-web.ts';
import { inboxPages, startInboxListener } from '../../src/inbox/index.ts';
import type { Logger } from '../../src/platform/logging/index.ts';
import type { Clock } from '../../src/shared/clock.ts';
import type { MailResolver } from '../../src/signup-guard/index.ts';
import { startWorker } from '../../workers/start-worker.ts';
import { createTestDatabase } from './databases.ts';
import type { TestDatabase } from './databases.ts';
import { createTestRedisUrl } from './queue.ts';
import { startSmtpSink } from './smtp-sink.ts';
import type { SmtpSink } from './smtp-sink.ts';

export const TEST_SECRET = 'a secret of the tests that is long enough';

export interface TestSystem {
  readonly deps: Deps;
  /** Where the web application listens; no trailing slash. */
  readonly url: string;
  /** Where mail goes, unless the system was started with the local inbox. */
  readonly sink: SmtpSink;
  stop(): Promise<void>;
}

export interface SystemOptions {
  /** One that has been in use, instead of a new one; goes with the system. */
  readonly database?: TestDatabase;
  /** Without a worker nothing is decided or sent: for tests of what requests store. */
  readonly worker?: boolean;
  /** The local inbox instead of the sink. */
  readonly inbox?: boolean;
  readonly clock?: Clock;
  /** What DNS says about mail to a domain. */
  readonly resolver?: MailResolver;
  /** Where log lines go; otherwise nowhere, or to stdout at the level of TEST_LOG. */
  readonly log?: Logger;
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * The whole product in this process, on a database of its own, the queue of this project and a real SMTP server: what
 * `npm run web` and `npm run worker` start, less the processes.
 */
export async function startTestSystem(options: SystemOptions = {}): Promise<TestSystem> {
  const database = options.database ?? (await createTestDatabase());
  const redisUrl = await createTestRedisUrl();
  const sink = await startSmtpSink();
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = parseConfig({
    DATABASE_URL: database.url,
    SECRET_KEY: TEST_SECRET,
    PUBLIC_URL: url,
    POSTAL_ADDRESS: 'Paper Street 1, 10117 Berlin',
    ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
    ...(options.inbox === true ? {} : { SMTP_URL: sink.url, MAIL_FROM: 'news@courant.example' }),
    ...options.environment,
  });
  const { deps, close } = await compose(config, {
    role: 'test',
    maxConnections: 8,
    log: options.log ?? pino({ level: process.env['TEST_LOG'] ?? 'silent' }),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    ...(options.resolver === undefined ? {} : { resolver: options.resolver }),
  });
  await seed(deps);
  const listener = options.inbox === true ? await startInboxListener(deps) : undefined;
  const pages = options.inbox === true ? inboxPages(deps) : undefined;
  server.on('request', buildApp(deps, pages === undefined ? [] : [pages.router]));
  const worker = options.worker === false ? undefined : await startWorker(deps);
  return {
    deps,
    url,
    sink,
    stop: async () => {
      pages?.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await worker?.stop(5000);
      await listener?.close();
      await close();
      await sink.stop();
      await database.drop();
    },
  };
}
