import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import type { BounceLimits } from '../bounce-limits/index.ts';
import type { Deps } from '../compose.ts';
import { CLI_ACTOR } from '../shared/actor.ts';
import { inputError } from '../shared/app-error.ts';
import { toPositiveInteger } from './arguments.ts';
import type { CliContext } from './cli-context.ts';
import type { Output } from './output.ts';

export function bounceCommands(program: Command, context: CliContext): void {
  const group = program.command('bounce').description('mails that were refused, and what follows');

  group
    .command('limits')
    .description('when refusals halt a campaign or close an address; with options: change it')
    .option('--window <n>', 'look at the last n outcomes of a campaign', toPositiveInteger)
    .option('--hard-percent <n>', 'halt when more than n % of them went to nobody', toPercent)
    .option('--hard-at-least <n>', '... and at least n did', toPositiveInteger)
    .option(
      '--refused-percent <n>',
      'halt when more than n % of them were refused as spam or unauthenticated',
      toPercent,
    )
    .option('--refused-at-least <n>', '... and at least n were', toPositiveInteger)
    .option('--soft-failures <n>', 'close an address after n soft refusals (mailbox full, disabled)', toPositiveInteger)
    .option('--soft-days <n>', '... within n days', toPositiveInteger)
    .action((options: Readonly<Record<string, number>>) =>
      context.withDeps((deps, output) => showOrChange(deps, output, options)),
    );
}

async function showOrChange(deps: Deps, output: Output, options: Readonly<Record<string, number>>): Promise<void> {
  const { bounceLimitChangesSchema, changeBounceLimits, readBounceLimits } = await import('../bounce-limits/index.ts');
  const changes = bounceLimitChangesSchema.safeParse(options);
  if (!changes.success) {
    const [issue] = changes.error.issues;
    throw inputError(
      'bounce_limits_invalid',
      `${issue?.path.join('.') ?? 'a limit'}: ${issue?.message ?? 'is not valid'}`,
    );
  }
  const limits =
    Object.keys(options).length === 0
      ? await readBounceLimits(deps.db)
      : await changeBounceLimits(deps, changes.data, CLI_ACTOR);
  output.result(describe(limits), limits);
}

function describe(limits: BounceLimits): readonly string[] {
  const { window, hardPercent, hardAtLeast, refusedPercent, refusedAtLeast, softFailures, softDays } = limits;
  return [
    `a campaign halts when of its last ${window} outcomes more than ${hardPercent} % (at least ${hardAtLeast}) went to nobody`,
    `a campaign halts when of its last ${window} outcomes more than ${refusedPercent} % (at least ${refusedAtLeast}) were refused as spam or unauthenticated`,
    `an address is closed after ${softFailures} soft refusals within ${softDays} days, with no acceptance in between`,
  ];
}

function toPercent(text: string): number {
  const value = Number(text);
  if (!/^\d+(?:\.\d+)?$/.test(text) || value <= 0 || value > 100) {
    throw new InvalidArgumentError('It must be a number above 0, up to 100.');
  }
  return value;
}
