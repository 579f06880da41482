import type { Figure } from './figure.ts';

export interface BenchContext {
  /** Ends whatever was started, in the opposite order, also after a failure or Ctrl-C. */
  readonly cleanup: AsyncDisposableStack;
  /** Aborted by Ctrl-C or SIGTERM: start nothing more, end what is under way. */
  readonly stopped: AbortSignal;
  /** One line about what is going on, for the person who waits. */
  say(line: string): void;
  /** Where CPU profiles go; undefined when none are wanted. Profiling costs speed: such figures are not to be kept. */
  readonly profileFolder: string | undefined;
}

export interface BenchResult {
  readonly figures: readonly Figure[];
  /** How it was measured, as far as this run differs from another. */
  readonly notes: readonly string[];
}

export type Benchmark = (context: BenchContext) => Promise<BenchResult>;
