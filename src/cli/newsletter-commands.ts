import type { Command } from 'commander';
import { CLI_ACTOR } from '../shared/actor.ts';
import type { CliContext } from './cli-context.ts';
import { alignColumns, formatInstant } from './output.ts';

export function newsletterCommands(program: Command, context: CliContext): void {
  const group = program.command('newsletter').description('what people subscribe to');

  group
    .command('list')
    .description('all newsletters: short name, name, when the next issue comes')
    .action(() =>
      context.withDeps(async (deps, output) => {
        const { listNewsletters } = await import('../newsletters/index.ts');
        const newsletters = await listNewsletters(deps.db);
        const rows = newsletters.map(({ slug, name, nextRunAt, timeZone }) => [
          slug,
          name,
          nextRunAt === null ? 'no schedule' : `${formatInstant(nextRunAt, timeZone)} ${timeZone}`,
        ]);
        output.result(alignColumns(rows), newsletters);
      }),
    );

  group
    .command('create <name>')
    .description('add a newsletter; prints its short name')
    .option('--slug <slug>', 'short name in addresses and commands')
    .option('--description <text>', 'what readers are promised')
    .option('--time-zone <zone>', 'IANA zone of its schedule, such as Europe/Berlin')
    .option('--cron <pattern>', 'when issues are made; empty for never')
    .option('--from-name <name>', 'sender of its mails')
    .option('--from-address <address>', 'sender address of its mails')
    .option('--postal-address <text>', 'printed in each mail')
    .action((name: string, options: Readonly<Record<string, string>>) =>
      context.withDeps(async (deps, output) => {
        const { createNewsletter, newNewsletterSchema } = await import('../newsletters/index.ts');
        const newsletter = await createNewsletter(deps, newNewsletterSchema.parse({ ...options, name }), CLI_ACTOR);
        output.result(newsletter.slug, newsletter);
      }),
    );
}
