import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Logger } from '../logging/index.ts';
import { EXIT_SETTING, isRoleMessage, SUPERVISED_VARIABLE } from './role-messages.ts';
import type { RoleInfo } from './role-messages.ts';

export interface ChildOptions {
  readonly name: string;
  /** The module that calls `runRole`. */
  readonly entry: URL;
  /** Options of Node for the process. */
  readonly execArgv?: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How long a start may take before it counts as failed. */
  readonly readyWithinMs?: number;
  /** Doubles with each failure in a row, up to half a minute. */
  readonly firstBackoffMs?: number;
}

/** Why a child is not started again. */
export interface ChildFailure {
  readonly kind: 'setting' | 'crashed';
  readonly name: string;
  readonly message: string;
}

/** Before a child was ever ready, so many starts may fail; later it is started again for as long as it takes. */
const FIRST_STARTS = 3;
const MAX_BACKOFF_MS = 30_000;
/** A child that lived this long is taken for healthy, and its next crash starts again at once. */
const STABLE_MS = 60_000;

/** One role process that is kept running. */
export class SupervisedChild {
  /** Settles at the first `ready`. */
  readonly ready: Promise<RoleInfo>;
  /** Settles when it is given up; never after `stop`. */
  readonly failed: Promise<ChildFailure>;
  readonly #log: Logger;
  readonly #options: ChildOptions;
  readonly #setReady: (info: RoleInfo) => void;
  readonly #setFailed: (failure: ChildFailure) => void;
  #child: ChildProcess | undefined;
  #restart: NodeJS.Timeout | undefined;
  #wasReady = false;
  #stopping = false;
  #failures = 0;

  constructor(deps: { readonly log: Logger }, options: ChildOptions) {
    const ready = Promise.withResolvers<RoleInfo>();
    const failed = Promise.withResolvers<ChildFailure>();
    this.ready = ready.promise;
    this.failed = failed.promise;
    this.#setReady = ready.resolve;
    this.#setFailed = failed.resolve;
    this.#log = deps.log;
    this.#options = options;
    this.#start();
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** SIGTERM, and SIGKILL after `withinMs`; resolves when the process is gone. */
  async stop(withinMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    const child = this.#child;
    if (child === undefined) {
      return;
    }
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const cutOff = setTimeout(() => {
      this.#log.warn({ child: this.#options.name, withinMs }, 'child did not stop in time and is killed');
      child.kill('SIGKILL');
    }, withinMs);
    await gone;
    clearTimeout(cutOff);
  }

  #start(): void {
    const { entry, env, execArgv = [], readyWithinMs = 60_000 } = this.#options;
    const startedAt = performance.now();
    let message: string | undefined;
    const child = fork(entry, {
      env: { ...env, [SUPERVISED_VARIABLE]: '1' },
      execArgv: [...execArgv],
      // stdout is for the lines that a person reads; whatever a role prints goes where the logs go.
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    this.#child = child;
    const tooSlow = setTimeout(() => {
      message = `not ready after ${readyWithinMs} ms`;
      child.kill('SIGKILL');
    }, readyWithinMs);
    child.on('message', (sent) => {
      if (!isRoleMessage(sent)) {
        return;
      }
      if (sent.type === 'failed') {
        message = sent.message;
        return;
      }
      clearTimeout(tooSlow);
      this.#wasReady = true;
      this.#setReady(sent.info);
    });
    const ended = (how: string, exitCode: number | null): void => {
      clearTimeout(tooSlow);
      this.#child = undefined;
      this.#onEnd({ message: message ?? how, exitCode, lifeMs: performance.now() - startedAt });
    };
    onceGone(child, ended);
  }

  #onEnd(end: { readonly message: string; readonly exitCode: number | null; readonly lifeMs: number }): void {
    const { name, firstBackoffMs = 250 } = this.#options;
    if (this.#stopping) {
      return;
    }
    this.#failures = end.lifeMs > STABLE_MS ? 1 : this.#failures + 1;
    if (end.exitCode === EXIT_SETTING) {
      this.#setFailed({ kind: 'setting', name, message: end.message });
      return;
    }
    if (!this.#wasReady && this.#failures >= FIRST_STARTS) {
      this.#setFailed({ kind: 'crashed', name, message: end.message });
      return;
    }
    const backoffMs = Math.min(firstBackoffMs * 2 ** (this.#failures - 1), MAX_BACKOFF_MS);
    this.#log.error({ child: name, end: end.message, backoffMs }, 'child ended unexpectedly and is started again');
    this.#restart = setTimeout(() => this.#start(), backoffMs);
  }
}

/** The last message may arrive after the exit: the end of the channel comes behind both. */
function onceGone(child: ChildProcess, gone: (how: string, exitCode: number | null) => void): void {
  child.once('error', (error) => {
    if (child.pid === undefined) {
      gone(error.message, null);
    }
  });
  child.once('exit', (exitCode, signal) => {
    const tell = (): void => gone(signal ?? `exit ${exitCode}`, exitCode);
    if (child.connected) {
      child.once('disconnect', tell);
    } else {
      tell();
    }
  });
}

/** Starts a role as a process of its own and keeps it running. */
export function superviseChild(deps: { readonly log: Logger }, options: ChildOptions): SupervisedChild {
  return new SupervisedChild(deps, options);
}
