import type { QueueKind } from './queue-kinds.ts';

/** What `inject` gives to tests, by project (see vitest.config.ts). */
declare module 'vitest' {
  export interface ProvidedContext {
    queue: QueueKind;
    postgresUrl: string;
    redisUrl: string;
    chromiumPath: string;
  }
}
