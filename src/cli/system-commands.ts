import type { Command } from 'commander';
import { AppError } from '../shared/app-error.ts';
import type { ParsedAddress } from '../shared/email-address.ts';
import { toAddress } from './arguments.ts';
import type { CliContext } from './cli-context.ts';
import { alignColumns } from './output.ts';
import { runChecks } from './run-checks.ts';
import { reachDatabase } from './session.ts';

export function systemCommands(program: Command, context: CliContext): void {
  program
    .command('migrate')
    .description('bring the schema up to this version; safe at any time, also from several hosts at once')
    .action(async () => {
      const output = context.output();
      const access = await reachDatabase(context.environment, output.note);
      try {
        const { migrateAll } = await import('../migrate.ts');
        const { createLogger } = await import('../platform/logging/index.ts');
        await migrateAll(access.databaseUrl, createLogger(access.config.logLevel, 'migrate'));
      } finally {
        await access.giveBack();
      }
      output.result([], { migrated: true });
      output.note('The schema is up to date.');
    });

  program
    .command('doctor')
    .description('look for what keeps mails from going out, or from being taken; exit code 1 only for what failed')
    .option('--to <address>', 'send a test mail there, through each relay', toAddress)
    .action(async ({ to }: { to?: ParsedAddress }) => {
      const output = context.output();
      const checks = await runChecks(context, { testAddress: to?.address });
      const rows = checks.map(({ state, name, message, advice }) => [
        state,
        name,
        advice === undefined ? message : `${message}; ${advice}`,
      ]);
      output.result(alignColumns(rows), { checks });
      const failed = checks.filter(({ state }) => state === 'failed');
      if (failed.length > 0) {
        throw new AppError('conflict', 'doctor_failed', `look at: ${failed.map(({ name }) => name).join(', ')}`);
      }
    });
}
