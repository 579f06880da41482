/**
 * The first child of `npm start`: reads the settings, brings the schema up to date, makes the link for the first admin,
 * and ends. It is a process of its own so that the supervisor, which stays, never loads what only this needs (zod, pg,
 * Kysely, BullMQ: 60 MB of the 400 that all of it may take); and while the supervisor starts PostgreSQL, this one imports.
 */
import { parseConfig } from './config/index.ts';
import type { Config } from './config/index.ts';
import { EXIT_FAILED, EXIT_SETTING, isLostTerminal } from './platform/lifecycle/index.ts';
import { createLogger } from './platform/logging/index.ts';
import type { Logger } from './platform/logging/index.ts';
import { AppError, asError } from './shared/app-error.ts';
import { systemClock } from './shared/clock.ts';
import { systemRandom } from './shared/random.ts';

/** What it tells the supervisor, in this order. */
export type PreflightReport =
  | { readonly type: 'settings'; readonly config: Config }
  | { readonly type: 'migrated' }
  | { readonly type: 'done'; readonly firstAdminLink: string | undefined };

/** The supervisor's answer to `settings`. */
export interface PreflightOrder {
  readonly databaseUrl: string;
  /** Outside embedded mode only `courant admin create` makes a link. */
  readonly wantsFirstAdminLink: boolean;
}

async function preflight(): Promise<void> {
  const config = parseConfig(process.env);
  const ordered = nextOrder();
  await report({ type: 'settings', config });
  const { isDatabaseUnavailable } = await import('./platform/postgres/index.ts');
  const { migrateAll } = await import('./migrate.ts');
  const { databaseUrl, wantsFirstAdminLink } = await ordered;
  const log = createLogger(config.logLevel, 'preflight');
  try {
    await migrateAll(databaseUrl, log);
    await report({ type: 'migrated' });
    const link = wantsFirstAdminLink ? await firstAdminLink(databaseUrl, config.publicUrl, log) : undefined;
    await report({ type: 'done', firstAdminLink: link });
  } catch (error) {
    throw isDatabaseUnavailable(error) ? explainUnavailable(error) : error;
  }
}

/** Undefined while there is an admin. The token goes to the terminal and nowhere else. */
async function firstAdminLink(databaseUrl: string, publicUrl: string, log: Logger): Promise<string | undefined> {
  const { openDatabase } = await import('./platform/postgres/index.ts');
  const { issueSetupToken } = await import('./accounts/index.ts');
  const database = openDatabase(databaseUrl, { log, name: 'preflight', maxConnections: 1 });
  try {
    const token = await issueSetupToken({ db: database.db, clock: systemClock, random: systemRandom });
    return token === undefined ? undefined : `${publicUrl}/admin/setup#${token}`;
  } finally {
    await database.close();
  }
}

function explainUnavailable(cause: unknown): AppError {
  const reason = (cause as { code?: string }).code ?? asError(cause).message;
  const message = `DATABASE_URL: PostgreSQL does not answer (${reason}); start it or set the right address`;
  return new AppError('unavailable', 'database_unavailable', message, { cause });
}

function nextOrder(): Promise<PreflightOrder> {
  return new Promise((resolve) => process.once('message', (message) => resolve(message as PreflightOrder)));
}

function report(message: PreflightReport): Promise<void> {
  return new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
}

function refuse(error: Error): void {
  if (error instanceof AppError) {
    process.stderr.write(`${error.message}\n`);
  } else {
    createLogger('fatal', 'preflight').fatal({ err: error }, 'the start failed');
  }
  process.exit(error instanceof AppError && error.kind === 'setting' ? EXIT_SETTING : EXIT_FAILED);
}

process.on('uncaughtException', (error) => {
  if (!isLostTerminal(error)) {
    refuse(error);
  }
});
// The supervisor hangs up when it has the last report, or when it dies.
process.once('disconnect', () => process.exit());
await preflight().catch((error: unknown) => refuse(asError(error)));
