import type { Command } from 'commander';
import type { Deps } from '../compose.ts';
import type { Newsletter } from '../newsletters/index.ts';
import { CLI_ACTOR } from '../shared/actor.ts';
import { conflict } from '../shared/app-error.ts';
import type { CliContext } from './cli-context.ts';
import { alignColumns, formatInstant } from './output.ts';
import type { Output } from './output.ts';

const RUNS_SHOWN = 10;

export function digestCommands(program: Command, context: CliContext): void {
  const group = program.command('digest').description('issues made from articles');

  group
    .command('run <newsletter>')
    .description('send an extra issue now; prints the id of its campaign')
    .option('--dry-run', 'print the HTML of the mail instead, and write nothing')
    .action((slug: string, { dryRun }: { dryRun?: true }) =>
      context.withDeps(async (deps, output) => {
        const { requireNewsletter } = await import('../newsletters/index.ts');
        const newsletter = await requireNewsletter(deps.db, { slug });
        await (dryRun === true ? preview(deps, output, newsletter) : run(deps, output, newsletter));
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

async function preview(deps: Deps, output: Output, newsletter: Newsletter): Promise<void> {
  const { previewNextIssue } = await import('../digests/index.ts');
  const next = await previewNextIssue(deps, newsletter);
  if (next.mail === null) {
    output.note('There is nothing new; no issue would be made.');
    output.result([], next);
    return;
  }
  output.result(next.mail.html, next);
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
