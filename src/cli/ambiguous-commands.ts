import { Option } from 'commander';
import type { Command } from 'commander';
import type { AmbiguousChoice, Resolution } from '../campaigns/index.ts';
import type { Deps } from '../compose.ts';
import { CLI_ACTOR } from '../shared/actor.ts';
import type { ParsedAddress } from '../shared/email-address.ts';
import type { CampaignId } from '../shared/ids.ts';
import { collectAddresses, toCampaignId } from './arguments.ts';
import type { CliContext } from './cli-context.ts';
import { alignColumns, formatInstant } from './output.ts';
import type { Output } from './output.ts';
import { confirmSending, describeSentAgain } from './send-again.ts';

interface ResolveOptions {
  readonly accepted?: true;
  readonly rejected?: true;
  readonly resend?: true;
  readonly to?: readonly ParsedAddress[];
  readonly all?: true;
  readonly yes?: true;
}

/** The mails whose fate nobody knows; belongs to the group `campaign`. */
export function addAmbiguousCommands(group: Command, context: CliContext): void {
  group
    .command('ambiguous')
    .argument('<id>', 'the campaign', toCampaignId)
    .description(
      'mails whose reply never came: address, when, attempt, and the Message-ID to look for in the log of the relay',
    )
    .action((id: CampaignId) => context.withDeps((deps, output) => listAmbiguous(deps, output, id)));

  group
    .command('resolve')
    .argument('<id>', 'the campaign', toCampaignId)
    .description('decide about ambiguous mails, all of them (--all) or some (--to)')
    .addOption(new Option('--accepted', 'the relay took them').conflicts(['rejected', 'resend']))
    .addOption(new Option('--rejected', 'the relay did not take them').conflicts(['accepted', 'resend']))
    .addOption(new Option('--resend', 'send them once more; some may arrive twice').conflicts(['accepted', 'rejected']))
    .addOption(new Option('--to <address...>', 'only these').argParser(collectAddresses).conflicts('all'))
    .addOption(new Option('--all', 'every one that is ambiguous now').conflicts('to'))
    .option('--yes', 'do not ask')
    .action((id: CampaignId, options: ResolveOptions, command: Command) => {
      const order = { id, ...readDecision(options, command), isSure: options.yes === true };
      return context.withDeps((deps, output) => resolve(deps, context, output, order));
    });
}

/** What is missing is a usage error, before anything is opened. */
function readDecision(
  options: ResolveOptions,
  command: Command,
): { readonly resolution: Resolution; readonly choice: AmbiguousChoice } {
  const resolution = (['accepted', 'rejected', 'resend'] as const).find((name) => options[name] === true);
  if (resolution === undefined) {
    return command.error('error: say what became of them: --accepted, --rejected or --resend');
  }
  if (options.to === undefined && options.all !== true) {
    return command.error('error: say which: --all or --to ADDRESS ...');
  }
  return {
    resolution,
    choice: options.to === undefined ? { kind: 'all' } : { kind: 'addresses', addresses: options.to },
  };
}

async function listAmbiguous(deps: Deps, output: Output, id: CampaignId): Promise<void> {
  const { addMessageIds, allRecipients, requireCampaign } = await import('../campaigns/index.ts');
  const { ambiguousPolicy } = await requireCampaign(deps.db, id);
  const found = [];
  for await (const page of allRecipients(deps.db, id, 'ambiguous')) {
    found.push(...(await addMessageIds(deps, page)));
  }
  const rows = found.map(({ address, dotAt, attempt, messageId }) => [
    address === '' ? '(erased)' : address,
    dotAt === null ? '' : `${formatInstant(dotAt)} UTC`,
    `attempt ${attempt}`,
    messageId ?? '',
  ]);
  output.result(alignColumns(rows), found);
  if (found.length === 0) {
    output.note('None is ambiguous.');
  } else if (ambiguousPolicy === 'resend') {
    output.note('They are sent once more about ten minutes after the attempt, three attempts at most.');
  } else {
    output.note(`They are not sent again by themselves. Decide: npm run -s courant -- campaign resolve ${id} --help`);
  }
}

async function resolve(
  deps: Deps,
  context: CliContext,
  output: Output,
  {
    id,
    isSure,
    ...decision
  }: {
    readonly id: CampaignId;
    readonly isSure: boolean;
    readonly resolution: Resolution;
    readonly choice: AmbiguousChoice;
  },
): Promise<void> {
  const { resolveAmbiguous } = await import('../campaigns/index.ts');
  if (decision.resolution === 'resend' && !isSure && context.terminal.canAsk) {
    await confirmSending(context, 'Send once more? Whom the first mail reached gets it twice. [y/N] ');
  }
  const { resolved } = await resolveAmbiguous(deps, { id, actor: CLI_ACTOR }, decision);
  output.result(`${resolved}`, { resolved, resolution: decision.resolution });
  output.note(
    decision.resolution === 'resend'
      ? describeSentAgain(resolved)
      : `${resolved} ${resolved === 1 ? 'mail counts' : 'mails count'} as ${decision.resolution} now.`,
  );
}
