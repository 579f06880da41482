import { Command } from 'commander';
import { accountCommands } from './account-commands.ts';
import { backupCommands } from './backup-commands.ts';
import { bounceCommands } from './bounce-commands.ts';
import { campaignCommands } from './campaign-commands.ts';
import { toFailure } from './cli-error.ts';
import type { CliContext } from './cli-context.ts';
import { consentCommands } from './consent-commands.ts';
import { demoCommands } from './demo-command.ts';
import { digestCommands } from './digest-commands.ts';
import { dkimCommands } from './dkim-commands.ts';
import { feedCommands } from './feed-commands.ts';
import { limitCommands } from './limit-commands.ts';
import { legalCommands } from './legal-commands.ts';
import { newsletterCommands } from './newsletter-commands.ts';
import { createOutput } from './output.ts';
import { openSession } from './session.ts';
import { sendingCommands } from './sending-commands.ts';
import { subscriberCommands } from './subscriber-commands.ts';
import { subscribersCommands } from './subscribers-commands.ts';
import { systemCommands } from './system-commands.ts';
import type { Terminal } from './terminal.ts';

export interface CliOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
}

/** Runs one command. @returns its exit code: 0, 1 failed, 2 usage, 78 setting. */
export async function runCli(args: readonly string[], options: CliOptions): Promise<number> {
  const program = createProgram(options);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return 0;
  } catch (thrown) {
    const { exitCode, error } = toFailure(thrown);
    if (error !== null) {
      options.terminal.note(
        program.opts()['json'] === true ? JSON.stringify(error) : `${error.code}: ${error.message}`,
      );
    }
    return exitCode;
  }
}

function createProgram({ environment, terminal }: CliOptions): Command {
  const program = new Command('courant')
    .description('Newsletter subscriptions with provable consent, and a mailer that loses nobody.')
    .option('--json', 'print results and errors as JSON')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.note(text.trimEnd()),
      outputError: (text, write) => write(`usage: ${text.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ')}`),
    })
    .exitOverride();
  const output = () => createOutput(terminal, program.opts()['json'] === true);
  const context: CliContext = {
    environment,
    terminal,
    output,
    withDeps: async (work) => {
      const session = await openSession(environment, (line) => terminal.note(line));
      try {
        await work(session.deps, output());
      } finally {
        await session.close();
      }
    },
  };
  for (const addCommands of COMMAND_GROUPS) {
    addCommands(program, context);
  }
  return program;
}

const COMMAND_GROUPS = [
  systemCommands,
  accountCommands,
  newsletterCommands,
  feedCommands,
  digestCommands,
  campaignCommands,
  limitCommands,
  bounceCommands,
  subscriberCommands,
  subscribersCommands,
  consentCommands,
  legalCommands,
  dkimCommands,
  sendingCommands,
  backupCommands,
  demoCommands,
];
