export { readReadiness } from './health.ts';
export type { Readiness } from './health.ts';
export { refuseForeignKeys } from './key-check.ts';
export { createMetrics } from './metrics.ts';
export { opsRoutes } from './ops.routes.ts';
