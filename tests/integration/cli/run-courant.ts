import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { text } from 'node:stream/consumers';
import { runCli } from '../../../src/cli/run-cli.ts';
import type { Terminal } from '../../../src/cli/terminal.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));

export interface CommandRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type Settings = Readonly<Record<string, string>>;

/** The command as a script runs it: a process of its own, no terminal. */
export async function runCourant(settings: Settings, ...args: string[]): Promise<CommandRun> {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH, HOME, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? -1));
  });
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { exitCode, stdout, stderr };
}

/** The same in this process, at a terminal where a person gives `answer` when asked. */
export async function runAtTerminal(settings: Settings, answer: string, ...args: string[]): Promise<CommandRun> {
  const out: string[] = [];
  const notes: string[] = [];
  const terminal: Terminal = {
    out: (line) => void out.push(line),
    note: (line) => void notes.push(line),
    canAsk: true,
    canRedraw: true,
    columns: 80,
    redraw: (line) => void notes.push(line),
    ask: (question) => {
      notes.push(question);
      return Promise.resolve(answer);
    },
  };
  const exitCode = await runCli(args, { environment: settings, terminal });
  return { exitCode, stdout: out.join('\n'), stderr: notes.join('\n') };
}
