import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import type { Deps } from '../compose.ts';
import type { LimitStanding } from '../limits/index.ts';
import { CLI_ACTOR } from '../shared/actor.ts';
import { inputError } from '../shared/app-error.ts';
import { toPositiveInteger } from './arguments.ts';
import type { CliContext } from './cli-context.ts';
import { alignColumns, formatInstant } from './output.ts';
import type { Output } from './output.ts';

interface LimitOptions {
  readonly perSecond?: number;
  readonly perHour?: number;
  readonly perDay?: number;
  readonly concurrency?: number;
}

const SCOPES = 'overall, relay:HOST:PORT, domain:NAME, or domain:* for every domain by itself';

export function limitCommands(program: Command, context: CliContext): void {
  const group = program.command('limit').description('how much may be sent, for all workers together');

  group
    .command('list')
    .description('limits, what of them is used, and what is paused')
    .action(() => context.withDeps(showLimits));

  group
    .command('set <scope>')
    .description(`limit ${SCOPES}; what is not named is not limited`)
    .option('--per-second <n>', 'evenly spread; may be a fraction', toRate)
    .option('--per-hour <n>', 'in any hour', toPositiveInteger)
    .option('--per-day <n>', 'in any 24 hours', toPositiveInteger)
    .option('--concurrency <n>', 'messages under way at once; of a relay and overall, connections', toPositiveInteger)
    .action((scope: string, options: LimitOptions) =>
      context.withDeps(async (deps, output) => {
        const { limitSchema, setLimit } = await import('../limits/index.ts');
        const limit = limitSchema.parse(options);
        await setLimit(deps, { scope: await readScope(scope), limit, actor: CLI_ACTOR });
        await showLimits(deps, output);
      }),
    );

  group
    .command('clear <scope>')
    .description('limit it no more')
    .action((scope: string) =>
      context.withDeps(async (deps, output) => {
        const { clearLimit } = await import('../limits/index.ts');
        await clearLimit(deps, { scope: await readScope(scope), actor: CLI_ACTOR });
        await showLimits(deps, output);
      }),
    );
}

async function readScope(text: string) {
  const { scopeSchema } = await import('../limits/index.ts');
  const { success, data } = scopeSchema.safeParse(text);
  if (!success) {
    throw inputError('scope_invalid', `${text} is no scope; use ${SCOPES}`);
  }
  return data;
}

async function showLimits(deps: Deps, output: Output): Promise<void> {
  const { listLimits } = await import('../limits/index.ts');
  const limits = await listLimits(deps, await deps.findRelays());
  output.result(alignColumns(limits.map(describe)), { limits });
  if (limits.length === 0) {
    output.note('Nothing is limited.');
  }
}

function describe(standing: LimitStanding): readonly string[] {
  const { scope, limit, source, usedLastHour, usedLastDay, pausedUntil, pauseReason } = standing;
  const parts = [
    name(limit?.perSecond, (count) => `${count}/s`),
    name(limit?.perHour, (count) => `${usedLastHour} of ${count} in an hour`),
    name(limit?.perDay, (count) => `${usedLastDay} of ${count} in a day`),
    name(limit?.concurrency, (count) => `${count} at once`),
    // By the limit for every domain.
    limit === null && usedLastHour > 0 ? `${usedLastHour} in an hour` : '',
    limit === null && usedLastDay > 0 ? `${usedLastDay} in a day` : '',
    source === 'settings' ? 'from SMTP_URL' : '',
    pausedUntil === null ? '' : `paused until ${formatInstant(pausedUntil)} UTC (${pauseReason ?? ''})`,
  ];
  return [scope, parts.filter((part) => part !== '').join(', ')];
}

function name(value: number | null | undefined, words: (value: number) => string): string {
  return value === null || value === undefined ? '' : words(value);
}

function toRate(text: string): number {
  const rate = Number(text);
  if (!/^\d+(?:\.\d+)?$/.test(text) || rate === 0) {
    throw new InvalidArgumentError('It must be a number above zero.');
  }
  return rate;
}
