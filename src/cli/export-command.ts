import { Option } from 'commander';
import type { Command } from 'commander';
import type { Deps } from '../compose.ts';
import { CLI_ACTOR } from '../shared/actor.ts';
import type { CliContext } from './cli-context.ts';
import type { Output } from './output.ts';
import { writeFileWhole } from './write-file-whole.ts';

interface ExportOptions {
  readonly newsletter?: string;
  readonly status?: 'pending' | 'active' | 'unsubscribed';
}

/** `subscribers export FILE`; belongs to the group `subscribers`. */
export function addExportCommand(group: Command, context: CliContext): void {
  group
    .command('export <file>')
    .description('every subscriber as CSV (RFC 4180); cells that a spreadsheet would run begin with an apostrophe')
    .option('--newsletter <slug>', 'only who reads, or read, this one')
    .addOption(
      new Option('--status <status>', 'only these subscriptions').choices(['pending', 'active', 'unsubscribed']),
    )
    .action((file: string, options: ExportOptions) =>
      context.withDeps((deps, output) => runExport(deps, context, output, { file, options })),
    );
}

async function runExport(
  deps: Deps,
  { terminal }: CliContext,
  output: Output,
  { file, options }: { readonly file: string; readonly options: ExportOptions },
): Promise<void> {
  const { exportSubscribers } = await import('../subscribers/index.ts');
  const { requireNewsletter } = await import('../newsletters/index.ts');
  const newsletter =
    options.newsletter === undefined ? undefined : await requireNewsletter(deps.db, { slug: options.newsletter });
  const request = {
    filter: { newsletterId: newsletter?.id, status: options.status },
    actor: CLI_ACTOR,
    onProgress: (rows: number) => (terminal.canRedraw ? terminal.redraw(`${rows} rows`) : undefined),
  };
  const rows = await writeFileWhole(file, (write) => exportSubscribers(deps, request, write));
  output.result([], { file, rows });
  output.note(`${rows} rows in ${file}. It holds personal data: delete it when it has served.`);
}
