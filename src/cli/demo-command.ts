import type { Command } from 'commander';
import type { Balance } from '../demo/index.ts';
import { AppError, asError } from '../shared/app-error.ts';
import { systemRandom } from '../shared/random.ts';
import type { CliContext } from './cli-context.ts';
import { alignColumns } from './output.ts';
import { stoppable } from './stoppable.ts';

export function demoCommands(program: Command, context: CliContext): void {
  const group = program.command('demo').description('see for yourself; nothing of it stays');
  group
    .command('crash')
    .description(
      '2,000 mails from a throwaway database, workers killed with kill -9, and the balance by the mail server’s own log',
    )
    .action(() => stoppable((signal) => demonstrateCrash(context, signal)));
}

async function demonstrateCrash({ output }: CliContext, signal: AbortSignal): Promise<void> {
  const { isClean, runCrashDemo } = await import('../demo/index.ts');
  const { note, result } = output();
  const startedAt = performance.now();
  const tell = (line: string): void =>
    note(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(5)} s  ${line}`);
  let balance: Balance;
  try {
    balance = await runCrashDemo({ random: systemRandom, tell, signal });
  } catch (error) {
    throw signal.aborted ? new AppError('conflict', 'demo_stopped', 'stopped; nothing of it is left') : asError(error);
  }
  note('');
  result(describeBalance(balance), balance);
  if (!isClean(balance)) {
    throw new AppError('conflict', 'demo_unbalanced', 'the ledger and the log of the mail server do not agree');
  }
  note('Nobody lost, nobody mailed twice.');
}

function describeBalance(balance: Balance): readonly string[] {
  const { readers, taken, accepted, ambiguous, ambiguousTaken, lost, doubled, phantom } = balance;
  return alignColumns([
    ['readers', `${readers}`, `= ${accepted} accepted + ${ambiguous} in doubt`],
    ['at the server', `${taken}`, 'mails in its own log'],
    ['lost', `${lost}`, 'booked as accepted, and not in that log'],
    ['doubled', `${doubled}`, 'readers who are in that log twice'],
    ['invented', `${phantom}`, 'in that log, and not in the ledger'],
    [
      'in doubt',
      `${ambiguous}`,
      `a worker died between the final dot and the reply; listed and not sent again (the server has ${ambiguousTaken} of them)`,
    ],
  ]);
}
