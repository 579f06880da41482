import type { Command } from 'commander';
import type { ParsedAddress } from '../shared/email-address.ts';
import { toAddress } from './arguments.ts';
import type { CliContext } from './cli-context.ts';
import { exportEvidence } from './export-evidence.ts';
import { printHeads, toSealId, verifyChain } from './verify-chain.ts';

export function consentCommands(program: Command, context: CliContext): void {
  const group = program.command('consent').description('proof of who agreed to what');

  group
    .command('export')
    .argument('<email>', 'also of somebody who was erased', toAddress)
    .description(
      'the evidence of one person as JSON: wordings, both opt-in steps, the mail as sent, proof of the chain',
    )
    .option('--html <file>', 'the same as a page to print')
    .option('--locale <tag>', 'the language of that page', 'en')
    .action((address: ParsedAddress, options: { html?: string; locale: string }) =>
      context.withDeps((deps, output) => exportEvidence(deps, output, address, options)),
    );

  group
    .command('verify')
    .description('compute everything again and name the first record that was changed, removed, inserted or reordered')
    .option('--heads <file>', 'also find again what `consent heads` wrote before: shows an end that was cut off')
    .action(({ heads }: { heads?: string }) =>
      context.withDeps((deps, output) => verifyChain(deps, { output, terminal: context.terminal }, heads)),
    );

  group
    .command('heads')
    .description('the newest seal as one line of JSON, to be kept where nobody who has the database can write')
    .option('--after <seal>', 'every seal after this one instead, oldest first; 0 for all', toSealId)
    .action(({ after }: { after?: number }) => context.withDeps((deps, output) => printHeads(deps, output, after)));
}
