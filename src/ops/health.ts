import { readWorkerHealth } from '../deliveries/index.ts';
import { readHolds } from '../holds/index.ts';
import { pingDatabase } from '../platform/postgres/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { QueueProducer } from '../platform/queue/index.ts';

export interface Readiness {
  /** False only for what the role cannot work without. */
  readonly isReady: boolean;
  readonly status: 'ready' | 'degraded' | 'unavailable';
  readonly checks: Readonly<Record<string, 'ok' | 'degraded' | 'down'>>;
}

interface HealthDeps {
  readonly db: Db;
  readonly queue: Pick<QueueProducer, 'ping'>;
}

/** Web needs the database; a worker needs the queue too. The rest is listed as degraded. */
export async function readReadiness(deps: HealthDeps, role: 'web' | 'worker'): Promise<Readiness> {
  const [database, queue] = await Promise.all([isUp(pingDatabase(deps.db)), deps.queue.ping()]);
  const workers = database ? await readWorkerHealth(deps.db).catch(() => undefined) : undefined;
  const holds = database ? await readHolds(deps.db).catch(() => undefined) : undefined;
  const checks = {
    database: database ? 'ok' : 'down',
    queue: queue === 'up' ? 'ok' : 'down',
    workers: workers !== undefined && workers.live > 0 ? 'ok' : 'degraded',
    smtp: (workers?.relayError ?? null) === null ? 'ok' : 'degraded',
    // Somebody pulled the kill switch, or campaigns and issues wait for `courant release`.
    sending: holds !== undefined && holds.stop === null && holds.hold === null ? 'ok' : 'degraded',
  } as const;
  const isReady = database && (role === 'web' || queue === 'up');
  const isWell = Object.values(checks).every((check) => check === 'ok');
  return { isReady, status: isReady ? (isWell ? 'ready' : 'degraded') : 'unavailable', checks };
}

async function isUp(ping: Promise<void>): Promise<boolean> {
  return ping.then(
    () => true,
    () => false,
  );
}
