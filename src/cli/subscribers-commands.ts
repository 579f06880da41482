import type { Command } from 'commander';
import type { CliContext } from './cli-context.ts';
import { addExportCommand } from './export-command.ts';
import { addImportCommand } from './import-command.ts';

/** All subscribers at once; one person is `subscriber`. */
export function subscribersCommands(program: Command, context: CliContext): void {
  const group = program.command('subscribers').description('all subscribers: import and export');
  addImportCommand(group, context);
  addExportCommand(group, context);
}
