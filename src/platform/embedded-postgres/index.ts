export { borrowEmbeddedPostgres } from './borrow-embedded-postgres.ts';
export { openEmbeddedPostgres } from './open-embedded-postgres.ts';
export type { EmbeddedPostgres } from './open-embedded-postgres.ts';
export { findRunningEmbedded } from './run-file.ts';
export { ensureSecretKey, readSecretKey, storeSecretKey } from './secret-key.ts';
