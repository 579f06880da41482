export { createGuardedThread } from './guarded-thread.ts';
