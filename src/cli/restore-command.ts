import type { OpenBackup, RestoreReport } from '../backup/index.ts';
import type { Config } from '../config/index.ts';
import { conflict, inputError } from '../shared/app-error.ts';
import type { CliContext } from './cli-context.ts';
import type { Output } from './output.ts';
import { readSettings } from './session.ts';
import { showRows } from './show-rows.ts';
import { stoppable } from './stoppable.ts';

/** An empty database to load into. */
interface Target {
  readonly databaseUrl: string;
  /** Right before the commit. */
  keepKeys(): Promise<void>;
  /** Ends a server that was started for this; after a failure nothing of the attempt stays. */
  close(hasFailed: boolean): Promise<void>;
}

const STOP_WITHIN_MS = 5000;

/** The file is read to its end before anything is opened, so a damaged one changes nothing. */
export async function runRestore(context: CliContext, file: string): Promise<void> {
  const { chooseKeys, openBackup } = await import('../backup/index.ts');
  const { environment } = context;
  const isEmbedded = !environment['DATABASE_URL'];
  const backup = await openBackup(file);
  try {
    // SECRET_KEY is required with DATABASE_URL; that of the backup stands in for one that is not set.
    const standIn = backup.header.keys?.join(',');
    const settings = await readSettings({ SECRET_KEY: standIn, ...withoutEmpty(environment) });
    const given = environment['SECRET_KEY'] ? settings.secretKeys : undefined;
    const stored = isEmbedded ? await readStoredKeys(settings) : undefined;
    const chosen = chooseKeys(backup.header, { given, stored });
    const target = isEmbedded
      ? await openEmbedded(context, settings, chosen.from === 'backup' ? chosen.keys : undefined)
      : openGiven(settings);
    const report = await loadInto(context, target, backup);
    const { migrateQueue } = await import('../platform/queue/index.ts');
    if (!isEmbedded) {
      await migrateQueue(target.databaseUrl);
    }
    tell(context.output(), report, { mustSetKey: !isEmbedded && chosen.from === 'backup' });
  } finally {
    backup.close();
  }
}

async function loadInto(context: CliContext, target: Target, backup: OpenBackup): Promise<RestoreReport> {
  const { restoreBackup } = await import('../backup/index.ts');
  let hasFailed = true;
  try {
    const report = await stoppable((signal) =>
      restoreBackup(target.databaseUrl, backup, {
        signal,
        beforeCommit: () => target.keepKeys(),
        onProgress: showRows(context.terminal),
      }),
    );
    hasFailed = false;
    return report;
  } finally {
    await target.close(hasFailed);
  }
}

function openGiven({ databaseUrl = '' }: Config): Target {
  return { databaseUrl, keepKeys: () => Promise.resolve(), close: () => Promise.resolve() };
}

/** @param newKeys to be kept in DATA_DIR; undefined when it has them, or they are set */
async function openEmbedded(
  { terminal }: CliContext,
  { dataDir, logLevel }: Config,
  newKeys: readonly string[] | undefined,
): Promise<Target> {
  const { openEmbeddedPostgres, storeSecretKey } = await import('../platform/embedded-postgres/index.ts');
  const { createLogger } = await import('../platform/logging/index.ts');
  const io = { log: createLogger(logLevel, 'cli'), print: (line: string) => terminal.note(line) };
  const opened = await openEmbeddedPostgres(io, { dataDir, holder: 'command', settings: {} });
  if (opened.kind === 'already-running') {
    throw conflict(
      'data_dir_in_use',
      `Courant runs on ${dataDir} (process ${opened.pid ?? 'unknown'}); restore into an empty DATA_DIR that nothing runs on`,
    );
  }
  let forgetKeys = (): Promise<void> => Promise.resolve();
  return {
    databaseUrl: opened.postgres.databaseUrl,
    keepKeys: async () => {
      if (newKeys !== undefined) {
        forgetKeys = await storeSecretKey(dataDir, newKeys.join(','));
      }
    },
    close: async (hasFailed) => {
      if (hasFailed) {
        await forgetKeys();
      }
      await opened.postgres.stop(STOP_WITHIN_MS);
    },
  };
}

async function readStoredKeys({ dataDir }: Config): Promise<readonly string[] | undefined> {
  const { readSecretKey } = await import('../platform/embedded-postgres/index.ts');
  const stored = await readSecretKey(dataDir);
  return stored?.split(',').map((key) => key.trim());
}

function withoutEmpty(environment: CliContext['environment']): CliContext['environment'] {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
}

function tell({ result, note }: Output, report: RestoreReport, outcome: { readonly mustSetKey: boolean }): void {
  result([`rows: ${report.rows}`, `tables: ${report.tables}`, `as of: ${report.createdAt}`], report);
  if (outcome.mustSetKey) {
    note(
      'Set SECRET_KEY to the key of the backup before you start Courant on it (restore FILE --print-key prints it).',
    );
  }
  note(
    'Admins sign in again. Campaigns and issues are held: look at what has gone out since, then run: courant release',
  );
}

/** Alone on stdout; opens no database. */
export async function printKey({ output }: CliContext, file: string): Promise<void> {
  const { openBackup } = await import('../backup/index.ts');
  const { header, close } = await openBackup(file);
  close();
  if (header.keys === null) {
    throw inputError('backup_without_keys', 'the backup was made without keys');
  }
  const secretKey = header.keys.join(',');
  output().result(secretKey, { secretKey });
}
