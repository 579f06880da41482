import type { Config, SettingName } from './config/index.ts';
import { ensureSecretKey, openEmbeddedPostgres } from './platform/embedded-postgres/index.ts';
import {
  EXIT_FAILED,
  EXIT_OK,
  EXIT_SETTING,
  WORKER_FLAGS,
  probePort,
  superviseChild,
} from './platform/lifecycle/index.ts';
import type { ChildFailure } from './platform/lifecycle/index.ts';
import { createLogger } from './platform/logging/index.ts';
import type { Logger } from './platform/logging/index.ts';
import { startPreflight } from './run-preflight.ts';
import type { Preflight } from './run-preflight.ts';
import { AppError, asError } from './shared/app-error.ts';

export interface SuperviseOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly entries: { readonly preflight: URL; readonly web: URL; readonly worker: URL };
  /** Where to go, for the person who started it. */
  print(line: string): void;
  /** Why it does not start or where things are, for the same person. */
  notify(line: string): void;
  /** Aborted by Ctrl-C or SIGTERM. */
  readonly stop: AbortSignal;
}

/** How it comes to an end; the line, if any, is still to be shown. */
interface Ending {
  readonly exitCode: number;
  readonly line?: string;
}

/** Something that runs, and how to end it. */
type Part = () => Promise<void>;

interface Context extends SuperviseOptions {
  readonly config: Config;
  readonly log: Logger;
  /** In the order of their start; they end in the opposite one. */
  readonly parts: Part[];
}

interface DatabaseAccess {
  readonly databaseUrl: string;
  readonly secretKey: string;
  readonly embedded: boolean;
  /** Settles when it is gone for good. */
  readonly failed: Promise<Error>;
}

/**
 * What commands take over from the `npm start` they lean on, unless they are told otherwise: without them `admin create`
 * would print a link to another port, and a campaign would carry links to it.
 */
const LENT_SETTINGS = [
  'PORT',
  'HOST',
  'PUBLIC_URL',
  'REDIS_URL',
  'SMTP_URL',
  'SECRET_KEY',
  'MAIL_FROM',
  'BOUNCE_DOMAIN',
  'POSTAL_ADDRESS',
  'FETCH_ALLOW',
] as const satisfies readonly SettingName[];

/** Together under the 10 s after which Docker kills and a person loses patience. */
const WEB_STOP_MS = 1000;
const WORKER_STOP_MS = 7800;
const POSTGRES_STOP_MS = 700;
const PORT_PATIENCE_MS = 2000;

/**
 * Starts PostgreSQL (without DATABASE_URL), migrates, and keeps one web and one worker process running until it is told
 * to stop or one of them cannot be kept up. Then all of it ends in order: web, worker, PostgreSQL.
 * @returns the exit code
 */
export async function supervise(options: SuperviseOptions): Promise<number> {
  const parts: Part[] = [];
  const told = new Promise<Ending>((resolve) => {
    options.stop.addEventListener('abort', () => resolve({ exitCode: EXIT_OK }), { once: true });
  });
  const ending = await Promise.race([told, run(options, parts).catch(endingOf)]);
  if (ending.line !== undefined) {
    options.notify(ending.line);
  }
  for (const stop of parts.toReversed()) {
    await stop();
  }
  return ending.exitCode;
}

async function run(options: SuperviseOptions, parts: Part[]): Promise<Ending> {
  const preflight = startPreflight(options.entries.preflight, options.environment);
  parts.push(() => preflight.stop());
  const read = await preflight.settings;
  if (read.kind === 'ended') {
    return read;
  }
  const { config } = read;
  const context: Context = { ...options, config, parts, log: createLogger(config.logLevel, 'supervisor') };
  const portFree = probePort(config.port, config.host, PORT_PATIENCE_MS);
  const access = await openDatabase(context);
  if ('exitCode' in access) {
    return access;
  }
  const portTrouble = await portFree;
  if (portTrouble !== undefined) {
    return { exitCode: EXIT_FAILED, line: explainPort(config, portTrouble) };
  }
  const { databaseUrl, embedded } = access;
  const migrated = await preflight.migrate({ databaseUrl, wantsFirstAdminLink: embedded });
  if (migrated.kind === 'ended') {
    return migrated;
  }
  options.stop.throwIfAborted();
  return runRoles(context, access, preflight.done);
}

async function openDatabase(context: Context): Promise<DatabaseAccess | Ending> {
  const { config, log, parts } = context;
  if (config.databaseUrl !== undefined) {
    const secretKey = config.secretKeys?.join(',') ?? '';
    return { databaseUrl: config.databaseUrl, secretKey, embedded: false, failed: new Promise(() => undefined) };
  }
  const { dataDir } = config;
  const settings = settingsToLend(context.environment);
  const opening = openEmbeddedPostgres({ log, print: context.notify }, { dataDir, holder: 'start', settings });
  // The first of the parts, whatever runs already: it is the last to end.
  parts.unshift(async () => {
    const opened = await opening.catch(() => undefined);
    if (opened?.kind === 'open') {
      await opened.postgres.stop(POSTGRES_STOP_MS);
    }
  });
  const opened = await opening;
  if (opened.kind === 'already-running') {
    const who = opened.pid === undefined ? 'another process' : `process ${opened.pid}`;
    return { exitCode: EXIT_FAILED, line: `Courant already runs on ${dataDir} (${who})` };
  }
  const secretKey = config.secretKeys?.join(',') ?? (await ensureSecretKey(dataDir));
  return { databaseUrl: opened.postgres.databaseUrl, secretKey, embedded: true, failed: opened.postgres.failed };
}

function settingsToLend(environment: SuperviseOptions['environment']): Readonly<Record<string, string>> {
  const entries = LENT_SETTINGS.flatMap((name) => (environment[name] ? [[name, environment[name]] as const] : []));
  return Object.fromEntries(entries);
}

async function runRoles(context: Context, access: DatabaseAccess, preflightDone: Preflight['done']): Promise<Ending> {
  const { log, parts, entries } = context;
  const env = {
    ...context.environment,
    DATABASE_URL: access.databaseUrl,
    SECRET_KEY: access.secretKey,
    ...(access.embedded ? { COURANT_EMBEDDED: '1' } : {}),
  };
  const worker = superviseChild({ log }, { name: 'worker', entry: entries.worker, execArgv: WORKER_FLAGS, env });
  const web = superviseChild({ log }, { name: 'web', entry: entries.web, env });
  parts.push(
    () => worker.stop(WORKER_STOP_MS),
    () => web.stop(WEB_STOP_MS),
  );
  const failure = Promise.race([
    web.failed.then(endingOfChild),
    worker.failed.then(endingOfChild),
    access.failed.then(endingOf),
  ]);
  const done = await preflightDone;
  if (done.kind === 'ended') {
    return done;
  }
  const early = await Promise.race([failure, Promise.all([web.ready, worker.ready])]);
  if ('exitCode' in early) {
    return early;
  }
  announce(context, done.firstAdminLink);
  log.info({ startedInMs: Math.round(performance.now()) }, 'ready');
  return failure;
}

function announce({ config, print }: Context, firstAdminLink: string | undefined): void {
  print(`sign up here: ${config.publicUrl}/`);
  if (config.smtpUrl === undefined) {
    print(`inbox here: ${config.publicUrl}/inbox`);
  }
  if (firstAdminLink !== undefined) {
    print(`first admin here: ${firstAdminLink}`);
  }
}

function explainPort(config: Config, code: string): string {
  const where = `${config.port} on ${config.host}`;
  if (code === 'EADDRINUSE') {
    return `PORT: ${where} is taken by another program; set PORT to a free one, for example PORT=${config.port + 1}`;
  }
  return `PORT, HOST: cannot listen to ${where} (${code}); set both to an address of this machine that you may use`;
}

function endingOfChild(failure: ChildFailure): Ending {
  if (failure.kind === 'setting') {
    return { exitCode: EXIT_SETTING };
  }
  return { exitCode: EXIT_FAILED, line: `${failure.name} does not start: ${failure.message}` };
}

function endingOf(thrown: unknown): Ending {
  const error = asError(thrown);
  const isSetting = error instanceof AppError && error.kind === 'setting';
  return { exitCode: isSetting ? EXIT_SETTING : EXIT_FAILED, line: error.message };
}
