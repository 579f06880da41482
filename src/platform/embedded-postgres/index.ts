export { borrowEmbeddedPostgres } from './borrow-embedded-postgres.ts';
export type { BorrowedPostgres } from './borrow-embedded-postgres.ts';
export { openEmbeddedPostgres } from './open-embedded-postgres.ts';
export type { EmbeddedDeps, EmbeddedPostgres, OpenOutcome } from './open-embedded-postgres.ts';
export { findRunningEmbedded } from './run-file.ts';
export type { RunningEmbedded } from './run-file.ts';
export { ensureSecretKey } from './secret-key.ts';
