import type { Command } from 'commander';
import type { Deps } from '../compose.ts';
import type { Newsletter } from '../newsletters/index.ts';
import { CLI_ACTOR } from '../shared/actor.ts';
import { conflict, inputError } from '../shared/app-error.ts';
import type { CliContext } from './cli-context.ts';
import { describeReasons } from './describe-reasons.ts';
import { alignColumns, formatInstant } from './output.ts';
import type { Output } from './output.ts';
import { writeFileWhole } from './write-file-whole.ts';

const RUNS_SHOWN = 10;

export function digestCommands(program: Command, context: CliContext): void {
  const group = program.command('digest').description('issues made from articles');

  group
    .command('run <newsletter>')
    .description('send an extra issue now; prints the id of its campaign')
    .option(
      '--dry-run',
      'send nothing: print the text of the mail, where each article comes from and why others are not in it',
    )
    .option('--html <file>', 'with --dry-run: write the HTML there')
    .option('--text <file>', 'with --dry-run: write the text there instead of printing it')
    .action((slug: string, { dryRun, ...files }: { dryRun?: true } & PreviewFiles) =>
      context.withDeps(async (deps, output) => {
        refuseIdleFiles(dryRun, files);
        const { requireNewsletter } = await import('../newsletters/index.ts');
        const newsletter = await requireNewsletter(deps.db, { slug });
        await (dryRun === true ? preview(deps, output, newsletter, files) : run(deps, output, newsletter));
      }),
    );

  group
    .command('next')
    .description('the next ten times of each newsletter, in its zone and in UTC')
    .action(() =>
      context.withDeps(async (deps, output) => {
        const { listNewsletters } = await import('../newsletters/index.ts');
        const { nextRuns } = await import('../digests/index.ts');
        const plans = (await listNewsletters(deps.db)).map((newsletter) => ({
          newsletter: newsletter.slug,
          timeZone: newsletter.timeZone,
          runs: nextRuns(newsletter, deps.clock.now(), RUNS_SHOWN),
        }));
        const rows = plans.flatMap(({ newsletter, timeZone, runs }) =>
          runs.length === 0
            ? [[newsletter, 'no schedule', '']]
            : runs.map((at) => [newsletter, `${formatInstant(at, timeZone)} ${timeZone}`, at.toISOString()]),
        );
        output.result(alignColumns(rows), plans);
      }),
    );
}

interface PreviewFiles {
  readonly html?: string;
  readonly text?: string;
}

async function preview(deps: Deps, output: Output, newsletter: Newsletter, files: PreviewFiles): Promise<void> {
  const { previewNextIssue } = await import('../digests/index.ts');
  const next = await previewNextIssue(deps, newsletter);
  const reasons = describeReasons(next.reasons, newsletter.timeZone);
  if (next.mail === null) {
    const small = next.remarks.find(({ code }) => code === 'issue_too_small');
    output.note(small?.message ?? 'There is nothing new; no issue would be made.');
    output.result(reasons, next);
    return;
  }
  const { html, text } = next.mail;
  await writePart(output, files.html, html);
  await writePart(output, files.text, text);
  output.result([...(files.text === undefined ? [text, ''] : []), ...reasons], next);
  const sections = next.sections.map(({ name, count }) => `${name} ${count}`).join(', ');
  output.note(`Subject: ${next.mail.subject}`);
  for (const remark of next.remarks) {
    output.note(`Left out: ${remark.message}`);
  }
  for (const warning of next.mail.warnings) {
    output.note(`Look at this: ${warning.message}`);
  }
  output.note(`${next.articleCount} articles (${sections}). Nothing was written.`);
}

/** Nobody who forgot `--dry-run` wants to have sent an issue. */
function refuseIdleFiles(dryRun: true | undefined, { html, text }: PreviewFiles): void {
  if (dryRun !== true && (html !== undefined || text !== undefined)) {
    throw inputError('dry_run_missing', '--html and --text go with --dry-run. Nothing was sent.');
  }
}

async function writePart(output: Output, file: string | undefined, part: string): Promise<void> {
  if (file !== undefined) {
    await writeFileWhole(file, (write) => write(part));
    output.note(`Written: ${file}`);
  }
}

async function run(deps: Deps, output: Output, newsletter: Newsletter): Promise<void> {
  const { findStartBarrier } = await import('../legal/index.ts');
  const { runDigestNow } = await import('../digests/index.ts');
  // The issue would be made and stand still; whoever types this wants it to go out.
  const barrier = await findStartBarrier(deps, newsletter);
  if (barrier !== undefined) {
    throw conflict(barrier.code, barrier.message);
  }
  const outcome = await runDigestNow(deps, newsletter, CLI_ACTOR);
  if (outcome.kind === 'nothing-new') {
    output.note('There is nothing new; no issue was made.');
    output.result([], outcome);
    return;
  }
  output.result(String(outcome.campaignId), outcome);
  output.note(`Issue ${outcome.number} with ${outcome.articleCount} articles goes out: ${outcome.title}`);
  output.note(`Watch it with: npm run -s courant -- campaign status ${outcome.campaignId} --watch`);
}
