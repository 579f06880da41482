import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { CLI_ACTOR } from '../shared/actor.ts';
import { inputError } from '../shared/app-error.ts';
import type { LegalDocumentId } from '../shared/ids.ts';
import { toInstant, toLegalDocumentId } from './arguments.ts';
import type { CliContext } from './cli-context.ts';
import { alignColumns, formatInstant } from './output.ts';
import { readGivenText } from './read-given-file.ts';

/* As in src/legal, which is loaded only when a command runs. */
const KINDS = ['terms', 'privacy'] as const;
const CHANGES = ['editorial', 'notice', 'acceptance'] as const;

interface PublishOptions {
  readonly kind: (typeof KINDS)[number];
  readonly locale: string;
  readonly title?: string;
  readonly from?: Date;
  readonly change?: (typeof CHANGES)[number];
}

export function legalCommands(program: Command, context: CliContext): void {
  const group = program.command('legal').description('terms and privacy notice, version by version');

  group
    .command('list')
    .description('every version: id, text, language, number, from when, what it means for readers, state')
    .action(() => context.withDeps(async (deps, output) => output.result(...(await listVersions(deps)))));

  group
    .command('publish <file>')
    .description('publish Markdown as the next version; prints its id')
    .addOption(new Option('--kind <kind>', 'which text').choices(KINDS).makeOptionMandatory())
    .requiredOption('--locale <tag>', 'its language, such as en or de-AT', toLanguage)
    .option('--title <text>', 'otherwise the first line, when it is a heading: # Terms')
    .option('--from <instant>', 'when it takes effect, RFC 3339; now when left out', toInstant)
    .addOption(
      new Option('--change <kind>', 'what readers of an earlier version get: nothing, a line, or a question').choices(
        CHANGES,
      ),
    )
    .action((file: string, options: PublishOptions) =>
      context.withDeps(async (deps, output) => {
        const text = readTitle(await readGivenText(file), options.title);
        const { publishDocument } = await import('../legal/index.ts');
        const { kind, locale, from, change } = options;
        const document = await publishDocument(deps, { ...text, kind, locale, from, change, actor: CLI_ACTOR });
        output.result(String(document.id), document);
        output.note(
          `version ${document.version} (${document.change}), from ${formatInstant(document.publishedAt)} UTC`,
        );
      }),
    );

  group
    .command('withdraw')
    .argument('<id>', 'as `legal list` shows it', toLegalDocumentId)
    .description('take back a version that has not taken effect yet')
    .action((id: LegalDocumentId) =>
      context.withDeps(async (deps, output) => {
        const { withdrawDocument } = await import('../legal/index.ts');
        const document = await withdrawDocument(deps, { id, actor: CLI_ACTOR });
        output.result(`version ${document.version} is withdrawn`, document);
      }),
    );
}

type Deps = Parameters<Parameters<CliContext['withDeps']>[0]>[0];

async function listVersions(deps: Deps): Promise<[readonly string[], unknown]> {
  const { selectAllDocuments, stateOf } = await import('../legal/index.ts');
  const all = await selectAllDocuments(deps.db);
  const versions = all.map((document) => ({ ...document, state: stateOf(document, all, deps.clock.now()) }));
  const rows = versions.map((one) => [
    String(one.id),
    one.kind,
    one.locale,
    String(one.version),
    `${formatInstant(one.publishedAt)} UTC`,
    one.isSample ? 'sample' : one.change,
    one.state,
    one.title,
  ]);
  return [alignColumns(rows), versions];
}

/** As in our samples: a heading in the first line is the title, which the page prints itself. */
function readTitle(text: string, given: string | undefined): { readonly title: string; readonly markdown: string } {
  const [, heading, rest] = /^\s*# (.+)\r?\n([^]*)$/.exec(text) ?? [];
  if (given !== undefined) {
    return { title: given, markdown: text };
  }
  if (heading === undefined || rest === undefined) {
    throw inputError('title_missing', 'Give it a title with --title, or begin the file with one: # Terms');
  }
  return { title: heading.trim(), markdown: rest.trim() };
}

function toLanguage(tag: string): string {
  try {
    const [canonical] = Intl.getCanonicalLocales(tag);
    return canonical ?? tag;
  } catch {
    throw new InvalidArgumentError('Use a language tag such as en or de-AT.');
  }
}
