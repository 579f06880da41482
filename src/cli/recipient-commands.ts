import { Option } from 'commander';
import type { Command } from 'commander';
import type { Deps } from '../compose.ts';
import type { RecipientFilter, RetryScope } from '../deliveries/index.ts';
import { CLI_ACTOR } from '../shared/actor.ts';
import type { CampaignId } from '../shared/ids.ts';
import { toCampaignId } from './arguments.ts';
import type { CliContext } from './cli-context.ts';
import type { Output } from './output.ts';
import { confirmSending, describeSentAgain } from './send-again.ts';
import { writeFileWhole } from './write-file-whole.ts';

const STATES: readonly RecipientFilter[] = [
  'accepted',
  'open',
  'deferred',
  'rejected',
  'suppressed',
  'ambiguous',
  'cancelled',
];
const SCOPES: readonly RetryScope[] = ['rejected', 'all-failed'];

/** What became of each mail of a campaign, and what can be done about it; belongs to the group `campaign`. */
export function addRecipientCommands(group: Command, context: CliContext): void {
  group
    .command('recipients')
    .argument('<id>', 'the campaign', toCampaignId)
    .argument('[file]', 'where to write it; stdout if left out')
    .description('who got it: the audience and what became of each mail, as CSV (with --json a line each)')
    .addOption(new Option('--state <state>', 'only these').choices(STATES))
    .action((id: CampaignId, file: string | undefined, { state }: { state?: RecipientFilter }) =>
      context.withDeps((deps, output) => listRecipients(deps, context, output, { id, file, state })),
    );

  group
    .command('retry')
    .argument('<id>', 'the campaign', toCampaignId)
    .description('send it once more to those whose mail failed; never to closed addresses')
    .addOption(
      new Option('--state <which>', 'refused by the server, or also those given up when their time was over')
        .choices(SCOPES)
        .default('all-failed'),
    )
    .option('--yes', 'do not ask')
    .action((id: CampaignId, { state, yes }: { state: RetryScope; yes?: true }) =>
      context.withDeps((deps, output) => retry(deps, context, output, { id, scope: state, isSure: yes === true })),
    );
}

async function listRecipients(
  deps: Deps,
  { terminal }: CliContext,
  output: Output,
  order: { readonly id: CampaignId; readonly file: string | undefined; readonly state: RecipientFilter | undefined },
): Promise<void> {
  const { exportRecipients, requireCampaign } = await import('../campaigns/index.ts');
  const { id } = await requireCampaign(deps.db, order.id);
  const { file, state } = order;
  let rows = 0;
  const onProgress = (count: number): void => {
    rows = count;
    if (file !== undefined && terminal.canRedraw) {
      terminal.redraw(`${count} rows`);
    }
  };
  const format = output.isJson && file === undefined ? ('json' as const) : ('csv' as const);
  const pieces = exportRecipients(deps, { id, state, actor: CLI_ACTOR, format, onProgress });
  if (file === undefined) {
    for await (const piece of pieces) {
      terminal.out(piece.replace(/\n$/, ''));
    }
    return;
  }
  await writeFileWhole(file, async (write) => {
    for await (const piece of pieces) {
      await write(piece);
    }
  });
  output.result([], { file, rows });
  output.note(`${rows} rows in ${file}. It holds personal data: delete it when it has served.`);
}

async function retry(
  deps: Deps,
  context: CliContext,
  output: Output,
  { id, scope, isSure }: { readonly id: CampaignId; readonly scope: RetryScope; readonly isSure: boolean },
): Promise<void> {
  const { countFailed, retryFailed } = await import('../campaigns/index.ts');
  if (!isSure && context.terminal.canAsk) {
    const count = await countFailed(deps, id, scope);
    if (count > 0) {
      await confirmSending(context, `Send it once more to ${count} whose mail failed? [y/N] `);
    }
  }
  const { retried } = await retryFailed(deps, { id, actor: CLI_ACTOR }, scope);
  output.result(`${retried}`, { retried, state: scope });
  output.note(describeSentAgain(retried));
}
