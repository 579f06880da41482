import type { Command } from 'commander';
import { CLI_ACTOR } from '../shared/actor.ts';
import type { Scope } from '../shared/actor.ts';
import type { ParsedAddress } from '../shared/email-address.ts';
import { collectScopes, toAddress, toPositiveInteger } from './arguments.ts';
import type { CliContext } from './cli-context.ts';

const TOKEN_DAYS = 90;

export function accountCommands(program: Command, context: CliContext): void {
  program
    .command('admin')
    .description('people who run this')
    .command('create')
    .description('print a link with which somebody becomes an admin, or chooses a new password')
    .requiredOption('--email <address>', 'the address to sign in with', toAddress)
    .action(({ email }: { email: ParsedAddress }) =>
      context.withDeps(async (deps, output) => {
        const { inviteAdmin } = await import('../accounts/index.ts');
        const { adminId, token } = await inviteAdmin(deps, { address: email, actor: CLI_ACTOR });
        const link = `${deps.config.publicUrl}/admin/setup#${token}`;
        output.result(link, { adminId, link });
        output.note('Give this link to nobody else. It works once, within 24 hours.');
      }),
    );

  program
    .command('token')
    .description('keys for programs that use the API')
    .command('create')
    .description('print a new API token; it cannot be shown again')
    .requiredOption('--scope <scope>', 'what it may do; several with commas or repeated', collectScopes)
    .option('--name <name>', 'to tell it from others', 'made on the command line')
    .option('--days <n>', 'how long it is valid', toPositiveInteger, TOKEN_DAYS)
    .action((options: { scope: readonly Scope[]; name: string; days: number }) =>
      context.withDeps(async (deps, output) => {
        const { createApiToken } = await import('../accounts/index.ts');
        const { token, secret } = await createApiToken(deps, {
          name: options.name,
          scopes: options.scope,
          expiresInDays: options.days,
          actor: CLI_ACTOR,
        });
        output.result(secret, { ...token, secret });
        output.note(`Valid for ${options.days} days. It is stored as a hash only: keep it now.`);
      }),
    );
}
