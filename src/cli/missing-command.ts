import type { Command } from 'commander';
import type { Deps } from '../compose.ts';
import { CLI_ACTOR } from '../shared/actor.ts';
import type { CampaignId } from '../shared/ids.ts';
import { toCampaignId } from './arguments.ts';
import type { CliContext } from './cli-context.ts';
import type { Output } from './output.ts';
import { writeFileWhole } from './write-file-whole.ts';

/** `campaign missing ID`: whom a campaign cannot be sent to as it is written; belongs to the group `campaign`. */
export function addMissingCommand(group: Command, context: CliContext): void {
  group
    .command('missing')
    .argument('<id>', 'the campaign', toCampaignId)
    .argument('[file]', 'where to write it; stdout if left out')
    .description('readers who lack what the mail prints without a default, as CSV (with --json a line each)')
    .action((id: CampaignId, file: string | undefined) =>
      context.withDeps((deps, output) => listMissing(deps, context, output, { id, file })),
    );
}

async function listMissing(
  deps: Deps,
  { terminal }: CliContext,
  output: Output,
  order: { readonly id: CampaignId; readonly file: string | undefined },
): Promise<void> {
  const { exportMissingMergeData, requireCampaign } = await import('../campaigns/index.ts');
  const campaign = await requireCampaign(deps.db, order.id);
  const { file } = order;
  let rows = 0;
  const pieces = exportMissingMergeData(deps, campaign, {
    actor: CLI_ACTOR,
    format: output.isJson && file === undefined ? 'json' : 'csv',
    onProgress: (count) => {
      rows = count;
    },
  });
  if (file === undefined) {
    for await (const piece of pieces) {
      terminal.out(piece.replace(/\r?\n$/, ''));
    }
  } else {
    await writeFileWhole(file, async (write) => {
      for await (const piece of pieces) {
        await write(piece);
      }
    });
    output.result([], { file, rows });
    output.note(`${rows} rows in ${file}. It holds personal data: delete it when it has served.`);
  }
  if (rows === 0) {
    output.note('Nobody lacks anything that the mail prints.');
  }
}
