export { migrateQueue } from './migrate-queue.ts';
export type { JobRegistry } from './process-job.ts';
export type { QueueAddress } from './queue-link.ts';
export { createQueueProducer } from './queue-producer.ts';
export type { QueueProducer } from './queue-producer.ts';
export { startQueueWorkers } from './queue-workers.ts';
export type { QueueWorkers } from './queue-workers.ts';
