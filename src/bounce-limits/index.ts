export { bounceLimitChangesSchema } from './bounce-limits.ts';
export type { BounceLimits } from './bounce-limits.ts';
export { bounceLimitsRoutes } from './bounce-limits.routes.ts';
export { changeBounceLimits, readBounceLimits } from './change-bounce-limits.ts';
