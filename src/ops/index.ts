export { refuseForeignKeys } from './key-check.ts';
export { createMetrics } from './metrics.ts';
export { opsRoutes } from './ops.routes.ts';
