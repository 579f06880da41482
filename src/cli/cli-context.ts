import type { Deps } from '../compose.ts';
import type { Output } from './output.ts';
import type { Terminal } from './terminal.ts';

/** What a group of commands is given. Use cases are imported when one of them runs: most of a command's time is import. */
export interface CliContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
  output(): Output;
  /** Opens database and queue, does the work, sends what was rung, closes. */
  withDeps(work: (deps: Deps, output: Output) => Promise<void>): Promise<void>;
}
