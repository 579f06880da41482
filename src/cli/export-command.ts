import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import type { Writable } from 'node:stream';
import { Option } from 'commander';
import type { Command } from 'commander';
import type { Deps } from '../compose.ts';
import { CLI_ACTOR } from '../shared/actor.ts';
import { inputError } from '../shared/app-error.ts';
import type { CliContext } from './cli-context.ts';
import type { Output } from './output.ts';

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

/** Written beside and renamed at the end: a file of that name is whole. Nobody but its owner may read it. */
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
  const unfinished = `${file}.unfinished`;
  const stream = createWriteStream(unfinished, { mode: 0o600 });
  const written = finished(stream);
  // Awaited below; until then a failure must not end the process.
  written.catch(() => undefined);
  try {
    const request = {
      filter: { newsletterId: newsletter?.id, status: options.status },
      actor: CLI_ACTOR,
      onProgress: (rows: number) => (terminal.canRedraw ? terminal.redraw(`${rows} rows`) : undefined),
    };
    const rows = await exportSubscribers(deps, request, (piece) => writePiece(stream, piece));
    stream.end();
    await written;
    await rename(unfinished, file);
    output.result([], { file, rows });
    output.note(`${rows} rows in ${file}. It holds personal data: delete it when it has served.`);
  } catch (error) {
    stream.destroy();
    await rm(unfinished, { force: true });
    const { code, syscall } = error as NodeJS.ErrnoException;
    throw syscall === undefined
      ? error
      : inputError('file_unwritable', `${file}: it cannot be written (${code ?? 'error'})`, { cause: error });
  }
}

/** Waits when the disk is slower than the database, so that memory stays flat. */
async function writePiece(stream: Writable, piece: string): Promise<void> {
  if (stream.errored !== null) {
    throw stream.errored;
  }
  if (!stream.write(piece)) {
    await once(stream, 'drain');
  }
}
