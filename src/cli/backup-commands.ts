import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Deps } from '../compose.ts';
import { CLI_ACTOR } from '../shared/actor.ts';
import type { CliContext } from './cli-context.ts';
import type { Output } from './output.ts';
import { printKey, runRestore } from './restore-command.ts';
import { showRows } from './show-rows.ts';
import { stoppable } from './stoppable.ts';
import type { Terminal } from './terminal.ts';

interface BackupFlags {
  readonly force?: true;
  readonly withoutKeys?: true;
}

export function backupCommands(program: Command, context: CliContext): void {
  program
    .command('backup')
    .argument('<file>', 'written whole or not at all')
    .description('the whole database as it is now, and SECRET_KEY, in one file; everything goes on meanwhile')
    .option('--force', 'replace the file')
    .option('--without-keys', 'leave SECRET_KEY out; a restore then asks for it')
    .action((file: string, flags: BackupFlags) =>
      context.withDeps((deps, output) => runBackup(deps, { terminal: context.terminal, output }, file, flags)),
    );

  program
    .command('restore')
    .argument('<file>', 'what `backup` wrote')
    .description('load a backup into an empty database; campaigns and issues are then held until `release`')
    .option('--print-key', 'print the SECRET_KEY that is in the file, and restore nothing')
    .action((file: string, flags: { printKey?: true }) =>
      flags.printKey === true ? printKey(context, file) : runRestore(context, file),
    );
}

async function runBackup(
  deps: Deps,
  { terminal, output }: { readonly terminal: Terminal; readonly output: Output },
  file: string,
  flags: BackupFlags,
): Promise<void> {
  const { writeBackup } = await import('../backup/index.ts');
  const { recordAudit } = await import('../audit/index.ts');
  const report = await stoppable(async (signal) =>
    writeBackup(deps.databaseUrl, {
      file,
      force: flags.force === true,
      keys: flags.withoutKeys === true ? null : (deps.config.secretKeys ?? null),
      version: await readVersion(),
      now: deps.clock.now(),
      signal,
      onProgress: showRows(terminal),
    }),
  );
  const { rows, bytes, schemaVersion, hasKeys } = report;
  await recordAudit(deps.db, {
    actor: CLI_ACTOR,
    action: 'system.backed_up',
    subjectKind: 'system',
    subjectId: null,
    details: { rows, bytes, schemaVersion, hasKeys },
  });
  output.result([`rows: ${rows}`, `bytes: ${bytes}`, `schema: ${schemaVersion}`], report);
  output.note(
    hasKeys
      ? `${file} holds every reader's data and SECRET_KEY: keep it encrypted, as secret as the key itself.`
      : `${file} holds every reader's data, but not SECRET_KEY: without it a restore is impossible. Keep both, apart.`,
  );
}

async function readVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
