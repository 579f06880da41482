import type { Composed, Deps } from '../compose.ts';
import type { Config } from '../config/index.ts';

/** LOG_LEVEL of a command: what it has to say it says itself. */
const QUIET = 'error';

export interface Session {
  readonly deps: Deps;
  close(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws AppError kind `setting`. */
export async function readSettings(environment: Environment): Promise<Config> {
  const { parseConfig } = await import('../config/index.ts');
  return parseConfig({ ...environment, LOG_LEVEL: environment['LOG_LEVEL'] || QUIET });
}

/** Where the database is; `giveBack` ends one that was started for this command. */
export interface Access {
  readonly config: Config;
  readonly databaseUrl: string;
  giveBack(): Promise<void>;
}

/**
 * DATABASE_URL, or without it the embedded server: the one of the `npm start` that runs, with the settings of that start
 * where this command has none, or one for this command alone, with its schema up to date.
 */
export async function reachDatabase(environment: Environment, note: (line: string) => void): Promise<Access> {
  const settings = await readSettings(environment);
  if (settings.databaseUrl !== undefined) {
    return { config: settings, databaseUrl: settings.databaseUrl, giveBack: () => Promise.resolve() };
  }
  const { borrowEmbeddedPostgres } = await import('../platform/embedded-postgres/index.ts');
  const { createLogger } = await import('../platform/logging/index.ts');
  const log = createLogger(settings.logLevel, 'cli');
  const borrowed = await borrowEmbeddedPostgres({ log, print: note }, settings.dataDir);
  const { databaseUrl, secretKey, giveBack } = borrowed;
  try {
    const { migrateAll } = await import('../migrate.ts');
    await migrateAll(databaseUrl, log);
    const config = await readSettings({ SECRET_KEY: secretKey, ...borrowed.settings, ...whatIsSet(environment) });
    return { config: { ...config, databaseUrl }, databaseUrl, giveBack };
  } catch (error) {
    await giveBack();
    throw error;
  }
}

/** Empty strings count as unset, here as everywhere. */
function whatIsSet(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
}

export async function openSession(environment: Environment, note: (line: string) => void): Promise<Session> {
  const access = await reachDatabase(environment, note);
  let composed: Composed;
  try {
    const { compose } = await import('../compose.ts');
    composed = await compose(access.config, { role: 'cli', maxConnections: 3 });
  } catch (error) {
    await access.giveBack();
    throw error;
  }
  return {
    deps: composed.deps,
    close: async () => {
      await composed.close();
      await access.giveBack();
      if (composed.deps.queue.droppedRings() > 0) {
        note('the queue does not answer; what is to be done is stored, and begins within a minute of its return');
      }
    },
  };
}
