import type { Command } from 'commander';
import type { Deps } from '../compose.ts';
import type { SendingState, WaitingMails } from '../holds/index.ts';
import { CLI_ACTOR } from '../shared/actor.ts';
import { AppError } from '../shared/app-error.ts';
import type { CliContext } from './cli-context.ts';
import { formatInstant } from './output.ts';
import type { Output } from './output.ts';
import type { Terminal } from './terminal.ts';

export function sendingCommands(program: Command, context: CliContext): void {
  program
    .command('release')
    .description('after a restore or a long stop: show what waits, and let campaigns and issues go')
    .option('--yes', 'do not ask')
    .action(({ yes }: { yes?: true }) =>
      context.withDeps((deps, output) => release(deps, { terminal: context.terminal, output }, yes === true)),
    );

  const group = program.command('sending').description('the kill switch, and what holds mails back');
  group
    .command('status')
    .description('what holds mails back, what waits, which workers live')
    .action(() => context.withDeps(showStatus));
  group
    .command('stop')
    .description('the kill switch: within seconds no mail leaves any more, confirmations included')
    .action(() =>
      context.withDeps(async (deps, output) => {
        const { stopSending } = await import('../holds/index.ts');
        const isNew = await stopSending(deps, CLI_ACTOR);
        output.result([], { stopped: true });
        output.note(isNew ? 'Nothing is sent any more.' : 'All was stopped already.');
        output.note('Go on with: npm run -s courant -- sending resume');
      }),
    );
  group
    .command('resume')
    .description('take the kill switch back')
    .action(() =>
      context.withDeps(async (deps, output) => {
        const { readHolds, resumeSending } = await import('../holds/index.ts');
        const wasStopped = await resumeSending(deps, CLI_ACTOR);
        output.result([], { stopped: false });
        output.note(wasStopped ? 'It goes on.' : 'Nothing was stopped.');
        if ((await readHolds(deps.db)).hold !== null) {
          output.note('Campaigns and issues are still held: npm run -s courant -- release');
        }
      }),
    );
}

/** A person is asked; a script has decided already. */
async function release(
  deps: Deps,
  { terminal, output }: { readonly terminal: Terminal; readonly output: Output },
  isSure: boolean,
): Promise<void> {
  const { readSending, releaseSending } = await import('../holds/index.ts');
  const state = await readSending(deps);
  if (state.hold === null) {
    output.result([], { released: false, waiting: null });
    output.note('Campaigns and issues are not held.');
    return;
  }
  for (const line of [...describeHold(state), ...describeWaiting(state.waiting)]) {
    output.note(line);
  }
  if (terminal.canAsk && !isSure) {
    const answer = await terminal.ask('Let them go? [y/N] ');
    if (!/^y(?:es)?$/i.test(answer.trim())) {
      throw new AppError('conflict', 'not_confirmed', 'campaigns and issues are still held');
    }
  }
  await releaseSending(deps, CLI_ACTOR);
  output.result([], { released: true, waiting: state.waiting });
  output.note(state.stop === null ? 'Released.' : 'Released, but the kill switch is on: courant sending resume');
}

async function showStatus(deps: Deps, output: Output): Promise<void> {
  const { readSending } = await import('../holds/index.ts');
  const state = await readSending(deps);
  const { live } = state.workers;
  output.result(
    [
      ...describeHold(state),
      ...(state.stop === null && state.hold === null ? ['sending: nothing holds mails back'] : []),
      `workers: ${live === 0 ? 'none runs; start one with: npm run worker' : `${live} at work`}`,
      ...(state.relayError === null ? [] : [`relay: ${state.relayError}`]),
      ...describeWaiting(state.waiting),
    ],
    state,
  );
}

function describeHold({ stop, hold }: Pick<SendingState, 'stop' | 'hold'>): readonly string[] {
  return [
    ...(stop === null ? [] : [`stopped: everything, since ${formatInstant(stop.since)} UTC, by ${stop.by}`]),
    ...(hold === null
      ? []
      : [
          hold.reason === 'restored'
            ? `held: campaigns and issues, since a backup of ${formatInstant(hold.lastWorkAt)} UTC was restored`
            : `held: campaigns and issues, since no worker ran from ${formatInstant(hold.lastWorkAt)} to ${formatInstant(hold.since)} UTC`,
        ]),
  ];
}

function describeWaiting(waiting: WaitingMails | null): readonly string[] {
  if (waiting === null) {
    return [];
  }
  const lines = [
    ...waiting.campaigns.map(
      ({ id, kind, subject, newsletterName, readers }) =>
        `${kind} ${id} of ${newsletterName}, "${subject}": ${readers} readers have not got it`,
    ),
    ...waiting.newsletters.map(
      ({ name, dueAt, readers }) =>
        `${name} was due ${formatInstant(dueAt)} UTC: one issue will be collected for ${readers} readers`,
    ),
  ];
  return lines.length === 0 ? ['waiting: nothing that would go out at once'] : lines.map((line) => `waiting: ${line}`);
}
