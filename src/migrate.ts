import type { Logger } from './platform/logging/index.ts';
import { migrate } from './platform/postgres/index.ts';
import { migrateQueue } from './platform/queue/index.ts';

/** Our schema and the queue's, together. Safe from several processes at once and again when nothing is due. */
export async function migrateAll(databaseUrl: string, log: Logger): Promise<void> {
  await migrate(databaseUrl, log);
  await migrateQueue(databaseUrl);
}
