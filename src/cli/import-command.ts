import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Writable } from 'node:stream';
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import type { Deps } from '../compose.ts';
import type { ImportReport } from '../imports/index.ts';
import { CLI_ACTOR } from '../shared/actor.ts';
import { inputError } from '../shared/app-error.ts';
import { writeCsvRow } from '../shared/csv.ts';
import type { CliContext } from './cli-context.ts';
import type { Output } from './output.ts';

interface ImportOptions {
  readonly newsletter?: readonly string[];
  readonly map?: Readonly<Record<string, string>>;
  readonly basis?: 'consent' | 'soft-opt-in';
  readonly evidence?: string;
  readonly dryRun?: boolean;
  readonly rejects?: string;
}

/** `subscribers import FILE`; belongs to the group `subscribers`. */
export function addImportCommand(group: Command, context: CliContext): void {
  group
    .command('import <file>')
    .description('subscribers from a CSV file, such as an export of listmonk; a second run of a file changes nothing')
    .option('--newsletter <slug...>', 'for rows that name none')
    .option('--map <field=column>', 'where a column is called otherwise; repeatable', collectMapping)
    .addOption(
      new Option('--basis <basis>', 'what the mails rest on, for rows that do not say').choices([
        'consent',
        'soft-opt-in',
      ]),
    )
    .option('--evidence <text>', 'how it can be proved, for rows that do not say; without it nobody is mailed')
    .option('--dry-run', 'report what would happen, change nothing')
    .option('--rejects <file>', 'write the rows that were refused, each with its reason')
    .action((file: string, options: ImportOptions) =>
      context.withDeps((deps, output) => runImport(deps, context, output, { file, options })),
    );
}

function collectMapping(
  text: string,
  earlier: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, field = '', column = ''] = /^(\w+)=(.+)$/.exec(text) ?? [];
  if (field === '' || column === '') {
    throw new InvalidArgumentError('Write FIELD=COLUMN, such as email="E-Mail".');
  }
  return { ...earlier, [field]: column };
}

async function runImport(
  deps: Deps,
  { terminal }: CliContext,
  output: Output,
  { file, options }: { readonly file: string; readonly options: ImportOptions },
): Promise<void> {
  const { IMPORT_FIELDS, importSubscribers, readCsv } = await import('../imports/index.ts');
  const { requireNewsletter } = await import('../newsletters/index.ts');
  const mapping = options.map ?? {};
  const unknown = Object.keys(mapping).find((field) => !IMPORT_FIELDS.some((known) => known === field));
  if (unknown !== undefined) {
    throw inputError('field_unknown', `There is no field "${unknown}"; known are ${IMPORT_FIELDS.join(', ')}.`);
  }
  const newsletters = await Promise.all((options.newsletter ?? []).map((slug) => requireNewsletter(deps.db, { slug })));
  const size = await sizeOf(file);
  const source = createReadStream(file, { highWaterMark: 256 * 1024 });
  const rejects = options.rejects === undefined ? undefined : createWriteStream(options.rejects, { mode: 0o600 });
  const rejectsWritten = rejects === undefined ? Promise.resolve() : finished(rejects);
  rejectsWritten.catch(() => undefined);
  try {
    const report = await importSubscribers(deps, {
      file: readCsv(source),
      fileName: basename(file),
      actor: CLI_ACTOR,
      mapping,
      defaults: {
        newsletterIds: newsletters.map(({ id }) => id),
        basis: options.basis ?? null,
        evidence: options.evidence ?? null,
      },
      isDryRun: options.dryRun === true,
      onHeader: (header) => writeReject(rejects, ['row', 'reason', 'explanation', ...header]),
      onReject: ({ line, reason, message, cells }) => writeReject(rejects, [String(line), reason, message, ...cells]),
      onProgress: (rows) => {
        if (terminal.canRedraw) {
          const share = size === 0 ? 100 : Math.min(100, Math.floor((source.bytesRead / size) * 100));
          terminal.redraw(`${share} %  ${rows} rows`);
        } else if (rows % 100_000 === 0) {
          terminal.note(`${rows} rows`);
        }
      },
    });
    rejects?.end();
    await rejectsWritten;
    tell(output, report, options);
  } finally {
    source.destroy();
    rejects?.destroy();
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    throw inputError('file_unreadable', `${file}: it cannot be read`, { cause: error });
  }
}

function writeReject(rejects: Writable | undefined, cells: readonly string[]): void {
  rejects?.write(writeCsvRow(cells));
}

function tell(output: Output, report: ImportReport, options: ImportOptions): void {
  output.result(
    [
      `rows: ${report.rows}`,
      `subscribed: ${report.granted}`,
      `unproven, not mailed: ${report.unproven}`,
      `unchanged: ${report.unchanged}`,
      `rejected: ${report.rejected}`,
      ...(report.suppressed === 0 ? [] : [`suppressed as in the other system: ${report.suppressed}`]),
    ],
    { ...report, dryRun: options.dryRun === true },
  );
  if (options.dryRun === true) {
    output.note('This was a dry run: nothing was changed.');
  }
  if (report.unproven > 0) {
    output.note(
      'Unproven rows have no basis or no evidence (--basis, --evidence, or columns of these names); they are not mailed.',
    );
  }
  if (report.rejected > 0 && options.rejects === undefined) {
    output.note('See which rows were refused, and why, with --rejects FILE.');
  }
}
