export const QUEUES = ['postgres', 'redis'] as const;
/** Where the jobs of a run live; each integration test runs once on each. */
export type QueueKind = (typeof QUEUES)[number];
